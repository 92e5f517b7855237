//! The program that cargo calls in the place of rustc: it calls rustc, and writes down what the compiler read.
//!
//! Cargo has two places for flags of every crate, RUSTFLAGS and its configuration, and one of them hides the other. A
//! wrapper adds flags and leaves both to the user. It is this very program, told by the environment what it is.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, iter, process};

use anyhow::{Context, Result};
use xshell::Shell;

use super::graph::cargo_home;

/// The folder for what is written down. Where it is set, this program is the wrapper.
const READS: &str = "FRESH_READS";
/// The flags to add, a line each.
const FLAGS: &str = "FRESH_FLAGS";
/// The user's own wrapper.
const NEXT: &str = "FRESH_NEXT_WRAPPER";
/// The checkout: what lies elsewhere is not written down.
const ROOT: &str = "FRESH_ROOT";

/// Makes cargo call the wrapper, in a shell. No path of this machine gets into what is compiled.
pub(super) fn install(sh: &Shell, root: &Path, dir: &Path, reads: &Path) -> Result<()> {
    fs::create_dir_all(reads).with_context(|| format!("cannot create {}", reads.display()))?;
    for begun in begun(reads)? {
        sh.remove_path(begun)?;
    }
    // The last match wins: the target folder may lie in the checkout.
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
    // Cargo asks rustc about itself by a crate of this name.
    let crate_name = value_of(&rustc, "--crate-name").filter(|name| name != "___");
    let flags = env::var(FLAGS).unwrap_or_default();
    let flags = flags.lines().filter(|_| crate_name.is_some()).map(OsString::from);
    let mut words = env::var_os(NEXT).into_iter().chain(rustc.iter().cloned()).chain(flags);
    let program = words.next().context("the wrapper was called without a compiler")?;
    let begun = reads.join(format!("begun-{}", process::id()));
    fs::write(&begun, "")?;
    let status = Command::new(&program).args(words).status();
    let status = status.with_context(|| format!("cannot start {}", program.display()))?;
    if let Some(name) = crate_name.filter(|_| status.success()) {
        note(reads, &name, &rustc)?;
    }
    fs::remove_file(begun)?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// Keeps a copy of the list of files that a local crate was compiled from, behind a line for its package's folder and one
/// for the folder that rustc ran in.
fn note(reads: &Path, name: &str, rustc: &[OsString]) -> Result<()> {
    let (out, package) = (value_of(rustc, "--out-dir"), env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from));
    let is_local = |package: &PathBuf| package.starts_with(env::var_os(ROOT).unwrap_or_default());
    // Clippy, which emits no code, lists its own configuration as well.
    let is_code =
        rustc.iter().any(|word| word.to_str().is_some_and(|it| it.starts_with("--emit=") && it.contains("link")));
    if let (Some(out), Some(package)) = (out, package.filter(is_local).filter(|_| is_code)) {
        let extra = rustc.iter().find_map(|word| word.to_str()?.strip_prefix("extra-filename="));
        let file = format!("{name}{}.d", extra.unwrap_or_default());
        let list = fs::read_to_string(Path::new(&out).join(&file)).context("rustc lists no files")?;
        let (package, ran_in) = (package.display(), env::current_dir()?);
        fs::write(reads.join(file), format!("{package}\n{}\n{list}", ran_in.display()))?;
    }
    Ok(())
}

fn value_of(words: &[OsString], name: &str) -> Option<String> {
    let value = iter::zip(words, words.iter().skip(1)).find(|(word, _)| *word == name);
    value.map(|(_, value)| value.to_string_lossy().into_owned())
}

/// What tells of each compiler that was started since `install` and has not ended: it may have been killed.
pub(super) fn begun(reads: &Path) -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(reads)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    Ok(files.into_iter().filter(|path| path.extension().is_none()).collect())
}
