//! What a package is made from, as it is on disk.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use unstale::{Error, FileSet, Scope, Snapshot, Workspace};

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
            bail!("Cargo.lock does not match the Cargo.toml files: run `cargo update --workspace`")
        }
        read => Ok(read?),
    }
}

fn inputs(workspace: &Workspace, files: &FileSet) -> Result<Inputs> {
    let binding = workspace.member(BINDING).with_context(|| format!("the workspace has no crate `{BINDING}`"))?;
    let built = workspace.built_from(&binding.id);

    let mut crates = BTreeMap::new();
    for local in workspace.crates.values().filter(|local| built.contains(&local.id)) {
        crates.insert(local.name.clone(), FileSet::default());
    }
    for (path, hash) in files.iter() {
        for local in workspace.compiled_from(path, SCOPE) {
            if let Some(own) = crates.get_mut(&local.name) {
                own.insert(path.to_owned(), hash.to_owned());
            }
        }
    }

    let mut module = files.filtered(|path| BUILD.contains(&path) || workspace.is_setting(path));
    for own in crates.values() {
        module.extend(own);
    }
    let mut package = files.filtered(is_extra);
    package.extend(&module);
    Ok(Inputs { crates, module, package })
}

fn is_extra(path: &str) -> bool {
    is_copied(path) || EXTRA.iter().any(|extra| path == *extra || (extra.ends_with('/') && path.starts_with(extra)))
}

/// Whether a file of the root is copied into the package: the licences are.
pub(crate) fn is_copied(path: &str) -> bool {
    path.starts_with("LICENSE") && !path.contains('/')
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
