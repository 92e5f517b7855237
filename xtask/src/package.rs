//! The folder that is published: its files, the record of what it was built from, and how it replaces the old one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::build::Builder;
use crate::fresh::{self, Files};
use crate::project::BINDING;

/// The name of wasm-bindgen's files, without their extensions.
pub(crate) const GLUE: &str = "glue";
/// The WebAssembly module.
pub(crate) const MODULE: &str = "glue_bg.wasm";
/// The record of what the package was built from: a file in its folder that is not published.
const BUILD_INFO: &str = "build-info.json";

/// What a package was built from, and with which tools.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuildInfo {
    /// The digest of all that it is made from: the crates, the JavaScript, the pins and the program that builds.
    pub(crate) digest: String,
    /// The digest of what the module was compiled from; its `buildInfo()` returns the same.
    pub(crate) module: String,
    /// `release` or `dev`.
    pub(crate) profile: String,
    /// The hash of wasm-pack's output, which may depend on environment variables, and of the tools that run after it.
    pub(crate) made_from: String,
    /// The tools' versions, for the record: nothing compares them.
    tools: BTreeMap<String, String>,
    /// Every file that it was built from, and every file of the package, with their hashes.
    pub(crate) sources: Files,
    pub(crate) files: Files,
}

impl BuildInfo {
    /// Reads the build info of a package.
    pub(crate) fn read(package: &Path) -> Result<Self> {
        let text = fs::read(package.join(BUILD_INFO)).with_context(|| format!("it has no {BUILD_INFO}"))?;
        serde_json::from_slice(&text).with_context(|| format!("its {BUILD_INFO} is damaged"))
    }

    /// The build info of a package, if all its files are as they were built.
    pub(crate) fn whole(package: &Path) -> Option<Self> {
        Self::read(package).ok().filter(|info| files(package).is_ok_and(|files| files == info.files))
    }
}

/// The files of a package, without its build info.
pub(crate) fn files(package: &Path) -> Result<Files> {
    let mut files = fresh::of_folder(package)?;
    files.remove(BUILD_INFO);
    Ok(files)
}

/// Completes the package in the folder with wasm-pack's output, loads it in Node.js, and checks the digest that it
/// returns.
pub(crate) fn assemble(builder: &Builder, sh: &Shell, new: &Path, made_from: String) -> Result<()> {
    let manifest = sh.read_file(new.join("package.json"))?;
    let npm = format!("{BINDING}/npm/");
    for path in builder.inputs.extra.keys() {
        if let Some(name) = path.strip_prefix(&npm).or_else(|| path.starts_with("LICENSE").then_some(path)) {
            sh.write_file(new.join(name), sh.read_binary_file(path)?)?;
        }
    }
    // With this file, npm would not pack anything.
    sh.remove_path(new.join(".gitignore"))?;
    let (tools, esbuild) = (&builder.tools, &builder.tools.esbuild);
    let answer = cmd!(sh, "node xtask/tools/assemble.mjs {new} {esbuild} {manifest}").quiet().read();
    let answer = answer.context("the package does not load in Node.js; the output above says why")?;
    let answer: Value = serde_json::from_str(answer.lines().last().unwrap_or_default())?;
    let tools = [("rustc", &tools.rustc), ("wasm-bindgen", &tools.wasm_bindgen), ("wasm-opt", &tools.binaryen)];
    let info = BuildInfo {
        digest: fresh::of(&builder.inputs.all()),
        module: fresh::of(&builder.inputs.compiled()),
        profile: builder.profile.name().to_owned(),
        made_from,
        tools: tools.map(|(name, version)| (name.to_owned(), version.clone())).into(),
        sources: builder.inputs.all(),
        files: files(new)?,
    };
    let is_right = answer["digest"].as_str() == Some(&info.module) && answer["profile"].as_str() == Some(&info.profile);
    ensure!(is_right, "the package reports {answer}, but {} was built in the {} profile", info.module, info.profile);
    fs::write(new.join(BUILD_INFO), serde_json::to_string_pretty(&info)? + "\n")?;
    Ok(())
}

/// Replaces the old package with the new one, and deletes the old one.
pub(crate) fn exchange(new: &Path, old: &Path) -> Result<()> {
    if !old.exists() {
        return Ok(fs::rename(new, old)?);
    }
    // INVARIANT: at every moment there is a complete package, if the system can swap two folders.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if rustix::fs::renameat_with(rustix::fs::CWD, new, rustix::fs::CWD, old, rustix::fs::RenameFlags::EXCHANGE).is_ok()
    {
        return Ok(fs::remove_dir_all(new)?);
    }
    fs::rename(old, aside(old))?;
    fs::rename(new, old)?;
    Ok(fs::remove_dir_all(aside(old))?)
}

/// Where the old package is moved for a moment, on a system that cannot swap two folders.
fn aside(package: &Path) -> PathBuf {
    package.with_file_name(".pkg-old")
}

/// Puts the old package back if a build was killed in that moment.
pub(crate) fn tidy(package: &Path) -> Result<()> {
    match aside(package) {
        aside if !aside.exists() => Ok(()),
        aside if package.exists() => Ok(fs::remove_dir_all(aside)?),
        aside => Ok(fs::rename(aside, package)?),
    }
}
