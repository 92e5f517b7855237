//! `cargo unstale digest`: one hash for the contents of all that is compiled.

use std::collections::BTreeSet;

use anyhow::bail;
use unstale::cargo_metadata::PackageId;
use unstale::{Scope, Workspace};

use crate::cli::{Digest, How};
use crate::project::Project;
use crate::shell;

/// What decides how every crate is built, besides the settings that reach code through variables.
const BUILD: [&str; 3] = ["Cargo.lock", "rust-toolchain.toml", "rust-toolchain"];

pub(crate) fn run(how: &How, digest: &Digest) -> anyhow::Result<u8> {
    let project = Project::read(how, &digest.place.to_args())?;
    let workspace = &project.workspace;
    let mut packages = workspace.metadata.workspace_packages();
    if let Some(name) = &digest.package {
        packages = workspace.metadata.packages.iter().filter(|package| *package.name == *name).collect();
        packages.retain(|package| workspace.crates.values().any(|local| local.id == package.id));
        if packages.is_empty() {
            bail!("the workspace has no local crate `{name}`");
        }
    }

    let built: BTreeSet<&PackageId> = packages.iter().flat_map(|package| workspace.built_from(&package.id)).collect();
    let files = project.snapshot()?.files();
    let files = files.filtered(|path| is_of_build(workspace, path) || is_compiled(workspace, &built, path));
    let text = if digest.files { files.listing() } else { files.digest() + "\n" };
    shell::print(&text)?;
    Ok(0)
}

/// Whether a file decides how all crates are built.
fn is_of_build(workspace: &Workspace, path: &str) -> bool {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let root = workspace.relative(workspace.metadata.workspace_root.as_std_path()).unwrap_or_default();
    (dir == root && BUILD.contains(&name)) || workspace.is_setting(path)
}

/// Whether one of some crates is compiled from a file. Tests, benches and examples do not count.
fn is_compiled(workspace: &Workspace, built: &BTreeSet<&PackageId>, path: &str) -> bool {
    workspace.compiled_from(path, Scope::default()).any(|local| built.contains(&local.id))
}
