//! What packages are built from, as SHA-256 digests of file contents.
//!
//! The digest of a set of files is the SHA-256 of one line for each file, sorted by the bytes of the paths. A line is
//! what `sha256sum` prints: 64 hexadecimal digits, two spaces, the path from the root with `/`, a line feed. Times,
//! owners and modes do not matter.

use std::collections::BTreeMap;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

use super::folder::Profile;
use super::graph::{Graph, Local, relative};

/// What decides how every package is built. Cargo compares these by value, so a change needs no `cargo clean`.
const WORKSPACE: [&str; 5] = ["Cargo.toml", "Cargo.lock", ".cargo", "rust-toolchain.toml", "rust-toolchain"];

/// Folders inside a package's folder that it is not built from. Its tests are compiled from the last three.
const NOT_BUILT: [&str; 7] = ["node_modules", "npm", "pkg", "target", "benches", "examples", "tests"];
const TESTS: &[&str] = NOT_BUILT.split_at(4).1;
/// What clippy reads. Cargo compares the times of these files, too.
const CLIPPY: [&str; 2] = ["clippy.toml", ".clippy.toml"];

/// Files by path from the root, each with the SHA-256 of its content.
pub(crate) type Files = BTreeMap<String, String>;

/// Everything that a build reads, as it is on disk. Two values are equal if no file was written in between.
#[derive(Default, PartialEq)]
pub(crate) struct Inputs {
    /// The files of each local package that the product is built from, by cargo's id.
    pub(crate) packages: BTreeMap<String, Files>,
    /// What only checks read: the files of its tests, clippy's, and those of a package that only tests need.
    tests: BTreeMap<String, Files>,
    workspace: Files,
    /// The other files that the caller makes its product from.
    pub(crate) extra: Files,
    /// The hash and the times of each file, which may be in several sets: even an edit that was undone changes the times.
    read: BTreeMap<String, (String, SystemTime, (i64, i64))>,
}

impl Inputs {
    /// Reads the files of the graph, and the files and folders in `extra` that exist, with paths from the root.
    /// An error names a file that cannot be read, or whose name is not UTF-8 or would be escaped by `sha256sum`.
    pub(crate) fn read(graph: &Graph, extra: &[&str]) -> Result<Self> {
        let (root, mut inputs) = (&graph.root, Self::default());
        inputs.workspace = inputs.walk_all(root, &WORKSPACE)?;
        for (id, local) in &graph.locals {
            let (name, dir) = (&local.package.name, Path::new(&local.dir));
            let mut files = inputs.walk(root, &local.dir, |entry| is_input(local, entry))?;
            for path in &local.include {
                let named = || format!("`include` in [package.metadata.digest] of `{name}` names `{path}`");
                files.extend(inputs.walk(root, path, |entry| !is_hidden(entry.path())).with_context(named)?);
            }
            let clippy = dir.ancestors().flat_map(|dir| CLIPPY.map(|name| dir.join(name)));
            let tests = TESTS.iter().map(|name| dir.join(name)).chain(clippy);
            let mut tests = inputs.walk_all(root, &tests.collect::<Vec<_>>())?;
            // Clippy goes by it, and cargo does not compare it.
            tests.insert("rust-version".to_owned(), format!("{:?}", local.package.rust_version));
            // wasm-pack calls cargo in the package's folder. A build script may read `[env]` and not declare it.
            let settings = inputs.walk_all(root, &[dir.join(".cargo"), ".cargo".into()])?;
            if local.has_build_script() {
                files.extend(settings.clone());
            }
            inputs.workspace.extend(settings);
            if local.is_built {
                inputs.packages.insert(id.clone(), files);
            } else {
                tests.extend(files);
            }
            inputs.tests.insert(id.clone(), tests);
        }
        inputs.extra = inputs.walk_all(root, extra)?;
        Ok(inputs)
    }

    /// The files of a package, by its id, that a build of a profile may read. Tests are compiled in the dev profile.
    pub(crate) fn covered(&self, id: &str, profile: Profile) -> Files {
        let tests = (profile == Profile::Dev).then(|| &self.tests[id]);
        let files = self.packages.get(id).into_iter().chain(tests).flatten();
        files.map(|(path, hash)| (path.clone(), hash.clone())).collect()
    }

    /// What is compiled: the files of all packages, and the workspace's.
    pub(crate) fn compiled(&self) -> Files {
        let files = self.packages.values().chain([&self.workspace]).flatten();
        files.map(|(path, hash)| (path.clone(), hash.clone())).collect()
    }

    /// Everything that the product is made from.
    pub(crate) fn all(&self) -> Files {
        self.compiled().into_iter().chain(self.extra.clone()).collect()
    }

    /// Everything that was read.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &String> {
        self.read.keys()
    }

    fn walk_all(&mut self, root: &Path, paths: &[impl AsRef<Path>]) -> Result<Files> {
        let mut files = Files::new();
        for path in paths.iter().filter(|path| root.join(path).exists()) {
            files.extend(self.walk(root, path, |entry| !is_hidden(entry.path()))?);
        }
        Ok(files)
    }

    /// The crate `ignore` would not do: a user's global gitignore must not change a digest.
    fn walk(&mut self, root: &Path, path: impl AsRef<Path>, is_input: impl Fn(&DirEntry) -> bool) -> Result<Files> {
        let mut files = Files::new();
        let walk = WalkDir::new(root.join(path)).follow_links(true).into_iter();
        // Emacs marks a file that is being edited by a hidden link to nowhere.
        let is_mark = |error: &walkdir::Error| error.path().is_some_and(is_hidden);
        let walk = walk.filter_entry(|entry| entry.depth() == 0 || is_input(entry));
        for entry in walk.filter(|entry| !entry.as_ref().is_err_and(is_mark)) {
            let entry = entry?;
            if entry.file_type().is_file() {
                let path = entry.path();
                let name = relative(root, path).filter(|name| !name.contains(['\n', '\r', '\\']));
                let Some(name) = name else {
                    bail!("{path:?}: a path must be in the checkout, UTF-8, without line breaks or backslashes");
                };
                let known = self.read.get(&name).map(|(hash, ..)| hash.clone());
                let hash = known.map_or_else(|| of_file(path), Ok)?;
                files.insert(name.clone(), hash.clone());
                let metadata = entry.metadata()?;
                #[cfg(unix)]
                let changed = (metadata.ctime(), metadata.ctime_nsec());
                #[cfg(not(unix))]
                let changed = (0, 0);
                self.read.entry(name).or_insert((hash, metadata.modified()?, changed));
            }
        }
        Ok(files)
    }
}

/// Whether an entry of a package's folder belongs to that package, and not to another one inside it.
fn is_input(local: &Local, entry: &DirEntry) -> bool {
    let is_built = entry.depth() > 1 || !NOT_BUILT.iter().any(|skipped| entry.file_name() == *skipped);
    let is_package = || entry.file_type().is_dir() && entry.path().join("Cargo.toml").is_file();
    // Of a copy from a registry or git, every file counts.
    local.package.source.is_some() || (is_built && !is_hidden(entry.path()) && !is_package())
}

/// Editors, systems and tools leave hidden files behind.
pub(crate) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// Every file below a folder, by path from it.
pub(crate) fn of_folder(dir: &Path) -> Result<Files> {
    Inputs::default().walk(dir, "", |_| true)
}

/// The digest of a set of files.
pub(crate) fn of(files: &Files) -> String {
    hash_of(listing(files).as_bytes())
}

/// What `sha256sum` prints for the files.
pub(crate) fn listing(files: &Files) -> String {
    files.iter().map(|(path, hash)| format!("{hash}  {path}\n")).collect()
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of_file(path: &Path) -> Result<String> {
    Ok(hash_of(&fs::read(path).with_context(|| format!("cannot read {}", path.display()))?))
}
