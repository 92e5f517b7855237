//! This workspace: where it is, what is in which folder, and how its commands speak.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, fmt};

use anyhow::{Context, Result};
use path_clean::PathClean;
use xshell::Shell;

/// The crate that the npm package is built from.
pub(crate) const BINDING: &str = "wasm-client";

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// npm is a script, and has another name on Windows.
pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

pub(crate) struct Project {
    pub(crate) root: PathBuf,
}

impl Project {
    /// Finds the workspace from the current folder upwards.
    pub(crate) fn find() -> Result<Self> {
        let here = env::current_dir().context("cannot read the current folder")?;
        let is_root = |dir: &&Path| dir.join(BINDING).join("Cargo.toml").is_file() && dir.join("xtask").is_dir();
        let root = here.ancestors().find(is_root);
        let root = root.with_context(|| format!("{} is not in the workspace: run this inside it", here.display()))?;
        Ok(Self { root: root.to_owned() })
    }

    /// A shell in the workspace's root.
    pub(crate) fn shell(&self) -> Result<Shell> {
        let sh = Shell::new()?;
        sh.change_dir(&self.root);
        Ok(sh)
    }

    /// The package's folder.
    pub(crate) fn package_dir(&self) -> PathBuf {
        self.root.join(BINDING).join("pkg")
    }

    /// The user's target folder: `CARGO_TARGET_DIR`, else `target`.
    pub(crate) fn target_dir(&self) -> PathBuf {
        self.root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into())).clean()
    }

    /// Whether the project has a page.
    pub(crate) fn has_page(&self) -> bool {
        self.root.join("www/package.json").is_file()
    }
}

/// Writes a line to the terminal in one call. `eprintln!` writes in several, which a container's log would split up.
pub(crate) fn say(line: fmt::Arguments) {
    // If this fails, there is nobody to tell.
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Says what a step did, and how long it took.
pub(crate) fn step(name: &str, start: Instant, said: &str) {
    say(format_args!("{name:>12}  {said} ({:.2} s)", start.elapsed().as_secs_f64()));
}
