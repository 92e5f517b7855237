//! The folder that is published: its files, the record of what it was built from, and how it replaces the old one.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use unstale::FileSet;
use xshell::{Shell, cmd};

use crate::compile::Profile;
use crate::early::Early;
use crate::project::{BINDING, Project, step};
use crate::sources::{Inputs, is_copied};
use crate::tools::Tools;

/// The name of wasm-bindgen's files, without their extensions.
pub(crate) const GLUE: &str = "glue";
/// The module, as wasm-bindgen names it.
pub(crate) const GLUE_MODULE: &str = "glue_bg.wasm";
/// The record of what the package was built from: a file in its folder that is not published.
const BUILD_INFO: &str = "build-info.json";

/// What a package was built from, and with which tools.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuildInfo {
    /// The digest of all that it is made from: the crates, the JavaScript, the pins and the program that builds.
    pub(crate) package_digest: String,
    /// The digest of what the module was compiled from; its `buildInfo()` returns the same.
    pub(crate) module_digest: String,
    /// `release` or `dev`.
    pub(crate) profile: String,
    /// The hash of wasm-pack's output, which may depend on environment variables, and of the tools that run after it.
    pub(crate) made_from: String,
    /// The tools' versions, for the record: nothing compares them.
    tools: BTreeMap<String, String>,
    /// Every file that it was built from, with its hash.
    pub(crate) sources: FileSet,
    /// Every file of the package, with its hash.
    pub(crate) files: FileSet,
}

/// What the package's `buildInfo()` returns.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reported {
    module_digest: Option<String>,
    profile: String,
}

impl BuildInfo {
    /// That of a package which is not complete yet: it has no files.
    pub(crate) fn new(inputs: &Inputs, made_from: String, profile: Profile, tools: &Tools) -> Self {
        let tools = [
            ("rustc", tools.rust.rustc()),
            ("wasm-bindgen", tools.wasm_bindgen.as_str()),
            ("wasm-opt", tools.npm.binaryen.as_str()),
        ];
        Self {
            package_digest: inputs.package.digest(),
            module_digest: inputs.module.digest(),
            profile: profile.name().to_owned(),
            made_from,
            tools: tools.map(|(name, version)| (name.to_owned(), version.to_owned())).into(),
            sources: inputs.package.clone(),
            files: FileSet::default(),
        }
    }

    /// Reads the build info of a package.
    pub(crate) fn read(package: &Path) -> Result<Self> {
        let text = fs::read(package.join(BUILD_INFO)).with_context(|| format!("it has no {BUILD_INFO}"))?;
        serde_json::from_slice(&text).with_context(|| format!("its {BUILD_INFO} is damaged or of an earlier version"))
    }

    /// The build info of a package, if all its files are as they were built.
    pub(crate) fn whole(package: &Path) -> Option<Self> {
        Self::read(package).ok().filter(|info| files(package).is_ok_and(|files| files == info.files))
    }
}

/// The files of a package, without its build info.
pub(crate) fn files(package: &Path) -> Result<FileSet> {
    let mut files = FileSet::of_dir(package)?;
    files.remove(BUILD_INFO);
    Ok(files)
}

/// Where a package's module is.
pub(crate) fn module(package: &Path) -> Result<PathBuf> {
    let manifest = fs::read(package.join("package.json")).context("the package has no package.json")?;
    let manifest: Value = serde_json::from_slice(&manifest).context("the package's package.json is damaged")?;
    let module = manifest["exports"]["./wasm"].as_str().context("package.json exports no `./wasm`")?;
    Ok(package.join(module))
}

/// A package that is being completed, in the folder with wasm-pack's output. Only the module is missing, and nothing is
/// read any more but that folder.
pub(crate) struct Assembly {
    new: PathBuf,
    info: BuildInfo,
    script: Early,
}

impl Assembly {
    pub(crate) fn start(sh: &Shell, new: &Path, esbuild: &Path, info: BuildInfo) -> Result<Self> {
        let manifest = sh.read_file(new.join("package.json"))?;
        copy_written_files(sh, new, &info.sources)?;
        // With this file, npm would not pack anything.
        sh.remove_path(new.join(".gitignore"))?;

        let script = cmd!(sh, "node xtask/tools/assemble.mjs {new} {esbuild} {manifest}");
        let mut script = Early::start(script, Stdio::piped())?;
        // The script's own files are sources, too: it prints a line when it has loaded them.
        script.wait_for_line()?;
        Ok(Self { new: new.to_owned(), info, script })
    }

    /// Adds the module, loads the package in Node.js, and checks the digest that it returns.
    pub(crate) fn finish(self, module: &Path) -> Result<BuildInfo> {
        let start = Instant::now();
        let Self { new, mut info, mut script } = self;
        let module = module.to_str().context("the path of the target folder is not Unicode")?;
        script.give(module.as_bytes());
        script.finish().context("the package does not load in Node.js; the output above says why")?;
        let said = fs::read_to_string(new.join(BUILD_INFO))?;
        let reported: Reported =
            serde_json::from_str(&said).with_context(|| format!("`buildInfo()` returned {said}"))?;

        ensure!(
            reported.module_digest.as_ref() == Some(&info.module_digest) && reported.profile == info.profile,
            "the package reports {said}, but {} was built in the {} profile",
            info.module_digest,
            info.profile
        );
        info.files = files(&new)?;
        fs::write(new.join(BUILD_INFO), serde_json::to_string_pretty(&info)? + "\n")?;
        step("assemble", start, "esbuild, Node.js");
        Ok(info)
    }
}

/// Copies the hand-written files of the package, and the licences.
fn copy_written_files(sh: &Shell, new: &Path, inputs: &FileSet) -> Result<()> {
    let npm = format!("{BINDING}/npm/");
    for path in inputs.paths() {
        let name = path.strip_prefix(&npm).or_else(|| is_copied(path).then_some(path));
        if let Some(name) = name {
            sh.write_file(new.join(name), sh.read_binary_file(path)?)?;
        }
    }
    Ok(())
}

/// Fails before anything is compiled if the new package cannot be made where it has to be: beside the old one, because
/// only folders on one disk can be swapped.
pub(crate) fn check_writable(new: &Path) -> Result<()> {
    let try_it = || {
        fs::create_dir_all(new)?;
        fs::remove_dir_all(new)
    };
    try_it().with_context(|| {
        let dir = new.parent().unwrap_or(new).display();
        format!("cannot write in {dir}, where the package is made: build in a copy or a mount that can be written")
    })
}

/// Replaces the old package with the new one, and deletes the old one.
pub(crate) fn exchange(new: &Path, old: &Path) -> Result<()> {
    let Err(error) = try_exchange(new, old) else { return Ok(()) };
    let _ = fs::remove_dir_all(new);
    let is_mount = matches!(error.kind(), ErrorKind::ResourceBusy | ErrorKind::CrossesDevices);
    let hint = if is_mount { ": it seems to be a mount of its own, so mount a folder above it" } else { "" };
    Err(error).with_context(|| format!("cannot replace the package in {}{hint}", old.display()))
}

fn try_exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    if !old.exists() {
        return fs::rename(new, old);
    }
    // INVARIANT: at every moment there is a complete package, if the system can swap two folders.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if rustix::fs::renameat_with(rustix::fs::CWD, new, rustix::fs::CWD, old, rustix::fs::RenameFlags::EXCHANGE).is_ok()
    {
        return fs::remove_dir_all(new);
    }
    fs::rename(old, aside(old))?;
    fs::rename(new, old)?;
    fs::remove_dir_all(aside(old))
}

/// Where the old package is moved for a moment, on a system that cannot swap two folders.
fn aside(package: &Path) -> PathBuf {
    package.with_file_name(".pkg-old")
}

/// Puts the old package back if a build was killed in that moment.
pub(crate) fn tidy(package: &Path) -> Result<()> {
    let aside = aside(package);
    if !aside.exists() {
        return Ok(());
    }
    if package.exists() {
        fs::remove_dir_all(&aside)?;
    } else {
        fs::rename(&aside, package)?;
    }
    Ok(())
}

/// Where `cargo xtask pack` puts the tarball.
pub(crate) fn tarball_dir(project: &Project) -> PathBuf {
    project.root.join("dist")
}

/// Deletes the tarballs of earlier packages.
pub(crate) fn remove_tarballs(project: &Project) -> Result<()> {
    let dir = tarball_dir(project);
    for entry in fs::read_dir(&dir).into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tgz") {
            fs::remove_file(&path).with_context(|| format!("cannot delete {}", path.display()))?;
        }
    }
    Ok(())
}

/// package.json as it is published: without what keeps npm from publishing anything else.
pub(crate) fn published_manifest(manifest: &str) -> Result<String> {
    let mut manifest: Value = serde_json::from_str(manifest).context("package.json is damaged")?;
    let Some(fields) = manifest.as_object_mut() else { bail!("package.json is no object") };
    ensure!(
        fields.get("license").and_then(Value::as_str) != Some("UNLICENSED"),
        "nobody else may use this package, as package.json says `UNLICENSED`: state a licence before you publish it"
    );
    fields.shift_remove("private");
    if let Some(scripts) = fields.get_mut("scripts").and_then(Value::as_object_mut) {
        scripts.shift_remove("prepublishOnly");
        if scripts.is_empty() {
            fields.shift_remove("scripts");
        }
    }
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lock_on_publishing_is_taken_out() {
        let built = r#"{"name":"x","private":true,"scripts":{"prepublishOnly":"exit 1"},"version":"1.0.0"}"#;
        let published: Value = serde_json::from_str(&published_manifest(built).unwrap()).unwrap();
        assert_eq!(published, serde_json::json!({"name": "x", "version": "1.0.0"}));

        let built = r#"{"scripts":{"prepublishOnly":"exit 1","postinstall":"node x.js"}}"#;
        let published: Value = serde_json::from_str(&published_manifest(built).unwrap()).unwrap();
        assert_eq!(published, serde_json::json!({"scripts": {"postinstall": "node x.js"}}));
    }

    #[test]
    fn what_nobody_may_use_is_not_published() {
        let error = published_manifest(r#"{"license":"UNLICENSED","private":true}"#).unwrap_err().to_string();
        assert!(error.contains("state a licence"), "{error}");
    }

    #[test]
    fn an_exchange_leaves_the_new_package_alone() {
        let parent = tempfile::tempdir().unwrap();
        let [old, new] = ["pkg", ".pkg-new"].map(|name| parent.path().join(name));
        for content in ["first", "second"] {
            fs::create_dir(&new).unwrap();
            fs::write(new.join("file"), content).unwrap();
            exchange(&new, &old).unwrap();
            assert_eq!(fs::read_to_string(old.join("file")).unwrap(), content);
            assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_with_what_to_do() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("wasm-client");
        fs::write(&file, "").unwrap();
        let error = check_writable(&file.join(".pkg-new")).unwrap_err().to_string();
        assert!(error.contains(&format!("cannot write in {}", file.display())) && error.contains("a copy"), "{error}");
    }

    #[test]
    fn a_package_that_was_moved_aside_comes_back() {
        let parent = tempfile::tempdir().unwrap();
        let package = parent.path().join("pkg");
        fs::create_dir(aside(&package)).unwrap();
        tidy(&package).unwrap();
        assert!(package.is_dir() && !aside(&package).exists());
        fs::create_dir(aside(&package)).unwrap();
        tidy(&package).unwrap();
        assert!(package.is_dir() && !aside(&package).exists());
    }
}
