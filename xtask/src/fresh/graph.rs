//! The local packages: those whose sources are in the checkout.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId, Target};

/// A package, and the local packages of its workspace.
pub(crate) struct Graph {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// What cargo says of the workspace.
    pub(crate) metadata: Metadata,
    /// The package itself, as its Cargo.toml describes it.
    pub(crate) package: Package,
    /// By cargo's id: members, `[patch]`ed and vendored packages, proc macros, and what only tests need.
    pub(crate) locals: BTreeMap<String, Local>,
}

/// A package whose sources are in the checkout.
pub(crate) struct Local {
    pub(crate) package: Package,
    /// Its folder, from the root, with `/`.
    pub(crate) dir: String,
    /// Whether the package is built from it.
    pub(crate) is_built: bool,
    /// Other files and folders that it is built from, with paths from the root.
    pub(crate) include: Vec<String>,
}

impl Local {
    pub(super) fn has_build_script(&self) -> bool {
        self.package.targets.iter().any(Target::is_custom_build)
    }
}

impl Graph {
    /// Reads the workspace of a package, which is in a folder of its own name in `root`. Asks cargo for all features and
    /// all platforms, so that the same sources give the same graph everywhere. Fails if Cargo.lock does not match, or a
    /// local package is outside of the checkout.
    pub(crate) fn read(root: &Path, name: &str) -> Result<Self> {
        let mut command = MetadataCommand::new();
        command.current_dir(root.join(name)).other_options(["--locked", "--all-features"].map(str::to_owned));
        // Cargo's own hint does not help a user who did not write that flag.
        let stale = "Cargo.lock does not match the Cargo.toml files: run `cargo update --workspace`";
        let said = |said: String| if said.contains("--locked") { stale.to_owned() } else { said };
        let metadata =
            command.exec().map_err(|error| anyhow!("cannot read the workspace: {}", said(error.to_string())))?;
        let package = metadata.workspace_packages().into_iter().find(|package| *package.name == name);
        let package = package.with_context(|| format!("the workspace has no package `{name}`"))?.clone();
        let built = built_from(&metadata, &package.id)?;
        let locals = metadata.packages.iter().map(|package| local(root, package, built.contains(&package.id)));
        let locals = locals.filter_map(Result::transpose).collect::<Result<_>>()?;
        Ok(Self { root: root.to_owned(), metadata, package, locals })
    }
}

/// The ids of a package and of all that it is built from. What only tests need is left out.
fn built_from(metadata: &Metadata, package: &PackageId) -> Result<BTreeSet<PackageId>> {
    let resolve = metadata.resolve.as_ref().context("`cargo metadata` resolves no dependencies")?;
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let (mut found, mut next) = (BTreeSet::new(), vec![package]);
    while let Some(id) = next.pop() {
        if found.insert(id.clone()) {
            let is_built =
                |kinds: &[cargo_metadata::DepKindInfo]| kinds.iter().any(|it| it.kind != DependencyKind::Development);
            next.extend(nodes[id].deps.iter().filter(|dep| is_built(&dep.dep_kinds)).map(|dep| &dep.pkg));
        }
    }
    Ok(found)
}

/// A package and its id, if its sources are in the checkout.
fn local(root: &Path, package: &Package, is_built: bool) -> Result<Option<(String, Local)>> {
    let dir = package.manifest_path.parent().context("a Cargo.toml without a folder")?.as_std_path();
    // Some CI systems keep a cache of the registry in the checkout. Cargo never changes what is there.
    let is_cached = package.source.is_some() && !dir.join(".cargo-checksum.json").exists();
    let inside = relative(root, dir);
    if is_cached && (inside.is_none() || dir.starts_with(cargo_home())) {
        return Ok(None);
    }
    let dir = inside.with_context(|| {
        let (name, dir) = (&package.name, dir.display());
        format!(
            "the package `{name}` is outside of the checkout, in {dir}: move it inside, so that its digest is compared"
        )
    })?;
    let include = serde_json::from_value::<Option<_>>(package.metadata["digest"]["include"].clone());
    let include = include
        .with_context(|| format!("`include` in [package.metadata.digest] of `{}` must list strings", package.name))?;
    let (package, include) = (package.clone(), include.unwrap_or_default());
    Ok(Some((package.id.repr.clone(), Local { package, dir, is_built, include })))
}

/// Where cargo keeps its registry and the user's configuration.
pub(super) fn cargo_home() -> PathBuf {
    let home = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// `path` from the root, with `/`; `None` if it is outside or is not UTF-8.
pub(super) fn relative(root: &Path, path: &Path) -> Option<String> {
    Some(path.strip_prefix(root).ok()?.to_str()?.replace(std::path::MAIN_SEPARATOR, "/"))
}
