//! Tools that npm installs: wasm-opt, esbuild, and what checks the package's JavaScript. And Node.js, which runs them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use semver::{Version, VersionReq};
use serde_json::Value;
use xshell::{Cmd, Shell, cmd};

use super::answers::{Answers, on_path, version_in};
use super::{dir, dir_of, install_into};
use crate::project::{BINDING, NPM, Project, say};

pub(crate) struct NpmTools {
    /// The version of binaryen.
    pub(crate) binaryen: String,
    pub(crate) wasm_opt: WasmOpt,
    /// The folder of the package esbuild.
    pub(crate) esbuild: PathBuf,
    /// The folder of all packages.
    pub(crate) modules: PathBuf,
}

/// How wasm-opt is called.
pub(crate) struct WasmOpt {
    program: PathBuf,
    /// Its first argument, if the program is Node.js.
    script: Option<PathBuf>,
}

impl NpmTools {
    pub(super) fn ensure(project: &Project, sh: &Shell, answers: &mut Answers) -> Result<Self> {
        check_node(project, sh, answers)?;

        let pins = project.root.join("xtask/tools");
        let text = sh.read_file(pins.join("package-lock.json"))?;
        let lock = serde_json::from_str(&text).context("xtask/tools/package-lock.json is no JSON")?;
        check_lock(&serde_json::from_str(&sh.read_file(pins.join("package.json"))?)?, &lock)?;
        let installed = dir_of(&dir(project), "npm", &unstale::hash(text.as_bytes())[..12]);
        if !installed.is_dir() {
            say(format_args!("installing wasm-opt, esbuild and others from npm, once, which takes some seconds"));
            install_into(&installed, |new| install(sh, &pins, new))
                .context("cannot install the packages in xtask/tools")?;
        }

        let modules = installed.join("node_modules");
        let binaryen = lock["packages"]["node_modules/binaryen"]["version"].as_str();
        let binaryen = binaryen.context("xtask/tools/package-lock.json does not pin binaryen")?.to_owned();
        let on_path = answers.ask(Path::new("wasm-opt"), &["--version"]);
        let on_path = on_path.as_deref().and_then(version_in);
        let wasm_opt = WasmOpt::choose(on_path, &binaryen, &modules);
        Ok(Self { binaryen, wasm_opt, esbuild: modules.join("esbuild"), modules })
    }
}

impl WasmOpt {
    pub(crate) fn command<'a>(&self, sh: &'a Shell) -> Cmd<'a> {
        let Self { program, script } = self;
        cmd!(sh, "{program} {script...}")
    }

    /// A native one on PATH if it has the pinned version (another would give other bytes), else npm's.
    fn choose(on_path: Option<&str>, pinned: &str, modules: &Path) -> Self {
        if on_path.is_some() && on_path == pinned.split('.').next() {
            return Self { program: "wasm-opt".into(), script: None };
        }
        Self { program: "node".into(), script: Some(modules.join("binaryen/bin/wasm-opt")) }
    }
}

fn install(sh: &Shell, pins: &Path, new: &Path) -> Result<()> {
    ensure!(
        on_path(Path::new(NPM)).is_some(),
        "`npm` is not on PATH: Node.js from https://nodejs.org has it; some systems have it in a package of its own"
    );
    for name in ["package.json", "package-lock.json"] {
        fs::copy(pins.join(name), new.join(name))?;
    }
    let _in = sh.push_dir(new);
    let ci = cmd!(sh, "{NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error");
    Ok(ci.quiet().ignore_stdout().run()?)
}

/// Refuses a lock file of other pins: what it names is installed.
fn check_lock(manifest: &Value, lock: &Value) -> Result<()> {
    ensure!(
        lock["packages"][""]["dependencies"] == manifest["dependencies"],
        "xtask/tools/package-lock.json has other versions than package.json: run `npm install --package-lock-only` there"
    );
    Ok(())
}

/// Refuses a Node.js that the package does not support, as its package.json says.
fn check_node(project: &Project, sh: &Shell, answers: &mut Answers) -> Result<()> {
    let manifest = sh.read_file(project.root.join(BINDING).join("npm/package.json"))?;
    let manifest: Value = serde_json::from_str(&manifest).context("wasm-client/npm/package.json is no JSON")?;
    let engines = manifest["engines"]["node"].as_str().unwrap_or("*");
    let ranges = engines.split("||").map(|range| VersionReq::parse(range.trim())).collect::<Result<Vec<_>, _>>();
    let ranges =
        ranges.with_context(|| format!("wasm-client/npm/package.json: cannot read `engines.node`: {engines}"))?;
    let found = answers.ask(Path::new("node"), &["--version"]);
    let found =
        found.with_context(|| format!("`node` is not on PATH: install Node.js {engines}, https://nodejs.org"))?;
    ensure!(
        is_supported(&found, &ranges),
        "Node.js {found} is on PATH, but {engines} is needed: install another from https://nodejs.org"
    );
    Ok(())
}

/// Whether a version is in one of some ranges.
fn is_supported(found: &str, ranges: &[VersionReq]) -> bool {
    let Some(version) = version_in(found).and_then(|found| Version::parse(found).ok()) else { return false };
    // A nightly of Node.js has the features of its version.
    let version = Version::new(version.major, version.minor, version.patch);
    ranges.iter().any(|range| range.matches(&version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_says_which_node_is_new_enough() {
        let ranges = ["^20.19", ">=22.12"].map(|range| VersionReq::parse(range).unwrap());
        for good in ["v20.19.0", "v20.20.1", "v22.12.0", "v24.0.0", "v27.0.0-nightly20261101abc"] {
            assert!(is_supported(good, &ranges), "{good}");
        }
        for bad in ["v20.18.9", "v21.7.0", "v22.11.0", "v18.20.0", ""] {
            assert!(!is_supported(bad, &ranges), "{bad}");
        }
    }

    #[test]
    fn a_pin_that_is_not_in_the_lock_file_is_refused() {
        let manifest = |version| serde_json::json!({ "dependencies": { "esbuild": version } });
        let lock = serde_json::json!({ "packages": { "": manifest("1.0.0") } });
        check_lock(&manifest("1.0.0"), &lock).unwrap();
        let error = check_lock(&manifest("1.0.1"), &lock).unwrap_err().to_string();
        assert!(error.contains("npm install --package-lock-only"), "{error}");
    }

    #[test]
    fn only_the_pinned_wasm_opt_is_taken_from_path() {
        let choose = |on_path| WasmOpt::choose(on_path, "132.0.0", Path::new("modules"));
        assert!(choose(Some("132")).script.is_none());
        for other in [None, Some("131"), Some("1320")] {
            assert!(choose(other).script.is_some(), "{other:?}");
        }
    }
}
