//! The pipeline: wasm-pack compiles and makes JavaScript, wasm-opt shrinks the module, `package` adds the rest.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use crate::fresh::{self, Folder, Graph, Inputs, Profile};
use crate::package::{self, BuildInfo};
use crate::project::{BINDING, EXTRA, Project, step};
use crate::tools::Tools;

/// Builds the package into wasm-client/pkg. `expect` is the digest that the sources must have; `by_content` gives them
/// an old time, so that modification times do not matter. If the build fails, the old package stays as it was.
pub(crate) fn run(project: &Project, profile: Profile, expect: Option<String>, by_content: bool) -> Result<()> {
    let start = Instant::now();
    // First of all: a change while the tools are installed, or while another build runs, is a change under this build.
    let (graph, mut inputs) = project.inputs(BINDING)?;
    if by_content {
        date_back(project, &inputs)?;
        inputs = Inputs::read(&graph, EXTRA)?;
    }
    let tools = Tools::ensure(project)?;
    step("tools", start, &tools.to_string());
    let folder = project.folder(&graph, &tools.toolchain, "fresh")?;
    let builder = Builder { tools: &tools, folder: &folder, graph: &graph, inputs: &inputs, profile };
    let (old, id) = (project.package_dir(), fresh::hash_of(folder.dir.as_os_str().as_encoded_bytes()));
    // Builds in other target folders may run now.
    let new = old.with_file_name(format!(".pkg-new-{}", &id[..12]));
    package::tidy(&old)?;
    let is_new = builder.build(&new, BuildInfo::whole(&old).as_ref(), expect.as_deref())?;
    if is_new {
        package::exchange(&new, &old).with_context(|| format!("cannot replace the package in {}", old.display()))?;
    }
    let (state, size) = (if is_new { "new" } else { "unchanged" }, fs::metadata(old.join(package::MODULE))?.len());
    let digest = BuildInfo::read(&old)?.digest;
    let said = format!("wasm-client/pkg matches the sources: {state}, {size} bytes of wasm, digest {digest}");
    step("done", start, &said);
    Ok(())
}

/// Sets the modification time of every input and its folders to the year 2000, so that none is newer than a build.
fn date_back(project: &Project, inputs: &Inputs) -> Result<()> {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800);
    // A build script may declare a folder, whose time counts as well. On Windows it cannot be set this way.
    let folders = inputs.paths().flat_map(|path| Path::new(path).ancestors().skip(1)).filter(|_| cfg!(unix));
    let all: BTreeSet<&Path> = inputs.paths().map(Path::new).chain(folders).collect();
    for path in all {
        let opened = File::options().read(true).write(cfg!(windows)).open(project.root.join(path));
        let dated = opened.and_then(|opened| opened.set_modified(old));
        dated.with_context(|| format!("cannot set the modification time of {}", path.display()))?;
    }
    Ok(())
}

/// A build in one target folder.
pub(crate) struct Builder<'a> {
    pub(crate) tools: &'a Tools,
    pub(crate) folder: &'a Folder,
    pub(crate) graph: &'a Graph,
    pub(crate) inputs: &'a Inputs,
    pub(crate) profile: Profile,
}

impl Builder<'_> {
    /// Makes a complete package in the folder `out` unless it would equal the `current` one. Returns whether it did.
    /// `expect` is the digest that the sources must have.
    pub(crate) fn build(&self, out: &Path, current: Option<&BuildInfo>, expect: Option<&str>) -> Result<bool> {
        self.run(|sh| {
            let digest = fresh::of(&self.inputs.all());
            ensure!(
                expect.is_none_or(|wanted| wanted == digest),
                "the sources here have the digest {digest}, but another was expected: a file differs from the other \
                 machine's. A container misses an edit that keeps a file's size and time: `touch` that file and build \
                 again. To find it, run there:\n    \
                 earth --artifact +uploaded/uploaded.txt target/uploaded.txt\n    \
                 cargo xtask digest --files package | diff - target/uploaded.txt"
            );
            // wasm-pack would leave old files there.
            sh.remove_path(out)?;
            self.wasm_pack(sh, out)?;
            let made_from = self.made_from(out)?;
            if current.is_some_and(|it| (&it.digest, &it.made_from) == (&digest, &made_from)) {
                sh.remove_path(out)?;
                return Ok(false);
            }
            if self.profile == Profile::Release {
                self.wasm_opt(sh, &out.join(package::MODULE))?;
            }
            package::assemble(self, sh, out, made_from)?;
            Ok(true)
        })
    }

    /// Does work in the folder, in a shell with the tools and the digest that is compiled into the binding.
    pub(crate) fn run<T>(&self, work: impl FnOnce(&Shell) -> Result<T>) -> Result<T> {
        self.folder.run(self.profile, self.graph, self.inputs, EXTRA, |sh| {
            sh.set_var("FRESH_DIGEST", fresh::of(&self.inputs.compiled()));
            self.tools.install(sh)?;
            work(sh)
        })
    }

    fn wasm_pack(&self, sh: &Shell, out: &Path) -> Result<()> {
        let (start, profile) = (Instant::now(), format!("--{}", self.profile.name()));
        let (name, arguments) = (package::GLUE, self.folder.cargo_arguments());
        // Otherwise wasm-pack would call wasm-opt in each run, in whatever version is on PATH.
        let build = cmd!(sh, "wasm-pack --log-level error build {BINDING} {profile} --target web --mode no-install");
        let build = build.args(["--no-opt", "--out-name", name, "--out-dir"]).arg(out).arg("--");
        let built = build.args(arguments).quiet().run().context("the build failed; the output above says why");
        built.map(|()| step("compile", start, "wasm-pack"))
    }

    /// What a package is made from besides the sources: the tools, and wasm-pack's output, which may depend on
    /// environment variables.
    fn made_from(&self, out: &Path) -> Result<String> {
        let output = fresh::of(&fresh::of_folder(out)?);
        Ok(fresh::hash_of(format!("{output} {} {}", self.profile.name(), self.tools.binaryen).as_bytes()))
    }

    /// Shrinks the module, unless the last run shrank the same module.
    fn wasm_opt(&self, sh: &Shell, module: &Path) -> Result<()> {
        let start = Instant::now();
        // A plain `wasm-pack build` reads the same flags.
        let flags = &self.graph.package.metadata["wasm-pack"]["profile"]["release"]["wasm-opt"];
        let flags: Vec<&str> = flags.as_array().into_iter().flatten().filter_map(|flag| flag.as_str()).collect();
        ensure!(!flags.is_empty(), "wasm-client/Cargo.toml needs `metadata.wasm-pack.profile.release.wasm-opt` flags");
        let input = fresh::hash_of(&fs::read(module)?);
        let key = fresh::hash_of(format!("{input} {flags:?} {}", self.tools.binaryen).as_bytes());
        let kept = self.folder.dir.join("optimised");
        // Next to its final place, to rename it there: in a container, the package is on a different file system.
        let small = kept.join("new");
        if !kept.join(&key).exists() {
            let (program, script) = &self.tools.wasm_opt;
            sh.remove_path(&kept)?;
            sh.create_dir(&kept)?;
            let shrink = cmd!(sh, "{program} {script...} {flags...} {module} --output {small}");
            shrink.quiet().run().context("wasm-opt failed")?;
            fs::rename(&small, kept.join(&key))?;
            step("optimise", start, &format!("wasm-opt {}", self.tools.binaryen));
        }
        Ok(fs::copy(kept.join(key), module).map(drop)?)
    }

    /// The arguments of a cargo call for a target; `host-tuple` is this machine, whatever target the workspace has set.
    pub(crate) fn arguments(&self, target: &str) -> Vec<OsString> {
        self.folder.cargo_arguments().into_iter().chain(["--target".into(), target.into()]).collect()
    }
}
