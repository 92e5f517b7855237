//! The check `freshness`: the promise, tested on a copy of this workspace.
//!
//! It names nothing in the library, so it works for any library that replaces the example.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{env, process::Command};

use anyhow::{Context, Result, ensure};
use walkdir::{DirEntry, WalkDir};

use crate::fresh::is_hidden;
use crate::package::MODULE;
use crate::project::{BINDING, Project};
use crate::tools;

/// After an edit with an old time, `verify` has to refuse the package, and `build` to compile exactly one crate.
pub(crate) fn test(project: &Project) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let root = folder.path();
    copy_sources(&project.root, root)?;
    let (probe, library) = (root.join(BINDING).join("src/probe.rs"), root.join(BINDING).join("src/lib.rs"));
    fs::write(&library, fs::read_to_string(&library)? + "\nmod probe;\n")?;
    fs::write(&probe, a_probe("first"))?;
    let xtask = |arguments: &[&str], passes| xtask(project, root, arguments, passes);
    xtask(&["build", "--dev"], true)?;
    ensure!(has(root, "first probe")?, "the package has no probe");

    fs::write(&probe, a_probe("other"))?;
    File::options().write(true).open(&probe)?.set_modified(SystemTime::now() - Duration::from_hours(48))?;
    let refused = xtask(&["verify"], false)?;
    let names_both = refused.contains("wasm-client changed") && refused.contains("wasm-client/src/probe.rs (changed)");
    ensure!(names_both, "`verify` does not name what changed: {refused}");
    let built = xtask(&["build", "--dev"], true)?;
    ensure!(built.matches("Compiling").count() == 1, "not exactly one crate was compiled: {built}");
    ensure!(has(root, "other probe")? && !has(root, "first probe")?, "the package is stale");
    xtask(&["verify"], true)?;
    let again = xtask(&["build", "--dev"], true)?;
    ensure!(!again.contains("Compiling") && again.contains("unchanged"), "nothing had changed: {again}");
    Ok(())
}

/// Copies the workspace, except for what is built, installed or not needed here.
fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    let left_out = ["target", "node_modules", "pkg", "www", "docs", "lab"];
    let is_left_out = |it: &DirEntry| is_hidden(it.path()) || left_out.iter().any(|name| it.file_name() == *name);
    let is_wanted = |it: &DirEntry| it.file_name() == ".cargo" || !is_left_out(it);
    for entry in WalkDir::new(from).min_depth(1).into_iter().filter_entry(is_wanted) {
        let entry = entry?;
        let to = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() { fs::create_dir(to)? } else { fs::copy(entry.path(), to).map(drop)? }
    }
    Ok(())
}

/// A Rust module that puts a text into the WebAssembly module, whatever the library is.
fn a_probe(word: &str) -> String {
    let attributes = "#[unsafe(no_mangle)]\n#[allow(unsafe_code, reason = \"a name for the linker\")]";
    format!("{attributes}\npub static PROBE: [u8; 11] = *b\"{word} probe\";\n")
}

fn has(root: &Path, text: &str) -> Result<bool> {
    let module = fs::read(root.join(BINDING).join("pkg").join(MODULE))?;
    Ok(module.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// Runs this program in the copy, and returns its output.
fn xtask(project: &Project, root: &Path, arguments: &[&str], passes: bool) -> Result<String> {
    let mut xtask = Command::new(env::current_exe()?);
    xtask.current_dir(root).env_remove("CARGO_TARGET_DIR").env("XTASK_TOOLS", tools::dir(project));
    let output = xtask.args(arguments).output()?;
    let said = String::from_utf8(output.stderr).context("the output is not UTF-8")?;
    let passed = output.status.success();
    ensure!(passed == passes, "`xtask {}` {}: {said}", arguments.join(" "), if passed { "passed" } else { "failed" });
    Ok(said)
}
