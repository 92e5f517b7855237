//! Checks that this program was compiled from its current sources: cargo goes by file times here, too.

use std::fs::{self, File};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use include_dir::{Dir, File as Source, include_dir};
use walkdir::WalkDir;

use crate::fresh;
use crate::project::Project;

/// The sources that this program was compiled from.
static SOURCES: Dir = include_dir!("$CARGO_MANIFEST_DIR/src");

/// Fails if a source has changed, and touches `main.rs`, so that cargo compiles the program in the next run.
pub(crate) fn check(project: &Project) -> Result<()> {
    let src = project.root.join("xtask/src");
    for entry in WalkDir::new(&src).into_iter().filter_entry(|it| !fresh::is_hidden(it.path())) {
        let path = entry.with_context(|| format!("cannot read {}", src.display()))?.into_path();
        let name = path.strip_prefix(&src)?;
        if path.is_file() && SOURCES.get_file(name).map(Source::contents) != Some(&fs::read(&path)?) {
            let main = File::options().write(true).open(src.join("main.rs"));
            main.and_then(|main| main.set_modified(SystemTime::now())).context("cannot touch xtask/src/main.rs")?;
            bail!("xtask/src/{} changed since `cargo xtask` was compiled: run the same command again", name.display());
        }
    }
    Ok(())
}
