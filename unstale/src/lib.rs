//! Makes cargo build what the sources say, whatever the times of files are.
//!
//! Cargo goes by file times. Archives, containers, checkouts and caches change those, so a build with a warm target directory
//! can leave old code in place without an error. This crate stands around a call of cargo and prevents that: it compares
//! contents, and lets cargo decide who has to be compiled again. [`Build`] says how.
//!
//! # Words
//!
//! - The *checkout* is the folder with all sources of a workspace; a *local crate* is one whose sources are there: a member,
//!   another path dependency, a patched or a vendored crate.
//! - A *unit* is what cargo calls rustc for: a crate with a profile, a target and features. A *fingerprint* is what cargo
//!   keeps to see whether a unit is up to date, and *dep-info* is the list of files that rustc has read for it.
//! - A *target directory* is where cargo builds. It holds a folder for each *profile*, and for each target that is named.
//! - A [`Snapshot`] is what is in the checkout at a moment. A *record* is the snapshot that a target directory was last
//!   built from, with the time at which the directory first saw each content.
//! - A *digest* is one hash for a [set of files](FileSet).
//!
//! # Example
//!
//! ```no_run
//! use std::process::Command;
//!
//! use unstale::{Build, Options, Scope, Snapshot, TargetDir, Times, Toolchain, Workspace};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // Cargo calls this program in the place of rustc, too.
//!     if let Some(code) = unstale::run_as_wrapper() {
//!         std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
//!     }
//!     let root = std::env::current_dir()?;
//!     let options = Options {
//!         scope: Scope::default(),
//!         times: Times::OfCheckout,
//!         toolchain: Toolchain::default(),
//!         remap: Vec::new(),
//!         compiler_cache: true,
//!     };
//!
//!     let workspace = Workspace::read(&root, &root, &[])?;
//!     let snapshot = Snapshot::take(&workspace, options.scope)?;
//!     let dir = TargetDir::lock(&root.join("target"), || eprintln!("waiting for another build"))?;
//!     let build = Build::begin(&workspace, snapshot, &dir, &options)?;
//!
//!     let mut cargo = Command::new("cargo");
//!     cargo.arg("build").args(dir.cargo_options(&workspace)?).envs(build.variables());
//!     let status = cargo.status()?;
//!     if status.success() {
//!         for uncovered in build.uncovered(None)? {
//!             eprintln!("warning: {uncovered}");
//!         }
//!     }
//!     for path in build.finish(status.success())?.changed {
//!         eprintln!("warning: {path} changed while it was built: build again");
//!     }
//!     Ok(())
//! }
//! ```

mod build;
mod check;
mod dep_info;
mod error;
mod file_set;
mod record;
mod snapshot;
mod sources;
mod status;
mod target_dir;
mod toolchain;
mod workspace;
mod wrapper;

pub use crate::build::{Build, Distrust, Finished, Options, Times};
pub use crate::check::{Product, Uncovered};
pub use crate::error::{Error, Result};
pub use crate::file_set::{Change, FileSet, hash};
pub use crate::snapshot::{Scope, Snapshot};
pub use crate::sources::changed_source;
pub use crate::status::Status;
pub use crate::target_dir::{TargetDir, Workers};
pub use crate::toolchain::Toolchain;
pub use crate::workspace::{LocalCrate, Workspace};
pub use crate::wrapper::{Remap, run_as_wrapper};
pub use cargo_metadata;
