//! What the folder back end needs on this machine: the toolchain, the tools, the fixture and a place to work.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

use anyhow::{Context, Result, bail};

use crate::{
    backend::Order,
    fixture, process,
    strategy::{Program, Strategy},
    toolchain::Toolchain,
    tree,
};

/// wasm-opt is left out for all strategies: it turns equal bytes into equal bytes, and takes seconds.
const WASM_OPT: &str = r#"#!/bin/sh
# Copies INPUT, or the standard input for `-`, to what follows `--output`.
[ "$1" = --version ] && { echo "wasm-opt version VERSION (the lab's, which copies)"; exit; }
for word; do
    case $last in --output) out=$word ;; esac
    case $word in -) in=/dev/stdin ;; -*) ;; *) [ "$last" = --output ] || in=$word ;; esac
    last=$word
done
cat "$in" >"$out"
"#;

/// What the command for every workspace is built from.
const UNSTALE: [&str; 2] = ["cargo-unstale", "unstale"];

pub(crate) struct Machine {
    /// The project's checkout.
    pub(crate) project: PathBuf,
    /// Where the lab works; everything in it may be deleted at any time.
    pub(crate) work: PathBuf,
    /// What the strategies edit and build.
    pub(crate) fixture: PathBuf,
    toolchains: RefCell<BTreeMap<String, Rc<Toolchain>>>,
    /// Held as long as the work folder is in use.
    _lock: File,
    cargo_home: PathBuf,
    tools: PathBuf,
}

/// A script to run as a container would.
pub(crate) struct Shell<'a> {
    pub(crate) strategy: &'a Strategy,
    pub(crate) order: Order<'a>,
    pub(crate) script: &'a str,
    /// The folder that it starts in.
    pub(crate) dir: &'a Path,
    /// Where the crates are noted that the compiler is started for.
    pub(crate) compiled: &'a Path,
}

impl Machine {
    /// Finds or makes all of it.
    ///
    /// # Errors
    /// What is missing, and what to do.
    pub(crate) fn ready(project: PathBuf, work: &Path) -> Result<Self> {
        fs::create_dir_all(work).with_context(|| format!("cannot create {}", work.display()))?;
        let work = work.canonicalize()?;
        let lock = File::create(work.join("lock"))?;
        if lock.try_lock().is_err() {
            bail!("{} is in use by another run: wait, or give `--work` another folder", work.display());
        }

        let home = env::home_dir().context("no home folder")?;
        let machine = Self {
            fixture: work.join("fixture"),
            tools: work.join("tools"),
            cargo_home: env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from),
            toolchains: RefCell::default(),
            project,
            work,
            _lock: lock,
        };

        fixture::make(&machine.project, &machine.fixture)?;
        machine.make_tools()?;
        machine.fetch()?;
        Ok(machine)
    }

    /// The project's own program.
    pub(crate) fn xtask(&self) -> PathBuf {
        self.tools.join("xtask")
    }

    pub(crate) fn wasm_opt(&self) -> PathBuf {
        self.tools.join("wasm-opt")
    }

    /// Changes with a strategy and all that it builds on.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn key(&self, strategy: &Strategy) -> Result<String> {
        let fixture = fixture::sources(&self.fixture, strategy)?;
        let work = self.work.as_os_str().as_encoded_bytes();
        let toolchain = self.toolchain(strategy)?;
        let mut builder = String::new();
        if strategy.uses_unstale() {
            for part in UNSTALE {
                builder += &serde_json::to_string(&tree::contents(&self.project.join(part).join("src"))?)?;
            }
        }
        let version = toolchain.version();
        Ok(tree::hash(&[strategy.text.as_bytes(), fixture.as_bytes(), builder.as_bytes(), version.as_bytes(), work]))
    }

    /// The copy of a strategy's toolchain, made at its first use.
    ///
    /// # Errors
    /// A toolchain that is not here.
    pub(crate) fn toolchain(&self, strategy: &Strategy) -> Result<Rc<Toolchain>> {
        self.toolchain_named(&strategy.toolchain)
    }

    fn toolchain_named(&self, name: &str) -> Result<Rc<Toolchain>> {
        if let Some(found) = self.toolchains.borrow().get(name) {
            return Ok(Rc::clone(found));
        }
        let toolchain = Rc::new(Toolchain::find(name, &self.project, &self.work.join("toolchains"))?);
        self.toolchains.borrow_mut().insert(name.to_owned(), Rc::clone(&toolchain));
        Ok(toolchain)
    }

    /// A folder that goes first on PATH.
    fn make_tools(&self) -> Result<()> {
        tree::remove(&self.tools)?;
        fs::create_dir_all(&self.tools)?;
        // Of the version that xtask takes from PATH.
        let lock = fs::read(self.project.join("xtask/tools/package-lock.json"))?;
        let lock: serde_json::Value = serde_json::from_slice(&lock)?;
        let version = lock["packages"]["node_modules/binaryen"]["version"].as_str().unwrap_or_default();
        let major = version.split('.').next().unwrap_or_default();
        tree::write_script(&self.wasm_opt(), &WASM_OPT.replace("VERSION", major))
    }

    /// Dependencies in all their versions: a build finds no network.
    fn fetch(&self) -> Result<()> {
        let cargo = self.toolchain_named("")?.bin().join("cargo");
        for lock in ["Cargo.lock", "Cargo.lock.newer"] {
            let dir = self.work.join("fetch");
            tree::remove(&dir)?;
            tree::copy(&self.fixture, &dir, tree::Times::Kept)?;
            fs::copy(self.fixture.join(lock), dir.join("Cargo.lock"))?;
            process::output(Command::new(&cargo).args(["fetch", "--locked"]).current_dir(&dir))?;
            tree::remove(&dir)?;
        }
        Ok(())
    }

    /// Builds xtask, which installs what it needs.
    fn make_xtask(&self) -> Result<()> {
        if self.xtask().exists() {
            return Ok(());
        }
        let built = self.make("xtask")?;
        let mut tools = Command::new(&built);
        tools.arg("tools").current_dir(&self.fixture).env("XTASK_TOOLS", self.installed());
        process::output(&mut tools).context("`cargo xtask tools` failed")?;
        fs::copy(built, self.xtask())?;
        Ok(())
    }

    /// Builds one of the project's programs, which has the name of its folder.
    fn make(&self, name: &str) -> Result<PathBuf> {
        let target = self.project.join("target").join(name);
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--locked", "--manifest-path"]).arg(format!("{name}/Cargo.toml"));
        cargo.arg("--target-dir").arg(&target).current_dir(&self.project);
        process::output(&mut cargo).with_context(|| format!("{name} does not build"))?;
        Ok(target.join("debug").join(name))
    }

    /// wasm-pack, in the version that xtask pins.
    ///
    /// # Errors
    /// A list of pins without it.
    pub(crate) fn wasm_pack(&self) -> Result<Program> {
        let path = self.project.join("xtask/tools/cargo.txt");
        let pins = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let version = pins.lines().find_map(|line| line.strip_prefix("wasm-pack@"));
        let version = version.with_context(|| format!("{} has no wasm-pack", path.display()))?.to_owned();
        Ok(Program { krate: "wasm-pack".to_owned(), version, name: "wasm-pack".to_owned() })
    }

    /// wasm-bindgen's program, in the version of the library that the project locks.
    ///
    /// # Errors
    /// A lock file without it.
    pub(crate) fn wasm_bindgen(&self) -> Result<Program> {
        let version = fixture::wasm_bindgen(&self.project)?;
        Ok(Program { krate: "wasm-bindgen-cli".to_owned(), version, name: "wasm-bindgen".to_owned() })
    }

    /// Installs the programs that a strategy needs, unless they are there.
    ///
    /// # Errors
    /// A program that cannot be installed here.
    pub(crate) fn install_for(&self, strategy: &Strategy) -> Result<()> {
        self.toolchain(strategy)?;
        if strategy.uses_xtask() {
            self.make_xtask()?;
        } else {
            self.install(&self.wasm_pack()?)?;
            self.install(&self.wasm_bindgen()?)?;
        }
        if strategy.uses_unstale() {
            fs::copy(self.make("cargo-unstale")?, self.tools.join("cargo-unstale"))?;
        }
        strategy.needs.as_ref().map_or(Ok(()), |program| self.install(program))
    }

    fn install(&self, program: &Program) -> Result<()> {
        let Program { krate, version, name } = program;
        let link = self.tools.join(name);
        tree::remove(&link)?;
        let here = process::output(Command::new(name).arg("--version"));
        if here.is_ok_and(|said| said.split_whitespace().any(|word| word == version)) {
            return Ok(());
        }

        let root = self.installed().join(format!("{krate}-{version}"));
        let installed = root.join("bin").join(name);
        if !installed.exists() {
            eprintln!("  installing {krate} {version}: a minute or two, once");
            let mut cargo = Command::new("cargo");
            cargo.args(["install", "--locked", "--quiet", &format!("{krate}@{version}"), "--root"]).arg(&root);
            process::output(&mut cargo).with_context(|| format!("{krate} {version} does not install here"))?;
        }
        Ok(std::os::unix::fs::symlink(installed, link)?)
    }

    /// Where programs are installed, by this program and by xtask.
    pub(crate) fn installed(&self) -> PathBuf {
        env::var_os("XTASK_TOOLS").map_or_else(|| self.project.join("target/tools"), PathBuf::from)
    }

    /// A shell with the container's programs and nothing of this process's environment.
    ///
    /// # Errors
    /// A toolchain that is not here.
    pub(crate) fn shell(&self, wanted: &Shell) -> Result<Command> {
        let path = env::var_os("PATH").unwrap_or_default();
        let own = [self.toolchain(wanted.strategy)?.bin(), self.tools.clone()];
        let path = env::join_paths(own.into_iter().chain(env::split_paths(&path)))?;

        let mut shell = Command::new("bash");
        shell.args(["-euc", wanted.script]).current_dir(wanted.dir).env_clear();
        shell.env("PATH", path);
        shell.env("HOME", env::home_dir().unwrap_or_default()).env("CARGO_HOME", &self.cargo_home);
        shell.env("CARGO_NET_OFFLINE", "true").env("CARGO_TERM_COLOR", "never");
        shell.env("XTASK_TOOLS", self.installed()).env("LAB_COMPILED", wanted.compiled);
        shell.env("dev", if wanted.order.dev { "--dev" } else { "" });
        if !wanted.order.address.is_empty() {
            shell.env("API_URL", wanted.order.address);
        }
        Ok(shell)
    }
}
