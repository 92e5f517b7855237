//! wasm-opt, which shrinks the module.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use unstale::Workspace;
use xshell::Shell;

use crate::early::Early;
use crate::project::{BINDING, step};
use crate::tools::Tools;

/// Shrinks a module, unless the last run shrank the same one.
pub(crate) struct Optimiser<'a> {
    sh: &'a Shell,
    tools: &'a Tools,
    flags: Vec<String>,
    /// The folder with the module that the last run has made. Its name says what it was made from.
    kept: PathBuf,
    /// Started already, as npm's takes a third of a second to start.
    early: Option<Early>,
}

impl<'a> Optimiser<'a> {
    /// `target_dir` is where the module is compiled.
    pub(crate) fn new(sh: &'a Shell, tools: &'a Tools, workspace: &Workspace, target_dir: &Path) -> Result<Self> {
        let kept = target_dir.join("optimised");
        Ok(Self { sh, tools, flags: flags(workspace)?, kept, early: None })
    }

    /// Starts wasm-opt although there is no module yet.
    pub(crate) fn start(&mut self) -> Result<()> {
        let wasm_opt = &self.tools.npm.wasm_opt;
        if wasm_opt.starts_slowly() {
            let wasm_opt = wasm_opt.command(self.sh).args(&self.flags).arg("-");
            self.early = Some(Early::start(wasm_opt.arg("--output").arg(self.new_module()))?);
        }
        Ok(())
    }

    /// Where the module is when it is shrunk.
    pub(crate) fn run(self, module: &Path) -> Result<PathBuf> {
        let start = Instant::now();
        let input = fs::read(module)?;
        let new = self.new_module();
        let Self { sh, tools, flags, kept, early } = self;
        let npm = &tools.npm;
        let key = format!("{} {flags:?} {}", unstale::hash(&input), npm.binaryen);
        let shrunk = kept.join(unstale::hash(key.as_bytes()));
        if shrunk.exists() {
            return Ok(shrunk);
        }

        if let Some(early) = early {
            early.finish(&input).context("wasm-opt failed")?;
        } else {
            let wasm_opt = npm.wasm_opt.command(sh).args(flags).arg(module).arg("--output").arg(&new);
            wasm_opt.quiet().run().context("wasm-opt failed")?;
        }
        sh.remove_path(&kept)?;
        sh.create_dir(&kept)?;
        fs::rename(new, &shrunk)?;
        step("optimise", start, &format!("wasm-opt {}", npm.binaryen));
        Ok(shrunk)
    }

    fn new_module(&self) -> PathBuf {
        self.kept.with_file_name("optimised-new")
    }
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
