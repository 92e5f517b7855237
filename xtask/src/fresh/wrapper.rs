//! The program that cargo calls instead of rustc: it calls rustc, and keeps the list of what the compiler read.
//!
//! Cargo takes flags for every crate from RUSTFLAGS or from its configuration, but not from both. A wrapper adds
//! flags and leaves both to the user. The wrapper is this program itself, started with the variables below.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, iter};

use anyhow::{Context, Result};
use xshell::Shell;

use super::graph::cargo_home;

/// The folder for the lists. If it is set, this program is the wrapper.
const READS: &str = "FRESH_READS";
/// The flags to add, one per line.
const FLAGS: &str = "FRESH_FLAGS";
/// The user's own wrapper.
const NEXT: &str = "FRESH_NEXT_WRAPPER";
/// The checkout: no list is kept for a crate outside of it.
const ROOT: &str = "FRESH_ROOT";

/// The extensions of the file that marks a compiler of a local package: while it runs, and once it has ended.
const BEGUN: &str = "begun";
const ENDED: &str = "ended";

/// Makes cargo call the wrapper, in a shell, and keeps this machine's paths out of what is compiled.
pub(super) fn install(sh: &Shell, root: &Path, dir: &Path, reads: &Path) -> Result<()> {
    fs::create_dir_all(reads).with_context(|| format!("cannot create {}", reads.display()))?;
    // The last match wins: the target folder may be in the checkout.
    let flags = [(&*cargo_home(), "/cargo"), (root, "/src"), (dir, "/target")]
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    let config = cargo_config2::Config::load_with_cwd(root).context("cannot read cargo's configuration")?;
    if let Some(next) = config.build.rustc_wrapper {
        sh.set_var(NEXT, next);
    }
    sh.set_var("RUSTC_WRAPPER", env::current_exe()?);
    sh.set_var(FLAGS, flags.join("\n"));
    sh.set_var(ROOT, root);
    sh.set_var(READS, reads);
    Ok(())
}

/// Runs as the wrapper, if that is what this program was called for.
pub(crate) fn run_as_wrapper() -> Option<ExitCode> {
    let reads = PathBuf::from(env::var_os(READS)?);
    let code = wrap(&reads, env::args_os().skip(1).collect()).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        1
    });
    Some(ExitCode::from(code))
}

fn wrap(reads: &Path, rustc: Vec<OsString>) -> Result<u8> {
    // Cargo uses a crate of this name to ask rustc about itself.
    let crate_name = value_of(&rustc, "--crate-name").filter(|name| name != "___");
    let flags = env::var(FLAGS).unwrap_or_default();
    let is_unit = crate_name.is_some();
    let flags = flags.lines().filter(|_| is_unit).map(OsString::from);
    let mut words = env::var_os(NEXT).into_iter().chain(rustc.iter().cloned()).chain(flags);
    let program = words.next().context("the wrapper was called without a compiler")?;
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.filter(|package| package.starts_with(env::var_os(ROOT).unwrap_or_default()));
    let extra = rustc.iter().find_map(|word| word.to_str()?.strip_prefix("extra-filename="));
    let local = crate_name.zip(package).map(|(name, package)| (reads.join(name + extra.unwrap_or_default()), package));
    if let Some((unit, package)) = &local {
        fs::write(unit.with_extension(BEGUN), package.as_os_str().as_encoded_bytes())?;
    }
    let status = Command::new(&program).args(words).status();
    let status = status.with_context(|| format!("cannot start {}", program.display()))?;
    if let Some((unit, package)) = local {
        if status.success() {
            note(&unit.with_extension("d"), &package, &rustc)?;
        }
        fs::rename(unit.with_extension(BEGUN), unit.with_extension(ENDED))?;
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// Copies the list of files that a local crate was compiled from, after a line with its package's folder and a line with
/// the folder that rustc ran in.
fn note(list: &Path, package: &Path, rustc: &[OsString]) -> Result<()> {
    if let Some(out) = value_of(rustc, "--out-dir") {
        let of_rustc = Path::new(&out).join(list.file_name().unwrap_or_default());
        let files = fs::read_to_string(of_rustc).context("cannot read the list of files that rustc wrote")?;
        fs::write(list, format!("{}\n{}\n{files}", package.display(), env::current_dir()?.display()))?;
    }
    Ok(())
}

fn value_of(words: &[OsString], name: &str) -> Option<String> {
    let value = iter::zip(words, words.iter().skip(1)).find(|(word, _)| *word == name);
    value.map(|(_, value)| value.to_string_lossy().into_owned())
}

/// The files that mark the compilers of local packages, each with the package's folder.
pub(super) type Marks = BTreeMap<PathBuf, PathBuf>;

/// The marks of the compilers that were started since the last `forget`.
pub(super) fn started(reads: &Path) -> Result<Marks> {
    let mut marks = Marks::new();
    for entry in fs::read_dir(reads)? {
        let path = entry?.path();
        if [BEGUN, ENDED].iter().any(|mark| path.extension() == Some(mark.as_ref())) {
            // The compiler of a killed build may still be at work, and end meanwhile.
            let package = fs::read_to_string(&path).or_else(|_| fs::read_to_string(path.with_extension(ENDED)));
            marks.insert(path, package?.into());
        }
    }
    Ok(marks)
}

pub(super) fn have_ended(marks: &Marks) -> bool {
    marks.keys().all(|mark| mark.extension() == Some(ENDED.as_ref()))
}

/// A mark that stays makes the next build compile more, so errors do no harm.
pub(super) fn forget(marks: &Marks) {
    marks.keys().for_each(|mark| drop(fs::remove_file(mark)));
}
