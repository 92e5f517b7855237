//! The folder that is published: what it consists of, what it says of itself, and how it takes the old one's place.

mod assemble;
mod consumer;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::fresh::{self, Files};

pub(crate) use assemble::assemble;
pub(crate) use consumer::check as check_installed;

/// The stem of wasm-bindgen's files, which are the package's inside.
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
    /// What the compiler made of the sources, which an environment variable may change.
    pub(crate) made_from: String,
    /// The versions that were at work; a record, not compared.
    tools: BTreeMap<String, String>,
    /// Every file that it was built from, and every file of the package, with their hashes.
    pub(crate) sources: Files,
    pub(crate) files: Files,
}

impl BuildInfo {
    /// Reads a package's; an error says that there is none, or none that can be read.
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

/// Puts a new package in the place of the old one, and deletes that.
pub(crate) fn exchange(new: &Path, old: &Path) -> Result<()> {
    if !old.exists() {
        return Ok(fs::rename(new, old)?);
    }
    // INVARIANT: there is no moment without a whole package, as far as the system can do that.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if rustix::fs::renameat_with(rustix::fs::CWD, new, rustix::fs::CWD, old, rustix::fs::RenameFlags::EXCHANGE).is_ok()
    {
        return Ok(fs::remove_dir_all(new)?);
    }
    fs::rename(old, aside(old))?;
    fs::rename(new, old)?;
    Ok(fs::remove_dir_all(aside(old))?)
}

/// Where the old package is for a moment on systems that cannot exchange two folders.
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
