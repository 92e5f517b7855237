//! The program that cargo calls instead of rustc. It calls rustc, and keeps each local unit's dep-info for the check.
//!
//! Cargo takes flags for every crate from RUSTFLAGS or from its configuration, but not from both. A wrapper adds flags and
//! leaves both to the user. The wrapper is the program that uses this crate, under another name: no variable says that
//! it is one, so no test or build script that starts the program finds a wrapper instead.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::OnceLock;
use std::{env, io};

use serde::{Deserialize, Serialize};

use crate::dep_info;
use crate::error::{Error, Result};
use crate::file_set::hash;
use crate::target_dir::TargetDir;

/// The name under which the program is the wrapper.
const NAME: &str = if cfg!(windows) { "unstale-rustc.exe" } else { "unstale-rustc" };

/// The folder with the units' dep-info.
pub(crate) const UNITS: &str = "units";

/// What the wrapper has to know: a file beside it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The checkout: the crates in it are local.
    pub(crate) root: PathBuf,
    /// Folders whose paths do not get into what is compiled, and the names that do; the last match wins.
    pub(crate) remap: Vec<Remap>,
    /// The user's own wrapper, for crates that are not local: a compiler cache does not see every file that a macro reads.
    pub(crate) next: Option<PathBuf>,
    /// Where the units' dep-info is kept.
    pub(crate) units: PathBuf,
    /// The lock that all processes of a build inherit, but for those of the user's wrapper, which may be a daemon.
    pub(crate) workers: PathBuf,
}

/// A folder, and its name in what is compiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remap {
    /// The folder.
    pub from: PathBuf,
    /// The name.
    pub to: String,
}

/// What a local unit was compiled from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Unit {
    /// The package's folder.
    pub(crate) package: PathBuf,
    /// What rustc has read; the crate's root comes first.
    pub(crate) files: Vec<PathBuf>,
    /// The package's `OUT_DIR`, if it has a build script.
    pub(crate) out_dir: Option<PathBuf>,
    /// Where rustc has put the unit.
    pub(crate) dir: PathBuf,
    /// Whether it is linked into what is built: not what `cargo check` compiles, and no test.
    pub(crate) is_product: bool,
    /// The folders of other packages whose unit was at the same place before. Up to version 1.99, cargo gives a `cdylib` no
    /// name of its own, and takes the one that it finds there for what it has built.
    #[serde(default)]
    pub(crate) overwrote: BTreeSet<PathBuf>,
}

/// A unit's file, as the wrapper has written it.
pub(crate) struct KeptUnit {
    pub(crate) path: PathBuf,
    pub(crate) unit: Unit,
}

/// A call of rustc by cargo.
struct Call {
    /// The compiler and its arguments.
    words: Vec<OsString>,
    /// Present if the call compiles a unit of cargo's. Build scripts ask the compiler for other things.
    unit: Option<UnitCall>,
}

struct UnitCall {
    crate_name: String,
    out_dir: PathBuf,
    extra_filename: String,
    is_product: bool,
}

/// Where this program is. It is set by `run_as_wrapper`.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Whether a program is the wrapper of any build.
pub(crate) fn is_wrapper(program: &Path) -> bool {
    program.file_name() == Some(OsStr::new(NAME))
}

/// Where the wrapper is.
pub(crate) fn link(dir: &TargetDir) -> PathBuf {
    dir.own(NAME)
}

/// Puts this program where cargo is told to find the wrapper.
pub(crate) fn install(dir: &TargetDir, settings: &Settings) -> Result<()> {
    fs::create_dir_all(&settings.units).map_err(Error::io("create", &settings.units))?;
    let file = dir.own("wrapper.json");
    let text = serde_json::to_vec(settings).map_err(|error| Error::io("write", &file)(error.into()))?;
    fs::write(&file, text).map_err(Error::io("write", &file))?;

    let link = link(dir);
    let program = PROGRAM.get().ok_or(Error::NoWrapper)?.clone();
    #[cfg(unix)]
    if fs::read_link(&link).ok().as_deref() == Some(&program) {
        return Ok(());
    }
    if fs::symlink_metadata(&link).is_ok() {
        fs::remove_file(&link).map_err(Error::io("delete", &link))?;
    }
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(&program, &link);
    #[cfg(not(unix))]
    let linked = fs::hard_link(&program, &link).or_else(|_| fs::copy(&program, &link).map(drop));
    linked.map_err(Error::io("create", &link))
}

/// Runs as the wrapper, if this program was called by the wrapper's name. A program that calls [`Build::begin`] has to
/// call this first, and to end with the code that it returns.
///
/// [`Build::begin`]: crate::Build::begin
#[must_use]
pub fn run_as_wrapper() -> Option<ExitCode> {
    let mut words = env::args_os();
    let own = PathBuf::from(words.next()?);
    if !is_wrapper(&own) {
        // Later, this program's file may be replaced by another.
        let _ = PROGRAM.set(env::current_exe().ok()?);
        return None;
    }
    let code = wrap(&own, words.collect()).unwrap_or_else(|error| {
        eprintln!("error: {error}");
        1
    });
    Some(ExitCode::from(code))
}

fn wrap(own: &Path, words: Vec<OsString>) -> Result<u8> {
    let file = own.with_file_name("wrapper.json");
    let settings = fs::read(&file).map_err(Error::io("read", &file))?;
    let settings: Settings =
        serde_json::from_slice(&settings).map_err(|error| Error::io("read", &file)(error.into()))?;

    let call = Call::of(words);
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.filter(|package| is_inside(package, &settings.root));
    match (&call.unit, package) {
        (Some(unit), Some(package)) => {
            let status = call.command(None, &settings.remap)?.status();
            let status = status.map_err(|source| call.cannot_start(source))?;
            if status.success() {
                unit.keep(&package, &settings.units)?;
            }
            Ok(code(status))
        }
        (unit, _) => {
            let remap = if unit.is_some() { settings.remap.as_slice() } else { &[] };
            let mut command = call.command(settings.next.as_deref(), remap)?;
            if settings.next.is_some() {
                let _ = close_on_exec(&settings.workers);
            }
            run_instead(&mut command).map_err(|source| call.cannot_start(source))
        }
    }
}

impl Unit {
    /// Reads all units in a folder, if there is one. A file that was written only in part belongs to a unit that has no
    /// fingerprint.
    pub(crate) fn read_all(units: &Path) -> Result<Vec<KeptUnit>> {
        let mut found = Vec::new();
        if !units.exists() {
            // Nothing was built yet.
            return Ok(found);
        }
        for entry in fs::read_dir(units).map_err(Error::io("read", units))? {
            let path = entry.map_err(Error::io("read", units))?.path();
            let text = fs::read(&path).map_err(Error::io("read", &path))?;
            if let Ok(unit) = serde_json::from_slice(&text) {
                found.push(KeptUnit { path, unit });
            }
        }
        Ok(found)
    }

    /// Whether the package's build script declares nothing.
    pub(crate) fn is_silent(&self) -> bool {
        self.out_dir.as_ref().is_some_and(|out_dir| dep_info::is_silent(out_dir, &self.package).unwrap_or(false))
    }
}

impl Call {
    fn of(words: Vec<OsString>) -> Self {
        let unit = UnitCall::of(&words);
        Self { words, unit }
    }

    fn command(&self, wrapper: Option<&Path>, remap: &[Remap]) -> Result<Command> {
        let mut words = wrapper.into_iter().map(Path::as_os_str).chain(self.words.iter().map(OsString::as_os_str));
        let program = words.next().ok_or_else(|| self.cannot_start(io::ErrorKind::InvalidInput.into()))?;
        let mut command = Command::new(program);
        command.args(words);
        for Remap { from, to } in remap {
            let mut flag = OsString::from("--remap-path-prefix=");
            flag.push(from);
            flag.push("=");
            flag.push(to);
            command.arg(flag);
        }
        Ok(command)
    }

    fn cannot_start(&self, source: io::Error) -> Error {
        let program = self.words.first().map_or_else(String::new, |word| word.to_string_lossy().into_owned());
        Error::Start { program, source }
    }
}

impl UnitCall {
    /// Cargo gives every unit a `-C metadata`, and asks for its dep-info. A build script's probe does not do both.
    fn of(words: &[OsString]) -> Option<Self> {
        let words = read_words(words);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let after = |name: &str| words.iter().skip_while(|word| **word != name).nth(1).copied();
        let codegen = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));

        let emit: Vec<&str> = words.iter().find_map(|word| word.strip_prefix("--emit="))?.split(',').collect();
        if !emit.contains(&"dep-info") || codegen("metadata").is_none() {
            return None;
        }
        Some(Self {
            crate_name: after("--crate-name")?.to_owned(),
            out_dir: after("--out-dir")?.into(),
            extra_filename: codegen("extra-filename").unwrap_or_default().to_owned(),
            is_product: emit.contains(&"link") && !words.contains(&"--test"),
        })
    }

    /// Keeps what the unit was compiled from.
    fn keep(&self, package: &Path, units: &Path) -> Result<()> {
        let dep_info = self.out_dir.join(format!("{}{}.d", self.crate_name, self.extra_filename));
        let Ok(text) = fs::read_to_string(&dep_info) else {
            return Err(Error::NoDepInfo { package: self.crate_name.clone(), path: dep_info });
        };
        let cwd = env::current_dir().map_err(Error::io("read", Path::new(".")))?;
        // If a test or a program of another build has called cargo, the variable may still be of that build.
        let target = units.ancestors().nth(2).unwrap_or(units);
        let out_dir = env::var_os("OUT_DIR").map(PathBuf::from).filter(|out_dir| out_dir.starts_with(target));

        let name = hash(dep_info.as_os_str().as_encoded_bytes());
        let path = units.join(name.get(..16).unwrap_or(&name)).with_extension("json");
        let unit = Unit {
            package: package.to_owned(),
            files: dep_info::files(&text, &cwd),
            out_dir,
            dir: self.out_dir.clone(),
            is_product: self.is_product,
            overwrote: overwritten(&path, package),
        };
        if let Some(out_dir) = &unit.out_dir {
            // The build script has just run. If cargo keeps its output elsewhere, somebody has to notice.
            dep_info::declared(out_dir, package)?;
        }

        let text = serde_json::to_vec(&unit).map_err(|error| Error::io("write", &path)(error.into()))?;
        fs::write(&path, text).map_err(Error::io("write", &path))
    }
}

/// The folders of other packages whose unit is lost when another one takes its place.
fn overwritten(kept: &Path, package: &Path) -> BTreeSet<PathBuf> {
    let before: Option<Unit> = fs::read(kept).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let Some(before) = before else { return BTreeSet::new() };

    let mut packages = before.overwrote;
    packages.insert(before.package);
    packages.remove(package);
    packages
}

/// The words of a call. Where a system allows only short command lines, cargo writes them to a file, one in a line, and
/// passes `@` and the file's path.
fn read_words(words: &[OsString]) -> Vec<String> {
    let mut read = Vec::new();
    for word in words.iter().filter_map(|word| word.to_str()) {
        match word.strip_prefix('@').and_then(|path| fs::read_to_string(path).ok()) {
            Some(text) => read.extend(text.lines().map(str::to_owned)),
            None => read.push(word.to_owned()),
        }
    }
    read
}

/// Whether a package is in the checkout. One of the two paths may go through a link.
fn is_inside(package: &Path, root: &Path) -> bool {
    let real = || Some(package.canonicalize().ok()?.starts_with(root.canonicalize().ok()?));
    package.starts_with(root) || real().unwrap_or(false)
}

/// A process that was ended by a signal has no code of its own.
fn code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Replaces this process where the system can: then signals reach the command itself.
#[cfg(unix)]
fn run_instead(command: &mut Command) -> io::Result<u8> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn run_instead(command: &mut Command) -> io::Result<u8> {
    Ok(code(command.status()?))
}

/// Keeps an inherited file from what this process becomes.
#[cfg(unix)]
fn close_on_exec(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    let wanted = fs::metadata(path)?;
    for entry in fs::read_dir("/dev/fd")? {
        let entry = entry?;
        let is_it = fs::metadata(entry.path()).is_ok_and(|it| it.ino() == wanted.ino() && it.dev() == wanted.dev());
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let (true, Some(number)) = (is_it, number) {
            set_close_on_exec(number)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
#[expect(unsafe_code, reason = "the file was opened by another program, so there is no safe handle to it")]
fn set_close_on_exec(number: i32) -> io::Result<()> {
    use std::os::fd::BorrowedFd;

    // SAFETY: the file is open, and nothing in this process closes it.
    let file = unsafe { BorrowedFd::borrow_raw(number) };
    Ok(rustix::io::fcntl_setfd(file, rustix::io::FdFlags::CLOEXEC)?)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "other systems can fail")]
fn close_on_exec(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(words: &str) -> Option<UnitCall> {
        UnitCall::of(&words.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn what_cargo_compiles_is_a_unit() {
        let unit = call(
            "rustc --crate-name common --edition=2024 src/lib.rs --emit=dep-info,metadata,link -C metadata=1f \
             -C extra-filename=-2e --out-dir /t/deps",
        );
        let unit = unit.unwrap();
        assert_eq!((unit.crate_name.as_str(), unit.extra_filename.as_str()), ("common", "-2e"));
        assert!(unit.is_product);
    }

    #[test]
    fn a_unit_of_cargo_1_100_has_no_extra_filename() {
        let unit = call("rustc --crate-name x x.rs --emit=dep-info,link -C metadata=1f --out-dir /t").unwrap();
        assert_eq!(unit.extra_filename, "");
    }

    #[test]
    fn a_long_call_is_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words");
        fs::write(&path, "--crate-name\nx\nx.rs\n--emit=dep-info,link\n-C\nmetadata=1f\n--out-dir\n/t t\n").unwrap();
        let unit = call(&format!("rustc @{}", path.display())).unwrap();
        assert_eq!(unit.out_dir, Path::new("/t t"));
    }

    #[test]
    fn what_is_only_checked_or_a_test_is_no_product() {
        let start = "clippy-driver rustc --crate-name x x.rs -C metadata=1f --out-dir /t";
        assert!(!call(&format!("{start} --emit=dep-info,metadata")).unwrap().is_product);
        assert!(!call(&format!("{start} --emit=dep-info,link --test")).unwrap().is_product);
    }

    #[test]
    fn a_build_scripts_probe_is_no_unit() {
        for probe in [
            // autocfg
            "rustc --crate-name autocfg_3 --crate-type=lib --out-dir /t --emit=llvm-ir -",
            // proc-macro2, anyhow
            "rustc --edition=2021 --crate-name=proc_macro2 --emit=dep-info,metadata --out-dir /t probe.rs",
            "rustc --crate-name=anyhow --emit=dep-info,metadata --out-dir /t probe.rs",
            // Cargo itself
            "rustc - --crate-name ___ --print=file-names --crate-type bin",
            "rustc -vV",
        ] {
            assert!(call(probe).is_none(), "{probe}");
        }
    }
}
