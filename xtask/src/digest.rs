//! What the package and its crates are built from, as SHA-256 digests of file contents.
//!
//! The digest of a set of files: for each file, in the order of its path's bytes, one line as `sha256sum` prints it
//! (64 hexadecimal digits, two spaces, the path from the workspace's root with `/`, a line feed); the SHA-256 of
//! those lines is the digest. Times, owners and modes play no part. CONTRIBUTING.md has the shell line that gives
//! the same value.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read},
    num::NonZero,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{Context, Result, anyhow, bail};
use sha2::{Digest, Sha256};

use crate::workspace::{Crate, Workspace};

/// Files that decide how every crate is built. Those that are not there do not count.
const WORKSPACE_FILES: [&str; 5] =
    ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "rust-toolchain.toml", "rust-toolchain"];

/// Folders directly in a crate's own that are not compiled into it.
const NO_INPUT: [&str; 7] = ["benches", "examples", "node_modules", "npm", "pkg", "target", "tests"];

/// The variables that tests and build scripts are compiled with.
pub(crate) const TESTS: &str = "TESTS_DIGEST";
pub(crate) const BUILD_SCRIPTS: &str = "BUILD_SCRIPTS_DIGEST";

/// Files by path from the root, each with the SHA-256 of its content.
pub(crate) type Files = BTreeMap<String, String>;

/// Everything that is read to build and to test.
#[derive(PartialEq)]
pub(crate) struct Inputs {
    /// By crate: its own files, those of the crates it depends on by path, and the workspace's.
    pub(crate) crates: BTreeMap<String, Files>,
    /// The binding crate's files, the hand-written part of the npm package, licences, and what pins and runs the
    /// tools.
    pub(crate) package: Files,
    /// The tests and benches of all crates, which no package depends on, but their own binaries do.
    pub(crate) tests: Files,
    /// What build scripts are compiled from: the files of all crates less those in `src`, and the workspace's. An
    /// edit of a library's source does not compile its build script again.
    pub(crate) build_scripts: Files,
    /// This program and its pins, a part of `package`.
    pub(crate) xtask: Files,
}

impl Inputs {
    /// Reads and hashes them as they are on disk now.
    ///
    /// # Errors
    /// A file that cannot be read, a link that leads out of the workspace, a name that is no UTF-8 or that
    /// `sha256sum` would escape: each is named.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let mut reader = Reader { workspace, hashed: BTreeMap::new() };
        let mut own = BTreeMap::new();
        let (mut tests, mut build_scripts) = (Files::new(), Files::new());
        for krate in &workspace.crates {
            let files = reader.own_files(krate)?;
            let source = Path::new(&krate.dir).join("src");
            let beside = files.iter().filter(|(path, _)| {
                let path = Path::new(path);
                !path.starts_with(&source) || krate.include.iter().any(|named| path.starts_with(named))
            });
            build_scripts.extend(beside.map(|(path, hash)| (path.clone(), hash.clone())));
            own.insert(krate.name.as_str(), files);
            for dir in ["tests", "benches"] {
                reader.add_if_there(&format!("{}/{dir}", krate.dir), &mut tests)?;
            }
        }
        reader.add_if_there("xtask/tests", &mut tests)?;
        let mut shared = Files::new();
        for file in WORKSPACE_FILES {
            reader.add_if_there(file, &mut shared)?;
        }
        build_scripts.extend(shared.clone());
        let crates: BTreeMap<String, Files> = workspace
            .crates
            .iter()
            .map(|krate| {
                let parts = krate.built_from.iter().filter_map(|name| own.get(name.as_str()));
                let files = parts.flatten().chain(&shared).map(|(k, v)| (k.clone(), v.clone())).collect();
                (krate.name.clone(), files)
            })
            .collect();
        let mut package = crates[crate::workspace::BINDING].clone();
        reader.add(Path::new(&workspace.npm_dir()), &mut package)?;
        for file in ["LICENSE", "LICENSE-MIT", "LICENSE-APACHE"] {
            reader.add_if_there(file, &mut package)?;
        }
        let mut xtask = Files::new();
        for path in ["build.rs", "Cargo.lock", "Cargo.toml", "src", "tools"] {
            reader.add(&Path::new("xtask").join(path), &mut xtask)?;
        }
        package.extend(xtask.clone());
        Ok(Self { crates, package, tests, build_scripts, xtask })
    }

    /// For each crate the variable that it is compiled with, and its value; for the tests and the build scripts of all
    /// crates one each.
    pub(crate) fn variables(&self, workspace: &Workspace) -> BTreeMap<String, String> {
        let crates = workspace.crates.iter().map(|krate| (krate.variable(), of(&self.crates[&krate.name])));
        let of_all = [(TESTS, of(&self.tests)), (BUILD_SCRIPTS, of(&self.build_scripts))];
        crates.chain(of_all.map(|(name, digest)| (name.to_owned(), digest))).collect()
    }
}

/// The digest of a set of files.
pub(crate) fn of(files: &Files) -> String {
    hex(&Sha256::digest(listing(files)))
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Every regular file below `dir`, by path from `dir`, hashed. Links are an error.
pub(crate) fn of_folder(dir: &Path) -> Result<Files> {
    fn visit(root: &Path, dir: &Path, files: &mut Vec<(String, PathBuf)>) -> Result<()> {
        for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
            let path = entry?.path();
            let kind = fs::symlink_metadata(&path)?;
            if kind.is_dir() {
                visit(root, &path, files)?;
            } else if kind.is_file() {
                let name = path.strip_prefix(root)?.to_str().context("a file name that is no UTF-8")?;
                files.push((name.replace(std::path::MAIN_SEPARATOR, "/"), path));
            } else {
                bail!("{} is neither a file nor a folder", path.display());
            }
        }
        Ok(())
    }
    let mut files = Vec::new();
    visit(dir, dir, &mut files)?;
    hashed(&files)
}

/// Hashes named files, as many at once as there are processors: a standard library has 90 MB.
fn hashed(files: &[(String, PathBuf)]) -> Result<Files> {
    let next = AtomicUsize::new(0);
    let some = || -> Result<Files> {
        let mut hashes = Files::new();
        while let Some((name, path)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            hashes.insert(name.clone(), of_file(path)?);
        }
        Ok(hashes)
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(files.len());
    thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(some)).collect();
        let mut all = some()?;
        for other in others {
            all.extend(other.join().map_err(|_| anyhow!("a thread that hashes files ended early"))??);
        }
        Ok(all)
    })
}

/// Prints all digests, the package's alone, or the files of one.
pub(crate) fn print(workspace: &Workspace, package_only: bool, files_of: Option<&str>) -> Result<()> {
    let inputs = Inputs::read(workspace)?;
    let sets = || {
        let crates = inputs.crates.iter().map(|(name, files)| (name.as_str(), files));
        crates.chain([
            ("package", &inputs.package),
            ("tests", &inputs.tests),
            ("build-scripts", &inputs.build_scripts),
        ])
    };
    if package_only {
        println!("{}", of(&inputs.package));
    } else if let Some(wanted) = files_of {
        let names: Vec<&str> = sets().map(|(name, _)| name).collect();
        let (_, files) = sets()
            .find(|(name, _)| *name == wanted)
            .with_context(|| format!("no digest `{wanted}`; there are: {}", names.join(", ")))?;
        print!("{}", listing(files));
    } else {
        for (name, files) in sets() {
            println!("{}  {name} ({} files)", of(files), files.len());
        }
    }
    Ok(())
}

fn listing(files: &Files) -> String {
    files.iter().fold(String::new(), |mut lines, (path, hash)| {
        let _ = writeln!(lines, "{hash}  {path}");
        lines
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 of a file's content, in hexadecimal. It is read piece by piece: room for a large one costs more time
/// than its hash.
fn of_file(path: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut piece = [0; 1 << 16];
    let mut read = || -> io::Result<()> {
        let mut file = File::open(path)?;
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(()),
                length => hash.update(&piece[..length]),
            }
        }
    };
    read().with_context(|| format!("cannot read {}", path.display()))?;
    Ok(hex(&hash.finalize()))
}

/// Reads each file once, however many sets it is in.
struct Reader<'a> {
    workspace: &'a Workspace,
    hashed: BTreeMap<PathBuf, String>,
}

impl Reader<'_> {
    fn own_files(&mut self, krate: &Crate) -> Result<Files> {
        let mut files = Files::new();
        for entry in self.entries(Path::new(&krate.dir))? {
            let name = entry.file_name().unwrap_or_default();
            if !NO_INPUT.iter().any(|folder| name == *folder) {
                self.add(&entry, &mut files)?;
            }
        }
        for path in &krate.include {
            self.add(Path::new(path), &mut files).with_context(|| {
                format!("`include` in [package.metadata.digest] of `{}` names `{path}`", krate.name)
            })?;
        }
        Ok(files)
    }

    fn add_if_there(&mut self, path: &str, files: &mut Files) -> Result<()> {
        if self.workspace.root.join(path).symlink_metadata().is_ok() {
            self.add(Path::new(path), files)?;
        }
        Ok(())
    }

    /// Adds a file, or all files below a folder, by its path from the root.
    fn add(&mut self, path: &Path, files: &mut Files) -> Result<()> {
        let root = &self.workspace.root;
        let full = root.join(path);
        let real = dunce::canonicalize(&full).with_context(|| format!("cannot read {}", full.display()))?;
        if !real.starts_with(root) {
            bail!("{} leads out of the workspace, to {}", full.display(), real.display());
        }
        if real.is_dir() {
            // INVARIANT: a folder that links to one it lies in would never end.
            if full.is_symlink() && full.starts_with(&real) {
                bail!("{} links to a folder that it lies in", full.display());
            }
            for entry in self.entries(path)? {
                self.add(&entry, files)?;
            }
            return Ok(());
        }
        let name = path.to_str().with_context(|| format!("{} is no UTF-8", full.display()))?;
        let name = name.replace(std::path::MAIN_SEPARATOR, "/");
        if name.contains(['\n', '\r', '\\']) {
            bail!("{name:?}: a line break or a backslash in a file name is not supported: rename the file");
        }
        if !self.hashed.contains_key(&real) {
            let hash = of_file(&real)?;
            self.hashed.insert(real.clone(), hash);
        }
        files.insert(name, self.hashed[&real].clone());
        Ok(())
    }

    /// What is in a folder, less hidden files: editors, systems and tools leave them behind.
    fn entries(&self, dir: &Path) -> Result<Vec<PathBuf>> {
        let full = self.workspace.root.join(dir);
        let mut entries = Vec::new();
        for entry in fs::read_dir(&full).with_context(|| format!("cannot read {}", full.display()))? {
            let name = entry?.file_name();
            if !name.as_encoded_bytes().starts_with(b".") {
                entries.push(dir.join(name));
            }
        }
        Ok(entries)
    }
}
