//! What the folder back end needs on this machine: the toolchain twice, the tools, the fixture and a place to work.
//!
//! The toolchain is a copy by hard links with a `rustc` in front that notes each crate it is started for. The second
//! copy has another standard library under the same `rustc -vV`: one message in it differs by a letter.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    env,
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

use anyhow::{Context, Result, bail};

use crate::{backend::Order, process, strategy::Strategy, tree};

/// The fixture's own crates.
pub(crate) const LOCAL: [&str; 7] = ["common", "labels", "libmiddle", "listed", "patched", "unlisted", "wasm-client"];

/// A message of the standard library that the fixture's package contains, before and after.
const MESSAGE: [&[u8]; 2] =
    [b"called `Option::unwrap()` on a `None` value", b"called `Option::unwrap()` on a `none` value"];

const RUSTC: &str = r#"#!/bin/sh
# Notes the crate, then is rustc.
case " $* " in
*" --crate-name ___ "*) ;;
*" --crate-name "*) [ -z "$LAB_COMPILED" ] || printf '%s\n' "$CARGO_PKG_NAME" >>"$LAB_COMPILED" ;;
esac
exec "${0%/*}/rustc.real" "$@"
"#;

/// wasm-opt is left out for all strategies: it turns equal bytes into equal bytes, and takes seconds.
const WASM_OPT: &str = r#"#!/bin/sh
# Copies its input: $1 is a flag's place, the last three are INPUT --output OUTPUT.
[ "$1" = --version ] && { echo "wasm-opt version VERSION (the lab's, which copies)"; exit; }
for word; do
    case $last in --output) out=$word ;; esac
    case $word in -*) ;; *) [ "$last" = --output ] || in=$word ;; esac
    last=$word
done
cp "$in" "$out"
"#;

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

/// A copy of a toolchain.
struct Toolchain {
    dir: PathBuf,
    /// Where the copy with the other standard library is.
    other: PathBuf,
    /// What `rustc -vV` says.
    version: String,
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
        let cargo_home = env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
        let fixture = work.join("fixture");
        let tools = work.join("tools");
        let toolchains = RefCell::default();
        let machine = Self { project, work, fixture, cargo_home, tools, toolchains, _lock: lock };
        machine.make_fixture()?;
        machine.make_tools()?;
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
    pub(crate) fn key(&self, strategy: &Strategy) -> Result<String> {
        let fixture = sources(&self.fixture, strategy)?;
        let work = self.work.as_os_str().as_encoded_bytes();
        let toolchain = self.toolchain(&strategy.toolchain)?;
        Ok(tree::hash(&[strategy.text.as_bytes(), fixture.as_bytes(), toolchain.version.as_bytes(), work]))
    }

    /// The fixture with the parts of the project that belong to a build: `xtask` and the package's JavaScript.
    fn make_fixture(&self) -> Result<()> {
        tree::remove(&self.fixture)?;
        tree::copy(&self.project.join("lab/freshness/fixture"), &self.fixture, tree::Times::Kept)?;
        for part in [
            "wasm-client/npm",
            "xtask/Cargo.toml",
            "xtask/Cargo.lock",
            "xtask/build.rs",
            "xtask/src",
            "xtask/tools",
            ".cargo/config.toml",
            // What the Earthfile copies beside them.
            ".earthlyignore",
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "README.md",
            "rustfmt.toml",
            "clippy.toml",
        ] {
            if self.project.join(part).exists() {
                tree::copy(&self.project.join(part), &self.fixture.join(part), tree::Times::Kept)?;
            }
        }
        let [configuration, vendored] =
            ["config.toml", "vendor.toml"].map(|name| self.fixture.join(".cargo").join(name));
        fs::write(&configuration, fs::read_to_string(&configuration)? + &fs::read_to_string(&vendored)?)?;
        fs::remove_file(vendored)?;
        // The same command line program for both: it has to be of the library's version.
        for lock in ["Cargo.lock.newer", "Cargo.lock"] {
            fs::copy(self.project.join("lab/freshness/fixture").join(lock), self.fixture.join("Cargo.lock"))?;
            let mut update = Command::new("cargo");
            update.args(["update", "--quiet", "wasm-bindgen", "--precise", &self.wasm_bindgen()?]);
            process::output(update.current_dir(&self.fixture))?;
            let updated = fs::read(self.fixture.join("Cargo.lock"))?;
            fs::write(self.fixture.join(lock), updated)?;
        }
        fs::copy(self.fixture.join("Cargo.lock"), self.fixture.join("Cargo.lock.older"))?;
        tree::remove(&self.fixture.join("target"))
    }

    /// The copy of a toolchain, by rustup's name, made at its first use; without a name it is the one in use here.
    fn toolchain(&self, name: &str) -> Result<Rc<Toolchain>> {
        if let Some(found) = self.toolchains.borrow().get(name) {
            return Ok(Rc::clone(found));
        }
        let ask = |argument: &[&str]| {
            let mut rustc = Command::new("rustc");
            if !name.is_empty() {
                rustc.env("RUSTUP_TOOLCHAIN", name);
            }
            process::output(rustc.args(argument).current_dir(&self.project))
        };
        let version = ask(&["-vV"])?;
        let dir = self.work.join("toolchains").join(tree::hash(&[version.as_bytes()]));
        let other = dir.with_extension("other");
        if !(dir.is_dir() && other.is_dir()) {
            make_toolchain(Path::new(ask(&["--print", "sysroot"])?.trim()), &dir, &other)?;
        }
        let toolchain = Rc::new(Toolchain { dir, other, version });
        self.toolchains.borrow_mut().insert(name.to_owned(), Rc::clone(&toolchain));
        Ok(toolchain)
    }

    /// Puts the second standard library in the place of the first, or back.
    pub(crate) fn use_other_toolchain(&self, strategy: &Strategy, other: bool) -> Result<()> {
        let Toolchain { dir, other: aside, .. } = &*self.toolchain(&strategy.toolchain)?;
        if dir.join("other").exists() != other {
            let swap = dir.with_extension("swap");
            fs::rename(dir, &swap)?;
            fs::rename(aside, dir)?;
            fs::rename(&swap, aside)?;
        }
        Ok(())
    }
    /// A folder that goes first on PATH.
    fn make_tools(&self) -> Result<()> {
        tree::remove(&self.tools)?;
        fs::create_dir_all(&self.tools)?;
        // Of the version that xtask takes from PATH.
        let lock = fs::read(self.project.join("xtask/tools/package-lock.json"))?;
        let lock: serde_json::Value = serde_json::from_slice(&lock)?;
        let version = lock["packages"]["node_modules/binaryen"]["version"].as_str().unwrap_or_default();
        let version = version.split('.').next().unwrap_or_default();
        script(&self.tools.join("wasm-opt"), &WASM_OPT.replace("VERSION", version))
    }

    /// Builds xtask, which installs what it needs.
    fn make_xtask(&self) -> Result<()> {
        if self.xtask().exists() {
            return Ok(());
        }
        let target = self.project.join("target/xtask");
        let mut cargo = Command::new("cargo");
        cargo
            .args(["build", "--quiet", "--locked", "--manifest-path", "xtask/Cargo.toml", "--target-dir"])
            .arg(&target);
        process::output(cargo.current_dir(&self.project)).context("xtask does not build")?;
        let built = target.join("debug/xtask");
        let mut tools = Command::new(&built);
        tools.arg("tools").current_dir(&self.fixture).env("XTASK_TOOLS", self.installed());
        process::output(&mut tools).context("`cargo xtask tools` failed")?;
        fs::copy(built, self.xtask())?;
        Ok(())
    }

    /// The version of wasm-pack that xtask pins.
    pub(crate) fn wasm_pack(&self) -> Result<String> {
        let path = self.project.join("xtask/tools/cargo.txt");
        let pins = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let version = pins.lines().find_map(|line| line.strip_prefix("wasm-pack@"));
        Ok(version.with_context(|| format!("{} has no wasm-pack", path.display()))?.to_owned())
    }

    /// The version of wasm-bindgen that the project locks.
    pub(crate) fn wasm_bindgen(&self) -> Result<String> {
        let lock = fs::read_to_string(self.project.join("Cargo.lock"))?;
        let rest = lock.split("name = \"wasm-bindgen\"\nversion = \"").nth(1);
        let version = rest.and_then(|rest| rest.split('"').next());
        Ok(version.context("the project's Cargo.lock has no wasm-bindgen")?.to_owned())
    }

    /// Installs the programs that a strategy needs, unless they are there.
    ///
    /// # Errors
    /// A program that cannot be installed here.
    pub(crate) fn install_for(&self, strategy: &Strategy) -> Result<()> {
        self.toolchain(&strategy.toolchain)?;
        if strategy.is_ours() {
            return self.make_xtask();
        }
        self.install("wasm-pack", &self.wasm_pack()?, "wasm-pack")?;
        self.install("wasm-bindgen-cli", &self.wasm_bindgen()?, "wasm-bindgen")?;
        match &strategy.needs {
            Some((krate, version, program)) => self.install(krate, version, program),
            None => Ok(()),
        }
    }

    fn install(&self, krate: &str, version: &str, program: &str) -> Result<()> {
        let root = self.installed().join(format!("{krate}-{version}"));
        let link = self.tools.join(program);
        tree::remove(&link)?;
        let here = process::output(Command::new(program).arg("--version"));
        if here.is_ok_and(|said| said.split_whitespace().any(|word| word == version)) {
            return Ok(());
        }
        if !root.join("bin").join(program).exists() {
            eprintln!("  installing {krate} {version}: a minute or two, once");
            let mut cargo = Command::new("cargo");
            cargo.args(["install", "--locked", "--quiet", &format!("{krate}@{version}"), "--root"]).arg(&root);
            process::output(&mut cargo).with_context(|| format!("{krate} {version} does not install here"))?;
        }
        Ok(std::os::unix::fs::symlink(root.join("bin").join(program), link)?)
    }

    /// Where programs are installed, by this program and by xtask.
    pub(crate) fn installed(&self) -> PathBuf {
        env::var_os("XTASK_TOOLS").map_or_else(|| self.project.join("target/tools"), PathBuf::from)
    }

    /// A shell with the container's programs and nothing of this process's environment.
    pub(crate) fn shell(
        &self,
        strategy: &Strategy,
        script: &str,
        dir: &Path,
        order: Order,
        compiled: &Path,
    ) -> Result<Command> {
        let path = env::var_os("PATH").unwrap_or_default();
        let own = [self.toolchain(&strategy.toolchain)?.dir.join("bin"), self.tools.clone()];
        let path = own.into_iter().chain(env::split_paths(&path));
        let mut shell = Command::new("bash");
        shell.args(["-euc", script]).current_dir(dir).env_clear();
        shell.env("PATH", env::join_paths(path).unwrap_or_default());
        shell.env("HOME", env::home_dir().unwrap_or_default()).env("CARGO_HOME", &self.cargo_home);
        shell.env("CARGO_NET_OFFLINE", "true").env("CARGO_TERM_COLOR", "never");
        shell.env("XTASK_TOOLS", self.installed()).env("LAB_COMPILED", compiled);
        shell.env("dev", if order.dev { "--dev" } else { "" });
        if !order.address.is_empty() {
            shell.env("API_URL", order.address);
        }
        Ok(shell)
    }

    /// The dependencies in all their versions must be there before anything is built without a network.
    pub(crate) fn fetch(&self) -> Result<()> {
        for lock in ["Cargo.lock", "Cargo.lock.newer"] {
            let dir = self.work.join("fetch");
            tree::remove(&dir)?;
            tree::copy(&self.fixture, &dir, tree::Times::Kept)?;
            fs::copy(self.fixture.join(lock), dir.join("Cargo.lock"))?;
            let mut cargo = Command::new(self.toolchain("")?.dir.join("bin/cargo"));
            process::output(cargo.args(["fetch", "--locked"]).current_dir(&dir))?;
            tree::remove(&dir)?;
        }
        Ok(())
    }
}

/// A hash of what a strategy builds from; the program that builds counts for ours alone.
pub(crate) fn sources(checkout: &Path, strategy: &Strategy) -> Result<String> {
    let mut contents = tree::contents(checkout)?;
    let ours = |path: &str| path.starts_with("xtask/") || path.starts_with("wasm-client/npm/");
    let sources = [
        "Cargo.lock",
        "Cargo.toml",
        ".cargo/",
        "common/",
        "crates/",
        "schema/",
        "vendor/",
        "wasm-client/",
        "xtask/",
        "LICENSE-",
    ];
    contents
        .retain(|path, _| sources.iter().any(|source| path.starts_with(source)) && (strategy.is_ours() || !ours(path)));
    Ok(tree::hash(&[serde_json::to_string(&contents)?.as_bytes()]))
}

pub(crate) fn script(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}

fn make_toolchain(sysroot: &Path, dir: &Path, other: &Path) -> Result<()> {
    let std = "lib/rustlib/wasm32-unknown-unknown/lib";
    if !sysroot.join(std).is_dir() {
        bail!("rustc in {} has no wasm32-unknown-unknown: `rustup target add` it first", sysroot.display());
    }
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent)?;
    }
    eprintln!("  the toolchain is copied, by links where that is possible");
    for dir in [dir, other] {
        tree::remove(dir)?;
        let linked = process::output(Command::new("cp").args(["-al"]).arg(sysroot).arg(dir));
        if linked.is_err() {
            tree::remove(dir)?;
            process::output(Command::new("cp").args(["-a"]).arg(sysroot).arg(dir))?;
        }
        fs::rename(dir.join("bin/rustc"), dir.join("bin/rustc.real"))?;
        script(&dir.join("bin/rustc"), RUSTC)?;
    }
    fs::write(other.join("other"), "")?;
    let mut changed = 0;
    for entry in fs::read_dir(other.join(std))? {
        let path = entry?.path();
        let mut bytes = fs::read(&path)?;
        let places: Vec<usize> = (0..bytes.len().saturating_sub(MESSAGE[0].len()))
            .filter(|at| bytes[*at..].starts_with(MESSAGE[0]))
            .collect();
        if path.extension() == Some("rlib".as_ref()) && !places.is_empty() {
            for at in places {
                bytes[at..at + MESSAGE[1].len()].copy_from_slice(MESSAGE[1]);
            }
            // Removed first: it is a link to the toolchain's own.
            fs::remove_file(&path)?;
            fs::write(&path, bytes)?;
            changed += 1;
        }
    }
    if changed == 0 {
        tree::remove(other)?;
        bail!("the standard library has no message that the lab can change: its second toolchain cannot be made");
    }
    Ok(())
}
