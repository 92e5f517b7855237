//! Where the workspace is and which crates it has, as cargo sees it.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The crate whose build is the npm package.
pub(crate) const BINDING: &str = "wasm-client";

/// The checkout that the command runs in.
pub(crate) struct Workspace {
    /// The folder of the workspace's Cargo.toml, with links resolved.
    pub(crate) root: PathBuf,
    /// All member crates, by name.
    pub(crate) crates: Vec<Crate>,
    /// The binding crate as its Cargo.toml describes it: name, version, licence and so on.
    pub(crate) binding: Package,
}

/// A member crate.
pub(crate) struct Crate {
    pub(crate) name: String,
    /// Its folder, relative to the root, with `/`.
    pub(crate) dir: String,
    /// The members that it is built from: itself and its path dependencies, theirs too.
    pub(crate) built_from: BTreeSet<String>,
    /// Files and folders beside its own that it reads when it is compiled, relative to the root.
    pub(crate) include: Vec<String>,
}

impl Crate {
    /// The environment variable that carries its digest: `COMMON_DIGEST` for `common`.
    pub(crate) fn variable(&self) -> String {
        format!("{}_DIGEST", self.name.to_uppercase().replace('-', "_"))
    }
}

impl Workspace {
    /// Finds the workspace from the current folder upwards.
    pub(crate) fn find() -> Result<Self> {
        let here = env::current_dir().context("cannot read the current folder")?;
        let root = here
            .ancestors()
            .find(|dir| dir.join(BINDING).join("Cargo.toml").is_file() && dir.join("xtask").is_dir())
            .with_context(|| {
                format!("no workspace with `{BINDING}` and `xtask` at or above {}", here.display())
            })?;
        let root = dunce::canonicalize(root)?;
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .no_deps()
            .other_options(["--locked".to_owned()])
            .exec()
            .context(
                "cannot read the workspace's Cargo.toml files; where a dependency or a version changed, \
                 `cargo update --workspace` brings Cargo.lock along",
            )?;
        let crates = crates(&root, &metadata)?;
        let binding = metadata.packages.iter().find(|package| *package.name == BINDING);
        let binding = binding.with_context(|| format!("no crate `{BINDING}` in the workspace"))?.clone();
        Ok(Self { root, crates, binding })
    }

    pub(crate) fn package_dir(&self) -> PathBuf {
        self.root.join(BINDING).join("pkg")
    }

    /// Hand-written JavaScript, package.json and README of the npm package.
    pub(crate) fn npm_dir(&self) -> String {
        format!("{BINDING}/npm")
    }

    /// The target folder: `CARGO_TARGET_DIR`, else `target`.
    pub(crate) fn target_dir(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), |dir| self.root.join(dir))
    }

    /// `path` relative to the root, with `/`; `None` where it lies outside or is no UTF-8.
    pub(crate) fn relative(&self, path: &Path) -> Option<String> {
        relative(&self.root, path)
    }
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).ok()?;
    Some(inside.to_str()?.replace(std::path::MAIN_SEPARATOR, "/"))
}

fn crates(root: &Path, metadata: &Metadata) -> Result<Vec<Crate>> {
    let members = metadata.workspace_packages();
    let dir_of = |package: &Package| -> Result<PathBuf> {
        Ok(dunce::canonicalize(package.manifest_path.parent().context("a Cargo.toml without a folder")?)?)
    };
    // The members that each one names by path, itself first; tests' dependencies are no part of a build.
    let mut direct: Vec<(String, BTreeSet<String>)> = Vec::new();
    for package in &members {
        let mut names = BTreeSet::from([package.name.to_string()]);
        for dependency in &package.dependencies {
            let Some(path) =
                dependency.path.as_ref().filter(|_| dependency.kind != DependencyKind::Development)
            else {
                continue;
            };
            let path = dunce::canonicalize(path).with_context(|| format!("cannot read {path}"))?;
            let mut found = None;
            for member in &members {
                if dir_of(member)? == path {
                    found = Some(member.name.to_string());
                }
            }
            let Some(found) = found else {
                bail!(
                    "`{}` depends on `{}` by a path outside the workspace: add that crate to `members`, so that \
                     its sources count",
                    package.name,
                    dependency.name
                );
            };
            names.insert(found);
        }
        direct.push((package.name.to_string(), names));
    }
    let mut crates = Vec::new();
    for package in &members {
        let mut built_from = BTreeSet::from([package.name.to_string()]);
        loop {
            let more: BTreeSet<String> = direct
                .iter()
                .filter(|(name, _)| built_from.contains(name))
                .flat_map(|(_, names)| names.clone())
                .collect();
            if more.is_subset(&built_from) {
                break;
            }
            built_from.extend(more);
        }
        let dir = dir_of(package)?;
        let dir = relative(root, &dir)
            .with_context(|| format!("{} lies outside the workspace, or is no UTF-8", dir.display()))?;
        let include = package.metadata["digest"]["include"].as_array().into_iter().flatten();
        let include = include
            .map(|path| path.as_str().map(str::to_owned).context("`include` is a list of strings"))
            .collect::<Result<_>>()
            .with_context(|| format!("[package.metadata.digest] of `{}`", package.name))?;
        crates.push(Crate { name: package.name.to_string(), dir, built_from, include });
    }
    crates.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(crates)
}
