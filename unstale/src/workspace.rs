//! The local crates: those whose sources are in the checkout, and which files belong to which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use cargo_metadata::{DepKindInfo, DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::file_set::{hash, to_slashes};
use crate::snapshot::Scope;

/// Folders of a crate that its library is hardly compiled from: where it is, its files' times tell.
const TEST_DIRS: [&str; 3] = ["benches", "examples", "tests"];

/// A workspace in a checkout, as `cargo metadata` describes it.
pub struct Workspace {
    /// The checkout: the folder that all local crates are in.
    pub root: PathBuf,
    /// What cargo says about the workspace.
    pub metadata: Metadata,
    /// Workspace members, other path dependencies, `[patch]`ed and vendored crates, by their folders.
    pub crates: BTreeMap<String, LocalCrate>,
    /// The folders of those that include files. Each file of the checkout is compared with them, and they are few.
    including: Vec<String>,
    /// A hash of the configuration that cargo finds: it may set variables, which code reads.
    pub(crate) configuration: String,
    /// Where cargo was asked, and with which configuration: another call has to see the same workspace.
    pub(crate) asked_in: PathBuf,
    pub(crate) asked_with: Vec<String>,
}

/// A crate whose sources are in the checkout.
#[derive(Clone, Debug)]
pub struct LocalCrate {
    /// Cargo's id of its package.
    pub id: PackageId,
    /// Its name.
    pub name: String,
    /// Its folder, from the root, with `/`; empty if it is the root.
    pub dir: String,
    /// Files and folders that it is built from besides its own, from the root: `include` in
    /// `[package.metadata.unstale]`.
    pub include: Vec<String>,
    /// Whether it is a copy of a crate from a registry or git, so that every file counts.
    pub is_vendored: bool,
}

/// A lock file: all packages, whatever platform or feature needs them.
#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<LockedPackage>,
}

#[derive(Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
    /// A path dependency has none.
    source: Option<String>,
}

impl Workspace {
    /// Asks cargo for the workspace of the manifest in `dir`. `options` are options of cargo, such as `--locked`. With
    /// `--all-features` and without `--filter-platform`, cargo describes all crates.
    ///
    /// # Errors
    /// Cargo refuses the workspace, its configuration cannot be read, or a local crate is outside of `root` or among those
    /// that cargo was not asked for.
    pub fn read(root: &Path, dir: &Path, options: &[String]) -> Result<Self> {
        let mut command = MetadataCommand::new();
        command.current_dir(dir).other_options(options);
        let metadata = command.exec().map_err(|error| Error::Workspace(error.to_string()))?;

        let mut crates = BTreeMap::new();
        let mut including = Vec::new();
        for package in &metadata.packages {
            if let Some(local) = LocalCrate::of(root, package)? {
                if !local.include.is_empty() {
                    including.push(local.dir.clone());
                }
                crates.insert(local.dir.clone(), local);
            }
        }

        let configuration = configuration(dir, options)?;
        let asked_with = of_configuration(options);
        let [root, asked_in] = [root, dir].map(Path::to_owned);
        let workspace = Self { root, metadata, crates, including, configuration, asked_in, asked_with };
        let has = |name: &str| options.iter().any(|option| option == name);
        if has("--filter-platform") || !has("--all-features") {
            workspace.check_complete()?;
        }
        Ok(workspace)
    }

    /// A member of the workspace, by its name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Package> {
        self.metadata.workspace_packages().into_iter().find(|package| *package.name == name)
    }

    /// Whether the sources of a package are in the checkout.
    #[must_use]
    pub fn is_local(&self, package: &PackageId) -> bool {
        self.crates.values().any(|local| local.id == *package)
    }

    /// The packages that a package is built from, itself among them. What only tests need is left out.
    #[must_use]
    pub fn built_from(&self, package: &PackageId) -> BTreeSet<&PackageId> {
        let nodes = self.metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        let nodes: BTreeMap<_, _> = nodes.map(|node| (&node.id, node)).collect();

        let mut found = BTreeSet::new();
        let mut next: Vec<&PackageId> = nodes.get_key_value(package).map(|(id, _)| *id).into_iter().collect();
        while let Some(id) = next.pop() {
            if !found.insert(id) {
                continue;
            }
            let is_built = |kind: &DepKindInfo| kind.kind != DependencyKind::Development;
            let dependencies = nodes.get(id).into_iter().flat_map(|node| &node.deps);
            next.extend(dependencies.filter(|dep| dep.dep_kinds.iter().any(is_built)).map(|dep| &dep.pkg));
        }
        found
    }

    /// The crate whose folder a path is in; with crates in crates, the innermost.
    #[must_use]
    pub fn owner(&self, path: &str) -> Option<&LocalCrate> {
        let mut dir = path;
        loop {
            if let Some(local) = self.crates.get(dir) {
                return Some(local);
            }
            if dir.is_empty() {
                return None;
            }
            dir = dir.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
    }

    /// The crates whose libraries and programs are compiled from a file: its owner, unless only tests are compiled from it
    /// or the scope leaves it out, and whoever includes it.
    pub fn compiled_from(&self, path: &str, scope: Scope) -> impl Iterator<Item = &LocalCrate> {
        let is_code = !scope.not_compiled.iter().any(|dir| is_inside(path, dir));
        let owner = self.owner(path).filter(|local| is_code && !local.is_for_tests(path));
        let including = self.including.iter().filter_map(|dir| self.crates.get(dir));
        owner.into_iter().chain(including.filter(|local| local.includes(path)))
    }

    /// The folder of the workspace, and those of all local crates, from the outer to the inner ones.
    pub(crate) fn dirs(&self) -> BTreeSet<String> {
        let root = self.relative(self.metadata.workspace_root.as_std_path());
        root.into_iter().chain(self.crates.keys().cloned()).collect()
    }

    /// The names of the local crates' targets, as rustc has them.
    pub(crate) fn local_target_names(&self) -> impl Iterator<Item = String> {
        let local = self.metadata.packages.iter().filter(|package| self.is_local(&package.id));
        let targets = local.flat_map(|package| &package.targets);
        targets.map(|target| target.name.replace('-', "_"))
    }

    /// Whether a path is a setting, which may reach any local crate through a variable: a manifest above a crate, or
    /// cargo's configuration.
    #[must_use]
    pub fn is_setting(&self, path: &str) -> bool {
        let above = |dir: &str| {
            let workspace = self.relative(self.metadata.workspace_root.as_std_path()).unwrap_or_default();
            dir == workspace || self.crates.values().any(|local| local.dir != dir && is_inside(&local.dir, dir))
        };
        // Cargo reads its configuration in the folder of a crate and in all above it.
        if let Some(dir) = folder_of_configuration(path) {
            return self.crates.contains_key(dir) || above(dir);
        }
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        name == "Cargo.toml" && above(dir)
    }

    /// Refuses a workspace in which a local crate is not seen, because only another platform or feature needs it: it may be
    /// built all the same, by another command.
    fn check_complete(&self) -> Result<()> {
        let path = self.metadata.workspace_root.join("Cargo.lock").into_std_path_buf();
        if !path.exists() {
            // Cargo may be told to keep it elsewhere.
            return Ok(());
        }
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let lock: Lock = toml::from_str(&text).map_err(|error| Error::Workspace(error.to_string()))?;

        let packages = &self.metadata.packages;
        let sources = packages.iter().filter(|seen| self.is_local(&seen.id)).filter_map(|seen| seen.source.as_ref());
        let vendored: BTreeSet<&str> = sources.map(|source| source.repr.as_str()).collect();
        let seen: BTreeSet<String> = packages.iter().map(|seen| format!("{} {}", seen.name, seen.version)).collect();
        for LockedPackage { name, version, source } in lock.package {
            let is_local = source.is_none_or(|source| vendored.contains(source.as_str()));
            if is_local && !seen.contains(&format!("{name} {version}")) {
                return Err(Error::Unseen { package: name });
            }
        }
        Ok(())
    }

    /// A path from the root, with `/`; `None` if it is outside or not UTF-8.
    #[must_use]
    pub fn relative(&self, path: &Path) -> Option<String> {
        relative(&self.root, path)
    }
}

impl LocalCrate {
    /// The crate, if its sources are in the checkout.
    fn of(root: &Path, package: &Package) -> Result<Option<Self>> {
        let dir = package.manifest_path.as_std_path().parent().unwrap_or(root);
        let inside = relative(root, dir);
        let is_foreign = package.source.is_some();

        // Some CI systems keep cargo's home in the checkout. Cargo never changes what is there.
        let is_copied_here =
            dir.join(".cargo-checksum.json").exists() && inside.is_some() && !dir.starts_with(cargo_home());
        if is_foreign && !is_copied_here {
            return Ok(None);
        }

        let name = package.name.to_string();
        let Some(inside) = inside else {
            return Err(Error::OutsideCheckout { package: name, dir: dir.to_owned() });
        };
        let include = package.metadata.pointer("/unstale/include").cloned().unwrap_or_default();
        let include: Option<Vec<String>> = serde_json::from_value(include)
            .map_err(|_| Error::Include { package: name.clone(), problem: "must list strings".to_owned() })?;
        Ok(Some(Self {
            id: package.id.clone(),
            name,
            dir: inside,
            include: include.unwrap_or_default(),
            is_vendored: is_foreign,
        }))
    }

    /// Whether a path from the root is in the crate's folder.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        is_inside(path, &self.dir)
    }

    /// Whether `include` names a path, or a folder above it.
    #[must_use]
    pub fn includes(&self, path: &str) -> bool {
        self.include.iter().any(|included| is_inside(path, included.trim_end_matches('/')))
    }

    /// Whether only the crate's tests, benches and examples are compiled from a file in its folder.
    #[must_use]
    pub fn is_for_tests(&self, path: &str) -> bool {
        let inside = path.strip_prefix(&self.dir).unwrap_or(path).trim_start_matches('/');
        !self.is_vendored && TEST_DIRS.contains(&inside.split('/').next().unwrap_or_default())
    }
}

/// Whether a path is a folder, or in it. Both are from the root, which is the empty path.
pub(crate) fn is_inside(path: &str, dir: &str) -> bool {
    dir.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The folder whose `.cargo` a path is in.
fn folder_of_configuration(path: &str) -> Option<&str> {
    if path.starts_with(".cargo/") {
        return Some("");
    }
    path.find("/.cargo/").and_then(|end| path.get(..end))
}

/// Those of some options that every command of cargo's takes.
fn of_configuration(options: &[String]) -> Vec<String> {
    let pairs = options.iter().zip(options.iter().skip(1));
    let wanted = pairs.filter(|(name, _)| ["--config", "-Z"].contains(&name.as_str()));
    wanted.flat_map(|(name, value)| [name.clone(), value.clone()]).collect()
}

/// A hash of cargo's configuration: of the files above a folder, and of what `--config` names in some options.
fn configuration(dir: &Path, options: &[String]) -> Result<String> {
    let dir = std::path::absolute(dir).map_err(Error::io("find", dir))?;
    let folders = dir.ancestors().map(|dir| dir.join(".cargo")).chain([cargo_home()]);
    let mut files: BTreeSet<PathBuf> =
        folders.flat_map(|folder| ["config", "config.toml"].map(|name| folder.join(name))).collect();

    let mut text = String::new();
    let values = options.iter().zip(options.iter().skip(1)).filter(|(name, _)| *name == "--config");
    for (_, value) in values {
        files.insert(dir.join(value));
        // Cargo itself takes care of all else: of flags and profiles, for instance.
        if value.trim_start_matches([' ', '"', '\'']).starts_with("env") {
            text += value;
        }
    }
    for path in files.iter().filter(|path| path.is_file()) {
        // A value may be a path from the file's folder.
        text += &path.display().to_string();
        text += &hash(&fs::read(path).map_err(Error::io("read", path))?);
    }
    Ok(hash(text.as_bytes()))
}

/// Where cargo keeps its registry and the user's configuration.
pub(crate) fn cargo_home() -> PathBuf {
    let default = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(default, PathBuf::from)
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    if let Ok(inside) = path.strip_prefix(root) {
        return to_slashes(inside);
    }
    // One of the two may go through a link.
    let [root, path] = [root.canonicalize().ok()?, path.canonicalize().ok()?];
    to_slashes(path.strip_prefix(root).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_inside_of_a_folder_by_its_parts() {
        assert!(is_inside("common/src/lib.rs", "common"));
        assert!(is_inside("common", "common"));
        assert!(is_inside("common", ""));
        assert!(!is_inside("common2/src/lib.rs", "common"));
    }

    #[test]
    fn cargos_configuration_belongs_to_a_folder() {
        assert_eq!(folder_of_configuration(".cargo/config.toml"), Some(""));
        assert_eq!(folder_of_configuration("tools/fixture/.cargo/a/b.toml"), Some("tools/fixture"));
        assert_eq!(folder_of_configuration("common/src/lib.rs"), None);
    }

    #[test]
    fn tests_are_not_what_a_library_is_compiled_from() {
        let local = |dir: &str, is_vendored| LocalCrate {
            id: PackageId { repr: String::new() },
            name: "name".to_owned(),
            dir: dir.to_owned(),
            include: vec!["data/words.txt".to_owned(), "schema/".to_owned()],
            is_vendored,
        };
        assert!(local("common", false).is_for_tests("common/tests/it/main.rs"));
        assert!(local("", false).is_for_tests("benches/speed.rs"));
        assert!(!local("common", false).is_for_tests("common/src/tests/mod.rs"));
        assert!(!local("vendor/a", true).is_for_tests("vendor/a/tests/it.rs"));
        assert!(local("common", false).includes("data/words.txt"));
        assert!(local("common", false).includes("schema/v1/a.txt"));
        assert!(!local("common", false).includes("data/words.txt2"));
    }
}
