//! What can go wrong, in words for whoever runs the build.

use std::io;
use std::path::{Path, PathBuf};

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a build could not be begun, finished or checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read, written, dated or locked.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },

    /// A program could not be started.
    #[error("cannot start `{program}`")]
    Start {
        /// The program.
        program: String,
        /// The system's error.
        source: io::Error,
    },

    /// Cargo does not accept the workspace.
    #[error("cannot read the workspace: {0}")]
    Workspace(String),

    /// The sources of a path dependency are not in the checkout, so no snapshot has them.
    #[error("the crate `{package}` is outside of the checkout, in {}: move it inside", dir.display())]
    OutsideCheckout {
        /// The crate's name.
        package: String,
        /// Its folder.
        dir: PathBuf,
    },

    /// A local crate is in the lock file, but not among the crates that cargo was asked for.
    #[error(
        "only another platform or feature needs the crate `{package}`: ask cargo with `--all-features` and without \
         `--filter-platform`"
    )]
    Unseen {
        /// The crate's name.
        package: String,
    },

    /// `include` in a manifest is not a list of paths in the checkout that exist.
    #[error("`include` in [package.metadata.unstale] of `{package}` {problem}")]
    Include {
        /// The crate whose manifest it is.
        package: String,
        /// What is wrong with it.
        problem: String,
    },

    /// A path of a crate cannot be a line of a digest.
    #[error("{path:?}: a crate's path must be UTF-8, without line breaks or backslashes: rename it")]
    Name {
        /// The path.
        path: PathBuf,
    },

    /// The compiler or a build script did not leave the list of files that it read.
    #[error(
        "cannot tell what `{package}` was built from: {} is missing. This version of cargo may keep it elsewhere: \
         update `unstale`",
        path.display()
    )]
    NoDepInfo {
        /// The crate's name or folder.
        package: String,
        /// Where the list was expected.
        path: PathBuf,
    },

    /// Cargo has compiled a crate into a folder that is no profile's, so that nobody could make cargo forget it.
    #[error("{} is in no folder of a profile: this version of cargo has another layout: update `unstale`", dir.display())]
    Layout {
        /// Where the crate is.
        dir: PathBuf,
    },

    /// The program cannot be the wrapper.
    #[error(
        "the program has to call `unstale::run_as_wrapper` before it builds, as cargo calls it in the place of rustc"
    )]
    NoWrapper,

    /// A target directory whose path cargo takes for a template.
    #[error("cargo cannot use {} as a `build-dir`, because of its braces: choose another target directory", path.display())]
    Braces {
        /// The target directory.
        path: PathBuf,
    },
}

impl Error {
    /// Adds what was tried, and with which file, to an error of the system.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Whether a file or folder is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}
