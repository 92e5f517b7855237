//! The pipeline: compile with the digests, prove what was read, make JavaScript and shrink the module, publish.
//!
//! Every stage is skipped when its input is the same bytes as before. What decides that is content, never time.

use std::{
    collections::BTreeSet,
    fmt,
    fs::{self, File},
    io::{BufReader, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Message, diagnostic::DiagnosticLevel};

use crate::{
    command::{self, say, step},
    digest::{self, Inputs},
    node::Node,
    package,
    profile::Profile,
    proof::{self, Built},
    toolchain::TARGET,
    tools::{self, Tools},
    verify,
    workspace::{BINDING, Workspace},
};

pub(crate) struct Options {
    pub(crate) profile: Profile,
    /// The package digest that the sources must have.
    pub(crate) expect: Option<String>,
    /// Date the sources back, so that no modification time plays a part.
    pub(crate) by_content: bool,
}

/// The compiler's words on sources that do not compile; they are printed as they come.
#[derive(Debug)]
pub(crate) struct CompileError(pub(crate) String);

impl fmt::Display for CompileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the sources do not compile; the compiler's words are above")
    }
}

impl std::error::Error for CompileError {}

/// How often a build starts again because its sources changed under it.
const ATTEMPTS: usize = 4;

/// Changes whenever the same module would be made into another package.
const STAGE_RECIPE: &str = "3";

/// Stages kept, so that going back to a branch costs nothing.
const STAGES_KEPT: usize = 8;

/// Cargo's folders kept, one for each toolchain or configuration.
const CARGO_DIRS_KEPT: usize = 3;

/// Builds the package into wasm-client/pkg.
///
/// # Errors
/// Sources that do not compile, tools that are missing, a crate whose digest line is missing, a digest other than the
/// expected one. The package that was there before stays as it was.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let start = Instant::now();
    let _lock = lock(workspace)?;
    let mut node = Node::start();
    let tools = step("tools", || {
        let tools = Tools::with(workspace, &mut node)?;
        let said = format!("{}, wasm-bindgen {}", tools.toolchain.version, tools.wasm_bindgen);
        Ok((tools, said))
    })?;
    with(workspace, &tools, node, options)?;
    say(format_args!(
        "{:>12}  wasm-client/pkg is what the sources say ({:.2} s)",
        "done",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// The same with tools that are known to be there, under the lock.
pub(crate) fn with(workspace: &Workspace, tools: &Tools, node: Node, options: &Options) -> Result<()> {
    let builder = Builder { workspace, tools, profile: options.profile };
    let inputs = Inputs::read(workspace)?;
    expect(&inputs, options.expect.as_deref())?;
    if options.by_content {
        date_back(workspace, &inputs)?;
    }
    let (inputs, module) = step("compile", || builder.compile(inputs))?;
    let stage = step("module", || builder.stage(&module))?;
    let digest = step("package", || {
        let new = package::assemble(workspace, &stage, &inputs, options.profile, tools)?;
        verify::check(workspace, &new, &inputs, node).context("the new package is not what it should be")?;
        let changed = package::publish(&new, &workspace.package_dir())?;
        let digest = digest::of(&inputs.package);
        let size = fs::metadata(workspace.package_dir().join(package::MODULE))?.len();
        let state = if changed { "new" } else { "unchanged" };
        Ok((digest.clone(), format!("{state}, verified, {size} bytes of wasm, digest {}", &digest[..12])))
    })?;
    if digest != digest::of(&Inputs::read(workspace)?.package) {
        bail!("the sources changed after they were compiled: the package is what they were; build again");
    }
    Ok(())
}

/// One build at a time for each target folder; the next one waits.
pub(crate) fn lock(workspace: &Workspace) -> Result<File> {
    let dir = wasm_dir(workspace);
    let path = dir.join("lock");
    let file = fs::create_dir_all(&dir)
        .and_then(|()| File::options().create(true).truncate(false).write(true).open(&path))
        .with_context(|| {
            format!("cannot write to the target folder, {}", workspace.target_dir().display())
        })?;
    if file.try_lock().is_err() {
        say(format_args!("{:>12}  for another build with this target folder", "waiting"));
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

fn wasm_dir(workspace: &Workspace) -> PathBuf {
    workspace.target_dir().join("wasm")
}

fn expect(inputs: &Inputs, wanted: Option<&str>) -> Result<()> {
    let found = digest::of(&inputs.package);
    if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
        bail!(
            "the sources here have the digest {found}, and {wanted} was expected: some file here is not what it is \
             there. In a container, a file of unchanged size and time was not uploaded: `touch` what you edited"
        );
    }
    Ok(())
}

/// Sets the modification time of every input to the year 2000, so that cargo finds none newer than its builds.
fn date_back(workspace: &Workspace, inputs: &Inputs) -> Result<()> {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800);
    for path in inputs.package.keys().chain(inputs.tests.keys()) {
        let path = workspace.root.join(path);
        let file = File::options().write(true).open(&path).and_then(|file| file.set_modified(old));
        file.with_context(|| format!("cannot set the time of {}", path.display()))?;
    }
    Ok(())
}

/// A build with given tools and profile.
pub(crate) struct Builder<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) tools: &'a Tools,
    pub(crate) profile: Profile,
}

impl Builder<'_> {
    /// Where cargo builds for WebAssembly: a folder for each toolchain and configuration, because a cdylib has no
    /// hash in its file name and variants would overwrite each other.
    pub(crate) fn cargo_dir(&self) -> PathBuf {
        wasm_dir(self.workspace).join("cargo").join(self.tools.toolchain.key())
    }

    /// What every cargo call for WebAssembly ends in.
    pub(crate) fn cargo_arguments(&self) -> Result<Vec<String>> {
        // No path of this machine in the module: the same bytes from every folder.
        let home = command::cargo_home().context("neither CARGO_HOME nor a home folder is set")?;
        let mut flags = Vec::new();
        for (from, to) in
            [(self.cargo_dir(), "/target"), (self.workspace.root.clone(), "/src"), (home, "/cargo")]
        {
            let from = from.to_str().with_context(|| format!("{} is no UTF-8", from.display()))?;
            flags.push(serde_json::to_string(&format!("--remap-path-prefix={from}={to}"))?);
        }
        let target_dir = self.cargo_dir();
        let target_dir = target_dir.to_str().context("the target folder's path is no UTF-8")?;
        let rustflags = format!("target.{TARGET}.rustflags=[{}]", flags.join(","));
        Ok(["--locked", "--target-dir", target_dir, "--config", &rustflags].map(str::to_owned).to_vec())
    }

    /// Compiles the binding crate and returns what it was compiled from, and the module's path.
    fn compile(&self, mut inputs: Inputs) -> Result<((Inputs, PathBuf), String)> {
        let marker = self.cargo_dir().join(format!("building-{}", self.profile.name()));
        fs::create_dir_all(self.cargo_dir())?;
        prune(&wasm_dir(self.workspace).join("cargo"), &self.cargo_dir(), CARGO_DIRS_KEPT)?;
        let mut compiled = BTreeSet::new();
        for _ in 0..ATTEMPTS {
            // Written ahead: a build that was killed may have compiled a file that changed under it, under the digest
            // of what it was before.
            if marker.exists() {
                self.forget()?;
            }
            fs::write(&marker, "")?;
            let built = self.cargo_build(&inputs);
            let now = Inputs::read(self.workspace)?;
            let unchanged = now == inputs;
            inputs = now;
            if !unchanged {
                say(format_args!(
                    "{:>12}  the sources changed while they were compiled: once more",
                    "compile"
                ));
                continue;
            }
            fs::remove_file(&marker)?;
            let built = built?;
            proof::check(self.workspace, &inputs, &self.cargo_dir(), &built)?;
            compiled.extend(built.compiled.iter().cloned());
            let module = built.module().context("cargo named no WebAssembly module")?;
            if carries_digest(&module, &inputs)? {
                let said = match compiled.len() {
                    0 => "nothing to do".to_owned(),
                    1..=6 => compiled.into_iter().collect::<Vec<_>>().join(", "),
                    count => format!("{count} crates"),
                };
                return Ok(((inputs, module), said));
            }
            // Another variant of this crate has overwritten the file, and cargo does not look.
            self.forget()?;
        }
        bail!(
            "after {ATTEMPTS} attempts the module still does not carry its digest: either the sources keep changing, \
             or `{BINDING}` no longer returns `option_env!(\"WASM_CLIENT_DIGEST\")` from an export"
        )
    }

    fn cargo_build(&self, inputs: &Inputs) -> Result<Built> {
        let mut cargo = self.tools.command("cargo");
        cargo.args(["build", "--lib", "--package", BINDING, "--target", TARGET]);
        cargo.args(self.cargo_arguments()?);
        if self.profile == Profile::Release {
            cargo.arg("--release");
        }
        self.run_cargo(&mut cargo, inputs)
    }

    /// Runs cargo with the digests in its environment and collects what it says of each unit.
    pub(crate) fn run_cargo(&self, cargo: &mut Command, inputs: &Inputs) -> Result<Built> {
        // The compiler's words are rendered here, since the page of the development loop shows them as well.
        let is_terminal = std::io::stderr().is_terminal();
        let format = if is_terminal { "json-diagnostic-rendered-ansi" } else { "json" };
        cargo.args(["--message-format", format]).current_dir(&self.workspace.root);
        if !is_terminal {
            cargo.arg("--quiet");
        }
        cargo.envs(inputs.variables(self.workspace)).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = cargo.spawn().with_context(|| command::cannot_start(cargo))?;
        let stdout = child.stdout.take().context("cargo has no output")?;
        let mut built = Built::default();
        let mut errors = String::new();
        for message in Message::parse_stream(BufReader::new(stdout)) {
            match message? {
                Message::CompilerArtifact(artifact) => built.add(artifact),
                Message::BuildScriptExecuted(script) => built.scripts.push(script),
                Message::CompilerMessage(said) => {
                    let rendered = said.message.rendered.unwrap_or_default();
                    eprint!("{rendered}");
                    if said.message.level == DiagnosticLevel::Error {
                        errors += &rendered;
                    }
                }
                Message::TextLine(line) => println!("{line}"),
                _ => {}
            }
        }
        if !child.wait()?.success() {
            return Err(CompileError(errors).into());
        }
        Ok(built)
    }

    /// Makes cargo compile all local crates again.
    fn forget(&self) -> Result<()> {
        let mut cargo = self.tools.command("cargo");
        cargo.args(["clean", "--quiet", "--target", TARGET]).args(self.cargo_arguments()?);
        cargo.current_dir(&self.workspace.root);
        for krate in &self.workspace.crates {
            cargo.args(["--package", &krate.name]);
        }
        if self.profile == Profile::Release {
            cargo.arg("--release");
        }
        command::run(&mut cargo)
    }

    /// The module with its JavaScript, shrunk for a release; from the store where the same was made before.
    fn stage(&self, module: &Path) -> Result<(PathBuf, String)> {
        let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
        let flags = self.wasm_opt_flags()?;
        let made_from = [
            &digest::of_bytes(&bytes),
            STAGE_RECIPE,
            self.profile.name(),
            &self.tools.wasm_bindgen,
            &self.tools.wasm_opt.version.to_string(),
            &flags.join(" "),
        ];
        let store = wasm_dir(self.workspace).join("stage");
        let dir = store.join(&digest::of_bytes(made_from.join("\n").as_bytes())[..16]);
        if package::is_whole(&dir) {
            prune(&store, &dir, STAGES_KEPT)?;
            return Ok((dir, "the same as before".to_owned()));
        }
        let _ = fs::remove_dir_all(&dir);
        tools::install_into(&dir, |new| {
            // What `wasm-pack build` would call; its own look at the workspace takes longer than this.
            let mut wasm_bindgen = self.tools.command("wasm-bindgen");
            // npm/init.js names the file. Twice, a bundler that follows `new URL` would put it into every bundle.
            wasm_bindgen.arg(module).args(["--target", "web", "--typescript", "--omit-default-module-path"]);
            if self.profile == Profile::Dev {
                wasm_bindgen.arg("--debug");
            }
            command::run(wasm_bindgen.args(["--out-name", package::GLUE, "--out-dir"]).arg(new))?;
            if self.profile == Profile::Release {
                let (from, to) = (new.join(package::MODULE), new.join("small.wasm"));
                command::run(self.tools.wasm_opt.command().args(&flags).arg(&from).arg("--output").arg(&to))?;
                fs::rename(to, from).context("wasm-opt wrote nothing")?;
            }
            package::seal(new)
        })?;
        prune(&store, &dir, STAGES_KEPT)?;
        let said = match self.profile {
            Profile::Release => format!("wasm-bindgen, then wasm-opt {}", self.tools.wasm_opt.version),
            Profile::Dev => "wasm-bindgen".to_owned(),
        };
        Ok((dir, said))
    }

    /// The flags that a plain `wasm-pack build` uses as well.
    fn wasm_opt_flags(&self) -> Result<Vec<String>> {
        let flags = &self.workspace.binding.metadata["wasm-pack"]["profile"]["release"]["wasm-opt"];
        let flags = flags.as_array().context(
            "wasm-client/Cargo.toml has no list `wasm-opt` in [package.metadata.wasm-pack.profile.release]",
        )?;
        flags
            .iter()
            .map(|flag| Ok(flag.as_str().context("`wasm-opt` is a list of strings")?.to_owned()))
            .collect()
    }
}

/// Whether the module holds the digest of the crate it is built from, which `buildInfo` returns.
fn carries_digest(module: &Path, inputs: &Inputs) -> Result<bool> {
    let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let digest = digest::of(&inputs.crates[BINDING]);
    Ok(bytes.windows(digest.len()).any(|window| window == digest.as_bytes()))
}

/// Notes that `used` is, and deletes all of its folder but what was used last.
fn prune(store: &Path, used: &Path, kept: usize) -> Result<()> {
    let _ = File::open(used).and_then(|dir| dir.set_modified(SystemTime::now()));
    let mut dirs: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(store)? {
        let entry = entry?;
        dirs.push((entry.metadata()?.modified()?, entry.path()));
    }
    dirs.sort_by(|a, b| b.cmp(a));
    for (_, dir) in dirs.into_iter().skip(kept) {
        let _ = fs::remove_dir_all(dir);
    }
    Ok(())
}
