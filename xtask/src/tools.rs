//! The pinned tools: taken from PATH if it has the same version, and otherwise installed into the target folder.
//!
//! Pins: wasm-pack in tools/cargo.txt, wasm-opt (binaryen) and esbuild in tools/package-lock.json. The wasm-bindgen CLI
//! must have the library's version, so the workspace's Cargo.lock pins it.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, process};

use anyhow::{Context, Result, bail, ensure};
use xshell::{Shell, cmd};

use crate::fresh;
use crate::project::{NPM, Project, TARGET, say};

pub(crate) struct Tools {
    /// What identifies the compiler: the versions of cargo and rustc, and the files of the target's standard library.
    pub(crate) toolchain: String,
    /// The first line of `rustc -vV`.
    pub(crate) rustc: String,
    pub(crate) wasm_bindgen: String,
    /// The version of binaryen.
    pub(crate) binaryen: String,
    /// wasm-opt: the program, and its first argument.
    pub(crate) wasm_opt: (PathBuf, Option<PathBuf>),
    pub(crate) esbuild: PathBuf,
    /// Folders with wasm-pack and wasm-bindgen that go first on PATH.
    pub(crate) path: Vec<PathBuf>,
}

impl Tools {
    /// Finds or installs all of them. An error names everything that is missing, and what to do about it.
    pub(crate) fn ensure(project: &Project) -> Result<Self> {
        let sh = project.shell()?;
        let lock = sh.read_file("Cargo.lock")?;
        let locked = lock.split_once("name = \"wasm-bindgen\"\nversion = \"").and_then(|(_, it)| it.split('"').next());
        let wasm_bindgen = locked.context("Cargo.lock has no `wasm-bindgen`: wasm-client has to use it")?.to_owned();
        let pins = sh.read_file("xtask/tools/cargo.txt")?;
        let wasm_pack = pins.trim().strip_prefix("wasm-pack@").context("xtask/tools/cargo.txt lacks `wasm-pack@…`")?;
        let found = (
            toolchain(&sh),
            cargo_tool(project, &sh, "wasm-pack", wasm_pack),
            cargo_tool(project, &sh, "wasm-bindgen-cli", &wasm_bindgen),
            npm_tools(project, &sh),
        );
        match found {
            (Ok((rustc, toolchain)), Ok(wasm_pack), Ok(cli), Ok((npm, binaryen))) => Ok(Self {
                toolchain,
                rustc,
                wasm_bindgen,
                wasm_opt: wasm_opt(&sh, &npm, &binaryen),
                binaryen,
                esbuild: npm.join("esbuild"),
                path: [wasm_pack, cli].into_iter().flatten().collect(),
            }),
            (a, b, c, d) => {
                let missing = [a.err(), b.err(), c.err(), d.err()].into_iter().flatten();
                bail!("tools are missing:{}", missing.map(|error| format!("\n- {error:#}")).collect::<String>())
            }
        }
    }

    /// Puts the tools first on PATH, in a shell.
    pub(crate) fn install(&self, sh: &Shell) -> Result<()> {
        let old = sh.var_os("PATH").unwrap_or_default();
        sh.set_var("PATH", env::join_paths(self.path.iter().cloned().chain(env::split_paths(&old)))?);
        Ok(())
    }
}

impl fmt::Display for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, wasm-bindgen {}, wasm-opt {}", self.rustc, self.wasm_bindgen, self.binaryen)
    }
}

/// The first line of `rustc -vV`, and everything that identifies the toolchain.
fn toolchain(sh: &Shell) -> Result<(String, String)> {
    let rustc = cmd!(sh, "rustc -vV").quiet().read().context("`rustc` does not run: get it from https://rustup.rs")?;
    let cargo = cmd!(sh, "cargo -vV").quiet().read()?;
    let std = PathBuf::from(cmd!(sh, "rustc --print target-libdir --target {TARGET}").quiet().read()?);
    ensure!(
        std.is_dir() || (cmd!(sh, "rustup target add {TARGET}").quiet().run().is_ok() && std.is_dir()),
        "rustc has no {TARGET}: run `rustup target add {TARGET}`, or install it with your system's packages"
    );
    // Crates built with two builds of one standard library's version do not mix, and cargo does not notice.
    let mut files = Vec::new();
    for entry in fs::read_dir(&std)? {
        let (name, data) = entry.and_then(|entry| Ok((entry.file_name(), entry.metadata()?)))?;
        files.push((name, data.len(), data.modified()?));
    }
    files.sort();
    Ok((rustc.lines().next().unwrap_or_default().to_owned(), format!("{rustc}\n{cargo}\n{files:?}")))
}

/// Where tools are installed: `XTASK_TOOLS`, else `tools` in the target folder. Several checkouts may share it.
pub(crate) fn dir(project: &Project) -> PathBuf {
    env::var_os("XTASK_TOOLS").map_or_else(|| project.target_dir().join("tools"), PathBuf::from)
}

/// Makes `dir` under another name, then renames it, so that it is either complete or missing.
fn install_into(dir: &Path, install: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let new = PathBuf::from(format!("{}.new-{}", dir.display(), process::id()));
    fs::create_dir_all(&new).with_context(|| format!("cannot create {}", new.display()))?;
    // Another process may have finished first.
    let installed = install(&new).and_then(|()| if dir.is_dir() { Ok(()) } else { Ok(fs::rename(&new, dir)?) });
    let _ = fs::remove_dir_all(&new);
    installed
}

/// The folder with a crate's programs, which cargo installs if it is missing; none if PATH has that version.
fn cargo_tool(project: &Project, sh: &Shell, name: &str, version: &str) -> Result<Option<PathBuf>> {
    let dir = dir(project).join(format!("{name}-{version}"));
    if !dir.is_dir() {
        if on_path(sh, name.trim_end_matches("-cli")).as_deref() == Some(version) {
            return Ok(None);
        }
        say(format_args!("installing {name} {version}, which takes some minutes, once"));
        // wasm-pack only starts other programs, so it need not be fast.
        let debug = (name == "wasm-pack").then_some("--debug");
        let quiet = (!io::stderr().is_terminal()).then_some("--quiet");
        // Not in the checkout, whose configuration may name a vendored registry or another target.
        let _elsewhere = sh.push_dir(env::temp_dir());
        let install = |new: &Path| {
            let cargo = |locked: Option<&str>| {
                let cargo =
                    cmd!(sh, "cargo install {locked...} {quiet...} {debug...} --target host-tuple --root {new}");
                cargo.arg(format!("{name}@{version}")).quiet().run()
            };
            // A lock file may name a version that has been yanked since.
            Ok(cargo(Some("--locked")).or_else(|_| cargo(None))?)
        };
        let needed = || format!("cannot install {name} {version}: it needs crates.io once, or that version on PATH");
        install_into(&dir, install).with_context(needed)?;
    }
    Ok(Some(dir.join("bin")))
}

/// The version of a program on PATH: the first word it prints that starts with a digit.
fn on_path(sh: &Shell, program: &str) -> Option<String> {
    let printed = cmd!(sh, "{program} --version").quiet().ignore_stderr().read().ok()?;
    Some(printed.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?.to_owned())
}

/// The folder of the npm packages that are tools, and the version of binaryen.
fn npm_tools(project: &Project, sh: &Shell) -> Result<(PathBuf, String)> {
    let node = "const [a, b] = process.versions.node.split('.'); process.exit(+(a < 20 || a < 21 && b < 19 || a == 22 && b < 12 || a == 21))";
    let needed = "`node` on PATH is missing or too old: install Node.js 20.19, or 22.12 or newer, https://nodejs.org";
    cmd!(sh, "node --eval {node}").quiet().run().context(needed)?;
    let pins = project.root.join("xtask/tools");
    let lock = sh.read_file(pins.join("package-lock.json"))?;
    let dir = dir(project).join(format!("npm-{}", &fresh::hash_of(lock.as_bytes())[..12]));
    if !dir.is_dir() {
        say(format_args!("installing wasm-opt and esbuild from npm, which takes some seconds, once"));
        let install = |new: &Path| {
            fs::write(new.join("package-lock.json"), &lock)?;
            fs::copy(pins.join("package.json"), new.join("package.json"))?;
            let _in = sh.push_dir(new);
            let ci = cmd!(sh, "{NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error");
            Ok(ci.quiet().ignore_stdout().run()?)
        };
        install_into(&dir, install).context("cannot install the packages in xtask/tools; the output above says why")?;
    }
    let lock: serde_json::Value = serde_json::from_str(&lock)?;
    let binaryen = lock["packages"]["node_modules/binaryen"]["version"].as_str().context("binaryen is not pinned")?;
    Ok((dir.join("node_modules"), binaryen.to_owned()))
}

/// A native wasm-opt on PATH if it has the pinned version (another would give other bytes), else npm's.
fn wasm_opt(sh: &Shell, npm: &Path, pinned: &str) -> (PathBuf, Option<PathBuf>) {
    match on_path(sh, "wasm-opt") {
        Some(version) if pinned.split('.').next() == Some(&version) => ("wasm-opt".into(), None),
        _ => ("node".into(), Some(npm.join("binaryen/bin/wasm-opt"))),
    }
}
