//! The check `freshness`: the promise, tested on a copy of this workspace.
//!
//! It names nothing in the library, so it works for any library that replaces the example.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};
use std::{env, io};

use anyhow::{Context, Result, ensure};

use super::Report;
use crate::package;
use crate::project::{BINDING, Project};
use crate::sources::Sources;
use crate::tools::{self, Tools};

/// After an edit with an old time, `verify` has to refuse the package, and `build` to compile exactly one crate.
pub(super) fn run(project: &Project, _: &Tools, _: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let copy = Copy { root: folder.path().canonicalize()?, tools: tools::dir(project) };
    copy.make(project)?;
    copy.set_probe("first")?;
    copy.succeeds(&["build", "--dev"])?;
    ensure!(copy.has("first probe")?, "the package has no probe");

    copy.set_probe("other")?;
    let refused = copy.fails(&["verify"])?;
    let names_both = refused.contains("wasm-client changed") && refused.contains("wasm-client/src/probe.rs (changed)");
    ensure!(names_both, "`verify` does not name what changed: {refused}");

    let built = copy.succeeds(&["build", "--dev"])?;
    ensure!(built.matches("Compiling").count() == 1, "not exactly one crate was compiled: {built}");
    ensure!(copy.has("other probe")? && !copy.has("first probe")?, "the package is stale");
    copy.succeeds(&["verify"])?;

    let again = copy.succeeds(&["build", "--dev"])?;
    ensure!(!again.contains("Compiling") && again.contains("unchanged"), "nothing had changed: {again}");
    Ok(())
}

/// A copy of the workspace, with a text of ours in its module.
struct Copy {
    root: PathBuf,
    tools: PathBuf,
}

impl Copy {
    /// Copies what a build can see: nothing that was built or installed.
    fn make(&self, project: &Project) -> Result<()> {
        for path in Sources::read(project, BINDING)?.snapshot.files().paths() {
            let to = self.root.join(path);
            fs::create_dir_all(to.parent().unwrap_or(&self.root))?;
            fs::copy(project.root.join(path), to)?;
        }
        let library = self.root.join(BINDING).join("src/lib.rs");
        fs::write(&library, fs::read_to_string(&library)? + "\nmod probe;\n")?;
        Ok(())
    }

    /// Writes a Rust module that puts a text into the WebAssembly module, whatever the library is, and gives it an old time.
    fn set_probe(&self, word: &str) -> Result<()> {
        let path = self.root.join(BINDING).join("src/probe.rs");
        let attributes = "#[unsafe(no_mangle)]\n#[allow(unsafe_code, reason = \"a name for the linker\")]";
        fs::write(&path, format!("{attributes}\npub static PROBE: [u8; 11] = *b\"{word} probe\";\n"))?;
        let old = SystemTime::now() - Duration::from_hours(48);
        File::options().write(true).open(&path)?.set_modified(old)?;
        Ok(())
    }

    fn has(&self, text: &str) -> Result<bool> {
        let module = fs::read(package::module(&self.root.join(BINDING).join("pkg"))?)?;
        Ok(module.windows(text.len()).any(|window| window == text.as_bytes()))
    }

    fn succeeds(&self, arguments: &[&str]) -> Result<String> {
        let output = self.xtask(arguments)?;
        let said = String::from_utf8(output.stderr).context("the output is not UTF-8")?;
        ensure!(output.status.success(), "`xtask {}` failed: {said}", arguments.join(" "));
        Ok(said)
    }

    fn fails(&self, arguments: &[&str]) -> Result<String> {
        let output = self.xtask(arguments)?;
        let said = String::from_utf8(output.stderr).context("the output is not UTF-8")?;
        ensure!(!output.status.success(), "`xtask {}` passed: {said}", arguments.join(" "));
        Ok(said)
    }

    fn xtask(&self, arguments: &[&str]) -> io::Result<std::process::Output> {
        let mut xtask = Command::new(env::current_exe()?);
        xtask.current_dir(&self.root).env_remove("CARGO_TARGET_DIR").env("XTASK_TOOLS", &self.tools);
        xtask.args(arguments).output()
    }
}
