//! The pipeline: wasm-pack compiles and makes JavaScript, wasm-opt shrinks the module, `package` adds the rest. On a machine
//! with several processors, wasm-opt starts while wasm-pack runs, and the rest is made while wasm-opt runs.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use unstale::{FileSet, Workspace};
use xshell::{Shell, cmd};

use crate::compile::{Compiler, Pass, Profile};
use crate::optimise::{self, Optimiser};
use crate::package::{self, Assembly, BuildInfo, Parts};
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
        let mut optimiser = self.optimiser(sh, workspace)?;
        let is_changed = self.current.is_none_or(|current| current.module_digest != inputs.module.digest());
        if is_changed && let Some(optimiser) = &mut optimiser {
            optimiser.start()?;
        }
        self.wasm_pack(sh, workspace, inputs)?;

        let made_from = self.made_from()?;
        if let Some(current) = self.current
            && current.package_digest == inputs.package.digest()
            && current.made_from == made_from
        {
            sh.remove_path(self.out)?;
            return Ok(Made { info: current.clone(), is_new: false });
        }

        let parts = Parts { inputs, made_from, profile: self.compiler.profile, tools: self.compiler.tools };
        let assembly = Assembly::start(sh, self.out, &parts)?;
        let mut module = self.out.join(package::GLUE_MODULE);
        if let Some(optimiser) = optimiser {
            module = optimiser.run(&module)?;
        }
        Ok(Made { info: assembly.finish(&module)?, is_new: true })
    }

    /// Only what may be published is shrunk.
    fn optimiser<'a>(&'a self, sh: &'a Shell, workspace: &Workspace) -> Result<Option<Optimiser<'a>>> {
        let Compiler { tools, dir, profile, .. } = self.compiler;
        (*profile == Profile::Release).then(|| Optimiser::new(sh, tools, workspace, dir.path())).transpose()
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

            let mut flags = optimise::flags(workspace)?;
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
