//! What a package is made from, as it is on disk.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use unstale::{Error, FileSet, LocalCrate, Scope, Snapshot, Workspace};

use crate::project::{BINDING, Project};

/// What a snapshot leaves out.
pub(crate) const SCOPE: Scope = Scope {
    skipped: &["target", "xtask/target", "unstale/target", "wasm-client/pkg", "www/dist", "dist"],
    not_compiled: &["wasm-client/npm"],
};

/// What decides how every crate is built, besides the settings that reach code through variables.
const BUILD: [&str; 3] = ["Cargo.lock", "rust-toolchain.toml", "rust-toolchain"];

/// What the package is made from besides what is compiled: JavaScript, licences, and what builds it.
#[rustfmt::skip]
const EXTRA: &[&str] = &[
    "wasm-client/npm/",
    "xtask/Cargo.toml", "xtask/Cargo.lock", "xtask/src/", "xtask/tools/",
    "unstale/Cargo.toml", "unstale/Cargo.lock", "unstale/src/",
];

/// A workspace and its files at one moment.
pub(crate) struct Sources {
    pub(crate) workspace: Workspace,
    pub(crate) snapshot: Snapshot,
}

/// The files behind each digest.
pub(crate) struct Inputs {
    /// Those of each crate that the module is compiled from, by the crate's name.
    pub(crate) crates: BTreeMap<String, FileSet>,
    /// What the module is compiled from.
    pub(crate) module: FileSet,
    /// What the npm package is made from.
    pub(crate) package: FileSet,
}

impl Sources {
    /// Reads the workspace of a crate, which is in a folder of its own name.
    pub(crate) fn read(project: &Project, member: &str) -> Result<Self> {
        let workspace = read_workspace(project, member)?;
        let snapshot = Snapshot::take(&workspace, SCOPE)?;
        Ok(Self { workspace, snapshot })
    }

    /// The files that the npm package is made from.
    pub(crate) fn inputs(&self) -> Result<Inputs> {
        inputs(&self.workspace, &self.snapshot.files())
    }
}

/// Asks cargo for all features and all platforms, so that the same sources give the same digests everywhere.
pub(crate) fn read_workspace(project: &Project, member: &str) -> Result<Workspace> {
    let options = ["--locked", "--all-features"].map(str::to_owned);
    match Workspace::read(&project.root, &project.root.join(member), &options) {
        // Cargo's own hint does not help somebody who did not write that flag.
        Err(Error::Workspace(said)) if said.contains("--locked") => {
            bail!("Cargo.lock does not match the Cargo.toml files: run `cargo update --workspace`\n{said}")
        }
        read => Ok(read?),
    }
}

fn inputs(workspace: &Workspace, files: &FileSet) -> Result<Inputs> {
    let binding = workspace.member(BINDING).with_context(|| format!("the workspace has no crate `{BINDING}`"))?;
    let built = workspace.built_from(&binding.id);

    let mut crates = BTreeMap::new();
    let mut module = files.filtered(|path| BUILD.contains(&path) || workspace.is_setting(path));
    for local in workspace.crates.values().filter(|local| built.contains(&local.id)) {
        let own = files.filtered(|path| is_compiled(workspace, local, path));
        module.extend(&own);
        crates.insert(local.name.clone(), own);
    }

    let mut package = files.filtered(is_extra);
    package.extend(&module);
    Ok(Inputs { crates, module, package })
}

/// Whether a crate's library is compiled from a file.
fn is_compiled(workspace: &Workspace, local: &LocalCrate, path: &str) -> bool {
    let is_own = || workspace.owner(path).is_some_and(|owner| owner.id == local.id);
    let is_code = || !local.is_for_tests(path) && !SCOPE.not_compiled.iter().any(|dir| is_in(path, dir));
    local.includes(path) || (local.contains(path) && is_own() && is_code())
}

fn is_extra(path: &str) -> bool {
    is_copied(path) || EXTRA.iter().any(|extra| path == *extra || (extra.ends_with('/') && path.starts_with(extra)))
}

/// Whether a file of the root is copied into the package: the licences are.
pub(crate) fn is_copied(path: &str) -> bool {
    path.starts_with("LICENSE") && !path.contains('/')
}

fn is_in(path: &str, dir: &str) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_builds_the_package_belongs_to_it() {
        assert!(is_extra("LICENSE-MIT"));
        assert!(is_extra("unstale/src/build.rs"));
        assert!(is_extra("wasm-client/npm/index.js"));
        assert!(is_extra("LICENSE.txt"));
        assert!(!is_extra("docs/LICENSE"));
        assert!(!is_extra("unstale/README.md"));
        assert!(!is_extra("xtask/clippy.toml"));
    }
}
