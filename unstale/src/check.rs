//! The check after a build: whatever a local crate was built from has to be known.
//!
//! A file that is in no snapshot is not seen when it changes, and one that is in no digest of the product is not seen by
//! whoever compares digests. Which crate reads a file does not matter here: cargo takes care of that.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use cargo_metadata::PackageId;
use walkdir::{DirEntry, WalkDir};

use crate::build::Build;
use crate::dep_info;
use crate::error::Result;
use crate::file_set::FileSet;
use crate::workspace::{LocalCrate, Workspace, cargo_home};
use crate::wrapper::{KeptUnit, UNITS, Unit};

/// What is built for others, and has a digest.
pub struct Product<'a> {
    /// The package that it is built from.
    pub package: &'a PackageId,
    /// The name of the profile's folder: `release` or `debug`.
    pub profile_dir: &'a str,
    /// The files that its digest covers.
    pub covered: &'a FileSet,
}

/// A file that a local crate was built from, and that nobody would see change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncovered {
    /// The crate's name.
    pub package: String,
    /// The file, from the root of the checkout; none if it is outside.
    pub inside: Option<String>,
    /// The file.
    pub path: PathBuf,
}

impl Build<'_> {
    /// The files that local crates were built from and that are not in the snapshot, or, if they got into the product,
    /// not in its digest. Call it once cargo has succeeded.
    ///
    /// # Errors
    /// The output of a build script is not where cargo is known to keep it.
    pub fn uncovered(&self, product: Option<&Product>) -> Result<BTreeSet<Uncovered>> {
        let known = self.files();
        let built = product.map(|product| self.workspace.built_from(product.package)).unwrap_or_default();

        let mut uncovered = BTreeSet::new();
        for kept in Unit::read_all(&self.dir.own(UNITS))? {
            let Some(owner) = self.owner_of(&kept.unit) else { continue };
            let is_in = |product: &&Product| built.contains(&owner.id) && self.is_in(&kept.unit, owner, product);
            let product = product.filter(is_in);
            let covered = product.map_or(&known, |product| product.covered);

            for path in self.inputs(&kept.unit)? {
                let inside = self.workspace.relative(&path);
                let is_covered =
                    inside.as_ref().is_some_and(|inside| known.contains(inside) && covered.contains(inside));
                if !is_covered && path.is_file() {
                    let package = owner.name.clone();
                    uncovered.insert(Uncovered { package, inside, path });
                }
            }
        }
        Ok(uncovered)
    }

    /// Whether a unit gets into the product.
    fn is_in(&self, unit: &Unit, owner: &LocalCrate, product: &Product) -> bool {
        let root = unit.files.first().and_then(|root| self.workspace.relative(root)).unwrap_or_default();
        unit.is_product
            && !owner.is_for_tests(&root)
            && self.dir.profile_dir_of(&unit.dir).as_deref() == Some(product.profile_dir)
    }

    /// What local crates were built from and a snapshot leaves out: hidden entries by their names, entries outside of the
    /// checkout by their whole paths.
    pub(crate) fn read_elsewhere(&self, units: &[KeptUnit]) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for kept in units {
            // A build script that failed, or was cleaned, has declared nothing.
            let inputs = self.inputs(&kept.unit).unwrap_or_default();
            names.extend(inputs.iter().filter_map(|path| self.name_of(path)));
        }
        names.extend(hidden_of(&silent_crates(self.workspace, units), self.workspace));
        names.retain(|name| !self.snapshot.has_walked(name));
        names
    }

    /// Takes from some entries those that neither rustc has read nor a build script declares, and that are no settings.
    pub(crate) fn take_unread(&self, names: &mut Vec<String>, units: &[KeptUnit]) -> Vec<String> {
        if names.is_empty() {
            return Vec::new();
        }
        let mut read = BTreeSet::new();
        for kept in units {
            read.extend(self.names_of_inputs(&kept.unit));
        }
        // What is gone from a declared folder is in no list any more.
        let dir_of = |name: &str| name.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
        let is_read =
            |name: &String| read.contains(name) || read.contains(&dir_of(name)) || self.workspace.is_setting(name);
        names.extract_if(.., |name| !is_read(name)).collect()
    }

    /// Whether a unit was compiled from one of some entries.
    pub(crate) fn has_read(&self, unit: &Unit, names: &[String]) -> bool {
        if names.is_empty() {
            return false;
        }
        let inputs = self.names_of_inputs(unit);
        names.iter().any(|name| inputs.contains(name))
    }

    /// What a unit was built from, by names as a snapshot has them: also what is gone since.
    pub(crate) fn names_of_inputs(&self, unit: &Unit) -> BTreeSet<String> {
        let mut inputs = self.inputs(unit).unwrap_or_default();
        inputs.extend(unit.files.iter().cloned());
        inputs.iter().filter_map(|path| self.name_of(path)).collect()
    }

    /// The name of an entry, as a snapshot has it: from the root, or the whole path.
    fn name_of(&self, path: &Path) -> Option<String> {
        self.workspace.relative(path).or_else(|| path.to_str().map(str::to_owned))
    }

    /// The files of a unit: what rustc has read, and what the package's build script has declared. Declared folders, too.
    /// Some may be gone since.
    pub(crate) fn inputs(&self, unit: &Unit) -> Result<BTreeSet<PathBuf>> {
        let mut inputs: BTreeSet<PathBuf> = unit.files.iter().cloned().collect();
        if let Some(out_dir) = &unit.out_dir {
            for declared in dep_info::declared(out_dir, &unit.package)? {
                inputs.extend(entries_in(&declared));
            }
        }
        // What cargo has downloaded does not change. What the build itself has made is no source.
        let downloaded = ["git", "registry"].map(|name| cargo_home().join(name));
        let is_source =
            |path: &PathBuf| !path.starts_with(self.dir.path()) && !downloaded.iter().any(|dir| path.starts_with(dir));
        inputs.retain(is_source);
        Ok(inputs)
    }
}

/// A file, or a folder and all that is below it but for hidden entries, which no crate is compiled from.
fn entries_in(path: &Path) -> Vec<PathBuf> {
    let is_hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let walk = WalkDir::new(path).follow_links(true).into_iter();
    let walk = walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()));
    walk.flatten().map(DirEntry::into_path).collect()
}

/// The folders of the crates whose build scripts declare nothing: cargo then looks at all files of the package.
pub(crate) fn silent_crates(workspace: &Workspace, units: &[KeptUnit]) -> BTreeSet<String> {
    let silent = units.iter().filter(|kept| kept.unit.is_silent());
    silent.filter_map(|kept| workspace.relative(&kept.unit.package)).collect()
}

/// The folders of the crates of which only the build script was compiled: it may have run, and nobody knows what it has read.
pub(crate) fn begun_crates(workspace: &Workspace, units: &[KeptUnit]) -> BTreeSet<String> {
    let targets = workspace.metadata.packages.iter().flat_map(|package| &package.targets);
    let scripts = targets.filter(|target| target.is_custom_build()).map(|target| target.src_path.as_std_path());
    let scripts: BTreeSet<&Path> = scripts.collect();

    let mut begun = BTreeSet::new();
    let mut compiled = BTreeSet::new();
    for KeptUnit { unit, .. } in units {
        let is_script = unit.files.first().is_some_and(|root| scripts.contains(root.as_path()));
        let crates = if is_script { &mut begun } else { &mut compiled };
        crates.extend(workspace.relative(&unit.package));
    }
    &begun - &compiled
}

/// The folders of the crates in whose place another crate was built, and of those others: cargo forgets files by their
/// names, which are the same.
pub(crate) fn overwritten_crates(workspace: &Workspace, units: &[KeptUnit]) -> BTreeSet<String> {
    let units = units.iter().filter(|kept| !kept.unit.overwrote.is_empty());
    let dirs = units.flat_map(|kept| kept.unit.overwrote.iter().chain([&kept.unit.package]));
    dirs.filter_map(|dir| workspace.relative(dir)).collect()
}

/// The hidden files in some folders of crates.
pub(crate) fn hidden_of(dirs: &BTreeSet<String>, workspace: &Workspace) -> BTreeSet<String> {
    let files = dirs.iter().flat_map(|dir| hidden_in(&workspace.root.join(dir)));
    files.filter_map(|path| workspace.relative(&path)).collect()
}

/// All hidden files of a package, and those in its hidden folders, but for Git's.
fn hidden_in(package: &Path) -> Vec<PathBuf> {
    let is_wanted = |entry: &DirEntry| {
        let is_other = entry.path().join("Cargo.toml").exists() || entry.path().join("CACHEDIR.TAG").exists();
        entry.depth() == 0 || (entry.file_name() != ".git" && !is_other)
    };
    let mut hidden = Vec::new();
    for entry in WalkDir::new(package).into_iter().filter_entry(is_wanted).flatten() {
        let inside = entry.path().strip_prefix(package).unwrap_or(package);
        let is_hidden = inside.iter().any(|part| part.to_string_lossy().starts_with('.'));
        // A link counts if it leads to a file.
        if is_hidden && entry.path().is_file() {
            hidden.push(entry.into_path());
        }
    }
    hidden
}

impl Display for Uncovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inside {
            Some(inside) => write!(
                f,
                "`{}` is built from {inside}, which no digest covers: an edit could be missed. Add to its Cargo.toml:\n    \
                 [package.metadata.unstale]\n    include = [\"{inside}\"]",
                self.package
            ),
            None => write!(
                f,
                "`{}` is built from {}, which is outside of the checkout: move it inside",
                self.package,
                self.path.display()
            ),
        }
    }
}
