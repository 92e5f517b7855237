//! The pipeline: wasm-pack compiles and makes JavaScript, wasm-opt shrinks the module, `package` adds the rest.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use unstale::{FileSet, Workspace};
use xshell::{Shell, cmd};

use crate::compile::{Compiler, Pass, Profile};
use crate::package::{self, BuildInfo, Parts};
use crate::project::{BINDING, step};
use crate::sources::{Inputs, Sources};
use crate::symbols::SourceMap;

/// Makes a package in a folder.
pub(crate) struct Pipeline<'a> {
    pub(crate) compiler: &'a Compiler<'a>,
    pub(crate) out: &'a Path,
    /// The package that is there already: if it would become the same, nothing is made.
    pub(crate) current: Option<&'a BuildInfo>,
    /// The digest that the sources must have.
    pub(crate) expect: Option<&'a str>,
}

/// A package that was made, or the one that was there.
pub(crate) struct Made {
    pub(crate) info: BuildInfo,
    pub(crate) is_new: bool,
}

/// The module with names, and its source map.
pub(crate) struct Symbols {
    pub(crate) module: Vec<u8>,
    pub(crate) map: Vec<u8>,
}

impl Pipeline<'_> {
    /// Makes the package once from the sources as they are now.
    pub(crate) fn pass(&self) -> Result<Pass<Made>> {
        let sources = Sources::read(self.compiler.project, BINDING)?;
        let inputs = sources.inputs()?;
        self.check_expected(&inputs.package.digest())?;
        self.compiler.run(sources, Some(&inputs.package), |sh, workspace| self.make(sh, workspace, &inputs))
    }

    fn make(&self, sh: &Shell, workspace: &Workspace, inputs: &Inputs) -> Result<Made> {
        self.wasm_pack(sh, workspace, inputs)?;

        let made_from = self.made_from()?;
        if let Some(current) = self.current
            && current.package_digest == inputs.package.digest()
            && current.made_from == made_from
        {
            sh.remove_path(self.out)?;
            return Ok(Made { info: current.clone(), is_new: false });
        }
        if self.compiler.profile == Profile::Release {
            self.wasm_opt(sh, workspace)?;
        }

        let start = Instant::now();
        let parts = Parts { inputs, made_from, profile: self.compiler.profile, tools: self.compiler.tools };
        let info = package::assemble(sh, self.out, &parts)?;
        step("assemble", start, "esbuild, Node.js");
        Ok(Made { info, is_new: true })
    }

    /// Makes the module once more, with names and a source map, which is called `map_name`. The map is wasm-opt's, as
    /// debug information would keep it from some optimisations.
    pub(crate) fn symbols(&self, map_name: &str) -> Result<Pass<Symbols>> {
        let sources = Sources::read(self.compiler.project, BINDING)?;
        let inputs = sources.inputs()?;
        self.compiler.run(sources, Some(&inputs.package), |sh, workspace| {
            add_lines(sh);
            self.wasm_pack(sh, workspace, &inputs)?;

            let module = self.out.join(package::GLUE_MODULE);
            let map = self.out.join(map_name);
            let lines = SourceMap::of_dwarf(&fs::read(&module)?)?;
            fs::write(&map, serde_json::to_vec(&lines)?)?;

            let mut flags = flags(workspace)?;
            flags.retain(|flag| flag != "--strip-debug");
            flags.extend(["--strip-dwarf", "--debuginfo", "--output-source-map-url", map_name].map(str::to_owned));
            let shrink = self.compiler.tools.npm.wasm_opt.command(sh).args(flags);
            let shrink = shrink.arg("--input-source-map").arg(&map).arg("--output-source-map").arg(&map);
            let shrink = shrink.arg(&module).arg("--output").arg(&module);
            shrink.quiet().run().context("wasm-opt failed")?;
            Ok(Symbols { module: fs::read(module)?, map: fs::read(map)? })
        })
    }

    fn check_expected(&self, digest: &str) -> Result<()> {
        ensure!(
            self.expect.is_none_or(|expected| expected == digest),
            "the sources here have the digest {digest}, but another was expected: `touch` the file that differs and rebuild. \
             A container misses an edit that keeps a file's size and time. To find it, compare\n    \
             cargo xtask digest --files package\n\
             on the other machine with the same here; for the Earthfile, that is\n    \
             earth --artifact +uploaded/uploaded.txt"
        );
        Ok(())
    }

    fn wasm_pack(&self, sh: &Shell, workspace: &Workspace, inputs: &Inputs) -> Result<()> {
        let start = Instant::now();
        sh.set_var("MODULE_DIGEST", inputs.module.digest());
        // wasm-pack would leave old files there.
        sh.remove_path(self.out)?;
        let profile = format!("--{}", self.compiler.profile.name());
        let name = package::GLUE;
        let options = self.compiler.cargo_options(workspace)?;
        // Otherwise wasm-pack would call wasm-opt in each run, in whatever version is on PATH.
        let build = cmd!(sh, "wasm-pack --log-level error build {BINDING} {profile} --target web --mode no-install");
        let build = build.args(["--no-opt", "--out-name", name, "--out-dir"]).arg(self.out).arg("--").args(options);
        // wasm-pack also asks cargo about the workspace. Cargo keeps what rustc said in a target folder, for one wrapper at
        // a time: in the checkout's own folder, that is without ours.
        let build = build.env("CARGO_BUILD_TARGET_DIR", self.compiler.dir.path());
        build.quiet().run().context("the build failed; the output above says why")?;
        step("compile", start, "wasm-pack");
        Ok(())
    }

    /// What a package is made from besides the sources: the tools, and wasm-pack's output, which may depend on
    /// environment variables.
    fn made_from(&self) -> Result<String> {
        let output = FileSet::of_dir(self.out)?.digest();
        let key = format!("{output} {} {}", self.compiler.profile.name(), self.compiler.tools.npm.binaryen);
        Ok(unstale::hash(key.as_bytes()))
    }

    /// Shrinks the module, unless the last run shrank the same module.
    fn wasm_opt(&self, sh: &Shell, workspace: &Workspace) -> Result<()> {
        let start = Instant::now();
        let npm = &self.compiler.tools.npm;
        let module = self.out.join(package::GLUE_MODULE);
        let flags = flags(workspace)?;
        let input = unstale::hash(&fs::read(&module)?);
        let key = unstale::hash(format!("{input} {flags:?} {}", npm.binaryen).as_bytes());

        // Next to its final place, to rename it there: in a container, the package is on a different file system.
        let kept = self.compiler.dir.path().join("optimised");
        let small = kept.join("new");
        if !kept.join(&key).exists() {
            sh.remove_path(&kept)?;
            sh.create_dir(&kept)?;
            let shrink = npm.wasm_opt.command(sh).args(flags).arg(&module).arg("--output").arg(&small);
            shrink.quiet().run().context("wasm-opt failed")?;
            fs::rename(&small, kept.join(&key))?;
            step("optimise", start, &format!("wasm-opt {}", npm.binaryen));
        }
        fs::copy(kept.join(key), module)?;
        Ok(())
    }
}

/// Makes the compiler note lines. As a setting of the profile, that would give all symbols other names, and so the module's
/// functions another order.
fn add_lines(sh: &Shell) {
    // Cargo takes flags from one place: if this variable is set, from there.
    let [general, of_target] = ["RUSTFLAGS", "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS"];
    let name = if sh.var_os(general).is_some() { general } else { of_target };
    let flags = sh.var(name).unwrap_or_default();
    sh.set_var(name, format!("{flags} -Cdebuginfo=line-tables-only"));
}

/// The flags that a plain `wasm-pack build` gives to wasm-opt.
fn flags(workspace: &Workspace) -> Result<Vec<String>> {
    let metadata = workspace.member(BINDING).map(|binding| &binding.metadata);
    let flags = metadata.and_then(|metadata| metadata.pointer("/wasm-pack/profile/release/wasm-opt"));
    let flags: Option<Vec<String>> = flags.and_then(|flags| serde_json::from_value(flags.clone()).ok());
    let flags = flags.unwrap_or_default();
    ensure!(!flags.is_empty(), "wasm-client/Cargo.toml needs `metadata.wasm-pack.profile.release.wasm-opt` flags");
    Ok(flags)
}
