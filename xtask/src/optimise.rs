//! wasm-opt, which shrinks the module.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use unstale::Workspace;
use xshell::Shell;

use crate::early::Early;
use crate::project::{BINDING, step};
use crate::tools::npm::NpmTools;

/// Shrinks a module, unless the last run shrank the same one.
pub(crate) struct Optimiser<'a> {
    sh: Shell,
    npm: &'a NpmTools,
    flags: Vec<String>,
    /// The folder with the module that the last run has made. Its name says what it was made from.
    kept: PathBuf,
    /// Started already, as npm's takes a third of a second to start.
    early: Option<Early>,
}

/// A module that is being shrunk.
pub(crate) struct Shrinking<'a> {
    sh: Shell,
    npm: &'a NpmTools,
    start: Instant,
    kept: PathBuf,
    /// The module's path in that folder, once it is shrunk.
    shrunk: PathBuf,
    /// None if it is there already.
    wasm_opt: Option<Early>,
}

impl<'a> Optimiser<'a> {
    /// `target_dir` is where the module is compiled.
    pub(crate) fn new(sh: &Shell, npm: &'a NpmTools, workspace: &Workspace, target_dir: &Path) -> Result<Self> {
        let kept = target_dir.join("optimised");
        Ok(Self { sh: sh.clone(), npm, flags: flags(workspace)?, kept, early: None })
    }

    /// Starts wasm-opt although there is no module yet.
    pub(crate) fn start(&mut self) -> Result<()> {
        self.early = Some(self.wasm_opt()?);
        Ok(())
    }

    /// Lets wasm-opt begin with a module.
    pub(crate) fn shrink(mut self, module: &Path) -> Result<Shrinking<'a>> {
        let start = Instant::now();
        let input = fs::read(module)?;
        let key = format!("{} {:?} {}", unstale::hash(&input), self.flags, self.npm.binaryen);
        let shrunk = self.kept.join(unstale::hash(key.as_bytes()));

        let mut wasm_opt = None;
        if !shrunk.exists() {
            let mut running = self.early.take().map_or_else(|| self.wasm_opt(), Ok)?;
            running.give(&input);
            wasm_opt = Some(running);
        }
        Ok(Shrinking { sh: self.sh, npm: self.npm, start, kept: self.kept, shrunk, wasm_opt })
    }

    fn wasm_opt(&self) -> Result<Early> {
        let wasm_opt = self.npm.wasm_opt.command(&self.sh).args(&self.flags).arg("-");
        Early::start(wasm_opt.arg("--output").arg(new_module(&self.kept)), Stdio::inherit())
    }
}

impl Shrinking<'_> {
    /// Where the module is, once it is shrunk.
    pub(crate) fn finish(self) -> Result<PathBuf> {
        if let Some(wasm_opt) = self.wasm_opt {
            wasm_opt.finish().context("wasm-opt failed")?;
            self.sh.remove_path(&self.kept)?;
            self.sh.create_dir(&self.kept)?;
            fs::rename(new_module(&self.kept), &self.shrunk)?;
            step("optimise", self.start, &format!("wasm-opt {}", self.npm.binaryen));
        }
        Ok(self.shrunk)
    }
}

/// What wasm-opt writes.
fn new_module(kept: &Path) -> PathBuf {
    kept.with_file_name("optimised-new")
}

/// The flags that a plain `wasm-pack build` gives to wasm-opt.
pub(crate) fn flags(workspace: &Workspace) -> Result<Vec<String>> {
    let metadata = workspace.member(BINDING).map(|binding| &binding.metadata);
    let flags = metadata.and_then(|metadata| metadata.pointer("/wasm-pack/profile/release/wasm-opt"));
    let flags: Option<Vec<String>> = flags.and_then(|flags| serde_json::from_value(flags.clone()).ok());
    let flags = flags.unwrap_or_default();
    ensure!(!flags.is_empty(), "wasm-client/Cargo.toml needs `metadata.wasm-pack.profile.release.wasm-opt` flags");
    Ok(flags)
}
