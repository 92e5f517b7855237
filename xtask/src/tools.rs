//! The pinned tools: taken from PATH where that has the very version, else installed into the target folder.
//!
//! Pins: wasm-opt (binaryen) in tools/package-lock.json, and the wasm-bindgen CLI in the workspace's Cargo.lock, for it
//! has to be of the library's version.

use std::{
    env, fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::{self, Command},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    command::{self, Started, say},
    node::Node,
    toolchain::Toolchain,
    workspace::Workspace,
};

/// npm is a script, and has another name on Windows.
pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

pub(crate) struct Tools {
    pub(crate) toolchain: Toolchain,
    pub(crate) wasm_opt: WasmOpt,
    /// The wasm-bindgen CLI's version, which is Cargo.lock's.
    pub(crate) wasm_bindgen: String,
    /// The folder of the CLI, which goes first on a child's PATH; none where PATH has that version already.
    path: Option<PathBuf>,
}

/// How to run wasm-opt.
pub(crate) struct WasmOpt {
    pub(crate) version: u32,
    command: Vec<PathBuf>,
}

impl WasmOpt {
    pub(crate) fn command(&self) -> Command {
        let mut command = command::command(&self.command[0]);
        command.args(&self.command[1..]);
        command
    }
}

impl Tools {
    /// Finds or installs all of them.
    ///
    /// # Errors
    /// What is missing and cannot be installed, and what to do about it.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self> {
        Self::with(workspace, &mut Node::start())
    }

    /// The same with a Node.js that is on its way.
    pub(crate) fn with(workspace: &Workspace, node: &mut Node) -> Result<Self> {
        // Asked while the compiler identifies itself: most of the time goes into their starts.
        let [on_path_bindgen, on_path_opt] = ["wasm-bindgen", "wasm-opt"].map(ask_version);
        let toolchain = Toolchain::at_hand()?;
        node.check()?;
        let toolchain = toolchain.map_or_else(|| Toolchain::install(workspace), Ok)?;
        let wasm_bindgen = locked_version(workspace, "wasm-bindgen")?;
        let path = if version_in(on_path_bindgen, 1) == wasm_bindgen {
            None
        } else {
            Some(installed_by_cargo(workspace, "wasm-bindgen-cli", &wasm_bindgen)?)
        };
        Ok(Self {
            wasm_opt: wasm_opt(workspace, &version_in(on_path_opt, 2))?,
            toolchain,
            wasm_bindgen,
            path,
        })
    }

    /// A program that finds the Rust with the wasm target and wasm-bindgen on its PATH.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.toolchain.command(program, self.path.as_deref())
    }
}

/// Where tools are installed: `XTASK_TOOLS`, else `tools` in the target folder. Several checkouts may share it.
pub(crate) fn dir(workspace: &Workspace) -> PathBuf {
    env::var_os("XTASK_TOOLS").map_or_else(|| workspace.target_dir().join("tools"), PathBuf::from)
}

/// Makes `dir` whole or not at all: beside it first, then renamed.
pub(crate) fn install_into(dir: &Path, install: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let new = dir.with_extension(format!("new-{}", process::id()));
    fs::create_dir_all(&new).with_context(|| format!("cannot create {}", new.display()))?;
    let installed = install(&new).and_then(|()| match fs::rename(&new, dir) {
        // Another process was quicker, which is as good.
        Err(_) if dir.is_dir() => Ok(()),
        renamed => renamed.with_context(|| format!("cannot create {}", dir.display())),
    });
    let _ = fs::remove_dir_all(&new);
    installed
}

/// Installs what the package-lock.json in a folder names; no package's own script runs.
pub(crate) fn npm_ci(dir: &Path) -> Result<()> {
    let mut npm = command::command(NPM);
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(dir);
    command::run(&mut npm)
}

/// Prints what builds the package.
pub(crate) fn print(workspace: &Workspace) -> Result<()> {
    let tools = Tools::ensure(workspace)?;
    println!("{}", tools.toolchain.version);
    println!("wasm-bindgen {}", tools.wasm_bindgen);
    println!("wasm-opt {}", tools.wasm_opt.version);
    if let Some(dir) = tools.path {
        println!("{}", dir.display());
    }
    Ok(())
}

fn pins(workspace: &Workspace) -> PathBuf {
    workspace.root.join("xtask").join("tools")
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn ask_version(program: &str) -> Started {
    let mut command = command::command(program);
    command.arg("--version");
    Started::new(command)
}

/// The word at `place` that a program on PATH answers; empty where there is none.
fn version_in(answer: Started, place: usize) -> String {
    answer.output().unwrap_or_default().split_whitespace().nth(place).unwrap_or_default().to_owned()
}

/// The version of a crates.io package in the workspace's Cargo.lock.
fn locked_version(workspace: &Workspace, name: &str) -> Result<String> {
    let lock = read(&workspace.root.join("Cargo.lock"))?;
    let start = lock.find(&format!("name = \"{name}\"\nversion = \""));
    let version = start.and_then(|at| lock[at..].split('"').nth(3));
    Ok(version.with_context(|| format!("Cargo.lock has no `{name}`"))?.to_owned())
}

/// The folder with a crate's programs, which cargo makes where it is not there yet.
pub(crate) fn installed_by_cargo(workspace: &Workspace, krate: &str, version: &str) -> Result<PathBuf> {
    let dir = dir(workspace).join(format!("{krate}-{version}"));
    if !dir.is_dir() {
        say(format_args!("  installing {krate} {version}: about 2 minutes, once"));
        install_into(&dir, |new| {
            let mut cargo = command::command("cargo");
            cargo.args(["install", "--locked", &format!("{krate}@{version}"), "--root"]).arg(new);
            if !io::stderr().is_terminal() {
                cargo.arg("--quiet");
            }
            command::run(&mut cargo)
        })
        .with_context(|| {
            format!("{krate} {version} could not be installed; a network that reaches crates.io is needed once, or that version on PATH")
        })?;
    }
    Ok(dir.join("bin"))
}

/// The wasm-opt on PATH if its version is recent enough, else the pinned one.
fn wasm_opt(workspace: &Workspace, on_path: &str) -> Result<WasmOpt> {
    let lock: Value = serde_json::from_str(&read(&pins(workspace).join("package-lock.json"))?)?;
    let pinned = lock["packages"]["node_modules/binaryen"]["version"].as_str();
    let pinned = pinned.context("xtask/tools/package-lock.json has no binaryen")?;
    let major = pinned.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(u32::MAX);
    let native = on_path.parse().unwrap_or(0);
    if native >= major {
        return Ok(WasmOpt { version: native, command: vec![PathBuf::from("wasm-opt")] });
    }
    let dir = dir(workspace).join("binaryen");
    if installed_version(&dir).as_deref() != Some(pinned) {
        say(format_args!("  installing wasm-opt (binaryen {pinned}): some seconds, once"));
        let _ = fs::remove_dir_all(&dir);
        install_into(&dir, |new| {
            for file in ["package.json", "package-lock.json"] {
                fs::copy(pins(workspace).join(file), new.join(file))?;
            }
            npm_ci(new)
        })
        .with_context(|| {
            format!("binaryen {pinned} could not be installed; a network that reaches the npm registry is needed once, or a wasm-opt of version {major} or newer on PATH")
        })?;
    }
    let program = dir.join("node_modules").join("binaryen").join("bin").join("wasm-opt");
    Ok(WasmOpt { version: major, command: vec![PathBuf::from("node"), program] })
}

/// The version of the binaryen that npm installed in a folder.
fn installed_version(dir: &Path) -> Option<String> {
    let manifest = fs::read(dir.join("node_modules").join("binaryen").join("package.json")).ok()?;
    let manifest: Value = serde_json::from_slice(&manifest).ok()?;
    Some(manifest["version"].as_str()?.to_owned())
}
