//! The pipeline: wasm-pack compiles and makes JavaScript, wasm-opt shrinks the module, `package` adds the rest. On a machine
//! with several processors, wasm-opt starts while wasm-pack runs, and the rest is made while wasm-opt runs. Then the sources
//! are read a second time, too: from there on, nothing reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use unstale::FileSet;
use xshell::{Shell, cmd};

use crate::compile::{Compiler, Outcome, Profile, Session, until_settled};
use crate::optimise::{self, Optimiser, Shrinking};
use crate::package::{self, Assembly, BuildInfo};
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

/// What a package has come to when no source is read any more.
enum Begun<'a> {
    /// The package that is there already.
    Unchanged(&'a BuildInfo),
    Incomplete(Box<Incomplete<'a>>),
}

/// A package without its module.
struct Incomplete<'a> {
    assembly: Assembly,
    /// The module as it is compiled.
    module: PathBuf,
    /// None if the module is not shrunk.
    shrinking: Option<Shrinking<'a>>,
}

/// The module with names, and its source map.
pub(crate) struct Symbols {
    pub(crate) module: Vec<u8>,
    pub(crate) map: Vec<u8>,
}

impl<'a> Pipeline<'a> {
    /// Makes the package from the sources as they are now.
    pub(crate) fn run(&self) -> Result<Made> {
        match until_settled(|| self.begin())? {
            Begun::Unchanged(current) => Ok(Made { info: current.clone(), is_new: false }),
            Begun::Incomplete(package) => Ok(Made { info: package.complete()?, is_new: true }),
        }
    }

    fn begin(&self) -> Result<Outcome<Begun<'a>>> {
        let sources = Sources::read(self.compiler.project, BINDING)?;
        let inputs = sources.inputs()?;
        self.check_expected(&inputs.package.digest())?;

        let Sources { workspace, snapshot } = sources;
        let session = self.compiler.begin(&workspace, snapshot, Some(&inputs.package))?;
        let begun = self.make(&session, &inputs);
        // wasm-opt runs on meanwhile.
        session.end(begun)
    }

    fn make(&self, session: &Session, inputs: &Inputs) -> Result<Begun<'a>> {
        let mut optimiser = self.optimiser(session)?;
        let is_changed = self.current.is_none_or(|current| current.module_digest != inputs.module.digest());
        if is_changed && let Some(optimiser) = &mut optimiser {
            optimiser.start()?;
        }
        self.wasm_pack(session, inputs)?;

        let made_from = self.made_from()?;
        if let Some(current) = self.current
            && current.package_digest == inputs.package.digest()
            && current.made_from == made_from
        {
            session.sh.remove_path(self.out)?;
            return Ok(Begun::Unchanged(current));
        }

        let module = self.out.join(package::GLUE_MODULE);
        let shrinking = optimiser.map(|optimiser| optimiser.shrink(&module)).transpose()?;
        let info = BuildInfo::new(inputs, made_from, self.compiler.profile, self.compiler.tools);
        let assembly = Assembly::start(&session.sh, self.out, &self.compiler.tools.npm.esbuild, info)?;
        Ok(Begun::Incomplete(Box::new(Incomplete { assembly, module, shrinking })))
    }

    /// Only what may be published is shrunk.
    fn optimiser(&self, session: &Session) -> Result<Option<Optimiser<'a>>> {
        let Compiler { tools, dir, profile, .. } = self.compiler;
        let optimiser = || Optimiser::new(&session.sh, &tools.npm, session.workspace, dir.path());
        (*profile == Profile::Release).then(optimiser).transpose()
    }

    /// Makes the module once more, with names and a source map, which is called `map_name`. The map is wasm-opt's, as
    /// debug information would keep it from some optimisations.
    pub(crate) fn symbols(&self, map_name: &str) -> Result<Symbols> {
        until_settled(|| {
            let sources = Sources::read(self.compiler.project, BINDING)?;
            let inputs = sources.inputs()?;
            let Sources { workspace, snapshot } = sources;
            let session = self.compiler.begin(&workspace, snapshot, Some(&inputs.package))?;
            let symbols = self.make_symbols(&session, &inputs, map_name);
            session.end(symbols)
        })
    }

    fn make_symbols(&self, session: &Session, inputs: &Inputs, map_name: &str) -> Result<Symbols> {
        let sh = &session.sh;
        add_lines(sh);
        self.wasm_pack(session, inputs)?;

        let module = self.out.join(package::GLUE_MODULE);
        let map = self.out.join(map_name);
        let lines = SourceMap::of_dwarf(&fs::read(&module)?)?;
        fs::write(&map, serde_json::to_vec(&lines)?)?;

        let mut flags = optimise::flags(session.workspace)?;
        flags.retain(|flag| flag != "--strip-debug");
        flags.extend(["--strip-dwarf", "--debuginfo", "--output-source-map-url", map_name].map(str::to_owned));
        let shrink = self.compiler.tools.npm.wasm_opt.command(sh).args(flags);
        let shrink = shrink.arg("--input-source-map").arg(&map).arg("--output-source-map").arg(&map);
        let shrink = shrink.arg(&module).arg("--output").arg(&module);
        shrink.quiet().run().context("wasm-opt failed")?;
        Ok(Symbols { module: fs::read(module)?, map: fs::read(map)? })
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

    fn wasm_pack(&self, session: &Session, inputs: &Inputs) -> Result<()> {
        let start = Instant::now();
        let sh = &session.sh;
        sh.set_var("MODULE_DIGEST", inputs.module.digest());
        // wasm-pack would leave old files there.
        sh.remove_path(self.out)?;
        let profile = format!("--{}", self.compiler.profile.name());
        let name = package::GLUE;
        let options = session.cargo_options()?;
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

impl Incomplete<'_> {
    fn complete(self) -> Result<BuildInfo> {
        let Self { assembly, mut module, shrinking } = self;
        if let Some(shrinking) = shrinking {
            module = shrinking.finish()?;
        }
        assembly.finish(&module)
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
