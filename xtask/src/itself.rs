//! Checks that this program was compiled from its current sources: cargo goes by file times here, too.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use include_dir::{Dir, File as Source, include_dir};
use walkdir::{DirEntry, WalkDir};

use crate::project::Project;

/// The sources that this program was compiled from.
static SOURCES: Dir = include_dir!("$CARGO_MANIFEST_DIR/src");

/// Fails if a source of this program or of the crate `unstale` has changed, and touches one, so that cargo compiles the
/// program in the next run.
pub(crate) fn check(project: &Project) -> Result<()> {
    let own = project.root.join("xtask/src");
    if let Some(changed) = changed_source(&own)? {
        return compile_again(project, &own.join("main.rs"), &changed);
    }
    let library = project.root.join("unstale/src");
    if let Some(changed) = unstale::changed_source(&library) {
        return compile_again(project, &library.join("lib.rs"), &changed);
    }
    Ok(())
}

fn changed_source(src: &Path) -> Result<Option<PathBuf>> {
    let is_hidden = |entry: &DirEntry| entry.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(src).into_iter().filter_entry(|entry| !is_hidden(entry)) {
        let path = entry.with_context(|| format!("cannot read {}", src.display()))?.into_path();
        let compiled = SOURCES.get_file(path.strip_prefix(src)?).map(Source::contents);
        if path.is_file() && compiled != Some(&fs::read(&path)?) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn compile_again(project: &Project, touched: &Path, changed: &Path) -> Result<()> {
    let file = File::options().write(true).open(touched);
    file.and_then(|file| file.set_modified(SystemTime::now()))
        .with_context(|| format!("cannot touch {}", touched.display()))?;
    let changed = changed.strip_prefix(&project.root).unwrap_or(changed);
    bail!("{} changed since `cargo xtask` was compiled: run the same command again", changed.display())
}
