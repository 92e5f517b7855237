//! The folder that is published: its files, the record of what it was built from, and how it replaces the old one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::build::Builder;
use crate::fresh::{self, Files, Inputs};
use crate::project::BINDING;

/// The name of wasm-bindgen's files, without their endings.
pub(crate) const GLUE: &str = "glue";
/// The WebAssembly module.
pub(crate) const MODULE: &str = "glue_bg.wasm";
/// What the package was built from, beside it but not published.
const BUILD_INFO: &str = "build-info.json";

/// What a package was built from, and by what.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuildInfo {
    /// Of all that it is made from: the crates, the JavaScript, the pins and the program that builds.
    pub(crate) digest: String,
    /// Of what the module was compiled from; the module answers it, too.
    pub(crate) module: String,
    /// `release` or `dev`.
    pub(crate) profile: String,
    /// Of wasm-pack's output, which may depend on environment variables, and of the tools that follow.
    pub(crate) made_from: String,
    /// The tools' versions, for the record: nothing compares them.
    tools: BTreeMap<String, String>,
    /// Every file that it was built from, and every file of the package, with their hashes.
    pub(crate) sources: Files,
    pub(crate) files: Files,
}

impl BuildInfo {
    /// Reads that of a package.
    pub(crate) fn read(package: &Path) -> Result<Self> {
        let text = fs::read(package.join(BUILD_INFO)).with_context(|| format!("it has no {BUILD_INFO}"))?;
        serde_json::from_slice(&text).with_context(|| format!("its {BUILD_INFO} is damaged"))
    }

    /// That of a package whose files are as they were built.
    pub(crate) fn whole(package: &Path) -> Option<Self> {
        Self::read(package).ok().filter(|info| files(package).is_ok_and(|files| files == info.files))
    }
}

/// The files of a package, less its build info.
pub(crate) fn files(package: &Path) -> Result<Files> {
    let mut files = fresh::of_folder(package)?;
    files.remove(BUILD_INFO);
    Ok(files)
}

/// Completes the package in the folder where wasm-pack built, loads it as Node.js does, and compares the digest that it
/// answers.
pub(crate) fn assemble(builder: &Builder, sh: &Shell, inputs: &Inputs, new: &Path, made_from: String) -> Result<()> {
    let manifest = sh.read_file(new.join("package.json"))?;
    let npm = format!("{BINDING}/npm/");
    for path in inputs.extra.keys() {
        if let Some(name) = path.strip_prefix(&npm).or_else(|| path.starts_with("LICENSE").then_some(path)) {
            sh.write_file(new.join(name), sh.read_binary_file(path)?)?;
        }
    }
    // It would keep npm from packing anything.
    sh.remove_path(new.join(".gitignore"))?;
    let (tools, esbuild) = (&builder.tools, &builder.tools.esbuild);
    let answer = cmd!(sh, "node xtask/tools/assemble.mjs {new} {esbuild} {manifest}").quiet().read();
    let answer = answer.context("the package does not load in Node.js; the output above says why")?;
    let answer: Value = serde_json::from_str(answer.lines().last().unwrap_or_default())?;
    let tools = [("rustc", &tools.rustc), ("wasm-bindgen", &tools.wasm_bindgen), ("wasm-opt", &tools.binaryen)];
    let info = BuildInfo {
        digest: fresh::of(&inputs.all()),
        module: fresh::of(&inputs.compiled()),
        profile: builder.profile.name().to_owned(),
        made_from,
        tools: tools.map(|(name, version)| (name.to_owned(), version.clone())).into(),
        sources: inputs.all(),
        files: files(new)?,
    };
    let is_right = answer["digest"].as_str() == Some(&info.module) && answer["profile"].as_str() == Some(&info.profile);
    ensure!(is_right, "the package answers {answer}, and {} in the {} profile was built", info.module, info.profile);
    fs::write(new.join(BUILD_INFO), serde_json::to_string_pretty(&info)? + "\n")?;
    Ok(())
}

/// Puts a new package in the place of the old one, and deletes that.
pub(crate) fn exchange(new: &Path, old: &Path) -> Result<()> {
    if !old.exists() {
        return Ok(fs::rename(new, old)?);
    }
    // INVARIANT: at every moment there is a whole package, where the system can do that.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if rustix::fs::renameat_with(rustix::fs::CWD, new, rustix::fs::CWD, old, rustix::fs::RenameFlags::EXCHANGE).is_ok()
    {
        return Ok(fs::remove_dir_all(new)?);
    }
    fs::rename(old, aside(old))?;
    fs::rename(new, old)?;
    Ok(fs::remove_dir_all(aside(old))?)
}

/// Where the old package is for a moment, on a system that cannot exchange two folders.
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
