//! `cargo xtask verify`: checks that the package matches the sources on disk.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use unstale::{Change, FileSet};

use crate::compile::{Compiler, Profile};
use crate::package::{self, BuildInfo};
use crate::pipeline::Pipeline;
use crate::project::{BINDING, Project};
use crate::sources::{Inputs, Sources};
use crate::tools::Tools;

/// A package that was built from nothing and has the same bytes.
pub(crate) struct Rebuilt<'a> {
    pub(crate) dir: PathBuf,
    /// Keeps other builds out of the folder.
    _compiler: Compiler<'a>,
}

/// Compares, and prints what the package was built from.
pub(crate) fn run(project: &Project, rebuild: bool) -> Result<()> {
    let info = check(project)?;
    if rebuild {
        let tools = Tools::ensure(project)?;
        rebuild_and_compare(project, &tools, &info)?;
    }
    println!("wasm-client/pkg matches the sources: package digest {}, {} profile", info.package_digest, info.profile);
    Ok(())
}

/// Refuses a package that is missing, that `cargo xtask build` did not make, that was changed since, or that was built
/// from other sources, and names the crates and files that differ.
pub(crate) fn check(project: &Project) -> Result<BuildInfo> {
    let inputs = Sources::read(project, BINDING)?.inputs()?;
    compare(&project.package_dir(), &inputs).map_err(|error| anyhow!("{error:#}\nRun `cargo xtask build` again"))
}

fn compare(package: &Path, inputs: &Inputs) -> Result<BuildInfo> {
    ensure!(package.is_dir(), "there is no package: {} is missing", package.display());
    let info = BuildInfo::read(package).context("the package is unverified: it does not say what it was built from")?;
    check_unchanged(package, &info)?;

    let changes = info.sources.diff(&inputs.package);
    let crates = changed_crates(&changes, inputs);
    ensure!(
        changes.is_empty(),
        "the package is stale: {crates} changed since it was built; these files differ: {}",
        joined(&changes)
    );
    Ok(info)
}

fn check_unchanged(package: &Path, info: &BuildInfo) -> Result<()> {
    let changes = info.files.diff(&package::files(package)?);
    ensure!(
        changes.is_empty(),
        "the package is unverified: these files are not as `cargo xtask build` made them: {}",
        joined(&changes)
    );
    Ok(())
}

/// Builds the package again, from nothing and without a compiler cache, and compares the bytes.
pub(crate) fn rebuild_and_compare<'a>(project: &'a Project, tools: &'a Tools, info: &BuildInfo) -> Result<Rebuilt<'a>> {
    let release = Profile::Release.name();
    ensure!(
        info.profile == release,
        "the package was built in the dev profile, without optimisations: run `cargo xtask build`"
    );

    let compiler = Compiler::in_empty_dir(project, tools)?;
    let dir = compiler.dir.path().join("package");
    let pipeline = Pipeline { compiler: &compiler, out: &dir, current: None, expect: None };
    let made = pipeline.run()?;
    ensure!(
        made.info.package_digest == info.package_digest,
        "the sources changed while the package was built again: run `cargo xtask build`, then this command again"
    );
    check_same_bytes(&info.files, &package::files(&dir)?)?;
    // Meanwhile, somebody may have built or changed the one that was compared.
    check_unchanged(&project.package_dir(), info)?;
    Ok(Rebuilt { dir, _compiler: compiler })
}

fn check_same_bytes(built: &FileSet, rebuilt: &FileSet) -> Result<()> {
    let changes = built.diff(rebuilt);
    ensure!(
        changes.is_empty(),
        "built from nothing, the same sources give another package; these files differ: {}\n\
         - An environment variable that a crate reads may have changed: run `cargo xtask build` again.\n\
         - A build script or a macro may read a file that it does not declare: declare it with \
         `cargo::rerun-if-changed` or `include_bytes!`. Building again does not help before that.\n\
         - A build script or a macro may give a different result each time: make it give the same one.",
        joined(&changes)
    );
    Ok(())
}

/// The crates that are compiled from what changed.
fn changed_crates(changes: &[Change], inputs: &Inputs) -> String {
    let mut names = Vec::new();
    for (name, files) in &inputs.crates {
        let is_of = |change: &Change| files.contains(change.path()) || is_gone_from(files, change);
        if changes.iter().any(is_of) {
            names.push(name.as_str());
        }
    }
    if names.is_empty() { "no crate".to_owned() } else { names.join(", ") }
}

/// Whether a file that is gone was beside files of a crate.
fn is_gone_from(files: &FileSet, change: &Change) -> bool {
    let Change::Removed(path) = change else { return false };
    let manifest = files.paths().find(|path| path.ends_with("Cargo.toml"));
    let dir = manifest.and_then(|path| path.strip_suffix("Cargo.toml"));
    dir.is_some_and(|dir| path.starts_with(dir))
}

fn joined(changes: &[Change]) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn set(files: &[(&str, &str)]) -> FileSet {
        let mut set = FileSet::default();
        for (path, content) in files {
            set.insert((*path).to_owned(), unstale::hash(content.as_bytes()));
        }
        set
    }

    #[test]
    fn the_crates_of_changed_added_and_removed_files_are_named() {
        let common = set(&[("common/Cargo.toml", "1"), ("common/src/lib.rs", "2"), ("common/src/new.rs", "1")]);
        let client = set(&[("wasm-client/Cargo.toml", "1")]);
        let crates = BTreeMap::from([("common".to_owned(), common), ("wasm-client".to_owned(), client)]);
        let inputs = Inputs { crates, module: FileSet::default(), package: FileSet::default() };

        let named = |change| changed_crates(&[change], &inputs);
        assert_eq!(named(Change::Changed("common/src/lib.rs".to_owned())), "common");
        assert_eq!(named(Change::Added("common/src/new.rs".to_owned())), "common");
        assert_eq!(named(Change::Removed("common/src/old.rs".to_owned())), "common");
        assert_eq!(named(Change::Changed("wasm-client/npm/index.js".to_owned())), "no crate");
        assert_eq!(named(Change::Removed("LICENSE".to_owned())), "no crate");
    }

    #[test]
    fn other_bytes_are_refused_with_what_may_be_the_cause() {
        let error = check_same_bytes(&set(&[("index.js", "1")]), &set(&[("index.js", "2")])).unwrap_err().to_string();
        assert!(error.contains("index.js (changed)") && error.contains("rerun-if-changed"), "{error}");
        check_same_bytes(&set(&[("index.js", "1")]), &set(&[("index.js", "1")])).unwrap();
    }
}
