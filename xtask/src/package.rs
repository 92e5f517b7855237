//! The folder that is published: assembled beside the old one, sealed with what it was built from, then exchanged.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    digest::{self, Files, Inputs},
    profile::Profile,
    tools::Tools,
    workspace::Workspace,
};

/// The stem of wasm-bindgen's files, which are the package's inside.
pub(crate) const GLUE: &str = "glue";
/// The WebAssembly module.
pub(crate) const MODULE: &str = "glue_bg.wasm";
/// Exports of the glue that start the module, which the entries have done by the time that anybody imports from them.
const STARTERS: [&str; 4] = ["default", "initSync", "restart", "start"];
/// What the package was built from, beside it but not published.
const BUILD_INFO: &str = "build-info.json";
/// The hashes of a sealed folder's files.
const SEAL: &str = "SHA256SUMS.json";

/// What a package was built from, and by what.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuildInfo {
    /// Of everything: the crates, the JavaScript, the pins and the program that builds.
    pub(crate) digest: String,
    /// `release` or `dev`.
    pub(crate) profile: String,
    /// The digest of each crate.
    pub(crate) crates: BTreeMap<String, String>,
    /// The versions that were at work; a record, not compared.
    tools: BTreeMap<String, String>,
    /// Every file that it was built from, with its hash.
    pub(crate) sources: Files,
    /// Every file of the package, with its hash.
    pub(crate) files: Files,
}

impl BuildInfo {
    /// Reads a package's; an error says that there is none, or none that can be read.
    pub(crate) fn read(package: &Path) -> Result<Self> {
        let path = package.join(BUILD_INFO);
        let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))
    }
}

/// The files of a package, less its build info.
pub(crate) fn files(package: &Path) -> Result<Files> {
    let mut files = digest::of_folder(package)?;
    files.remove(BUILD_INFO);
    Ok(files)
}

/// Writes the hashes of a folder's files into it.
pub(crate) fn seal(dir: &Path) -> Result<()> {
    fs::write(dir.join(SEAL), serde_json::to_vec(&digest::of_folder(dir)?)?)?;
    Ok(())
}

/// Whether a folder's files are those that it was sealed with: a cache may lose or damage them at any time.
pub(crate) fn is_whole(dir: &Path) -> bool {
    let seal = fs::read(dir.join(SEAL)).ok().and_then(|text| serde_json::from_slice::<Files>(&text).ok());
    let found = digest::of_folder(dir).map(|mut files| {
        files.remove(SEAL);
        files
    });
    matches!((seal, found), (Some(seal), Ok(found)) if seal == found)
}

/// Makes a new package folder beside the present one and returns its path.
pub(crate) fn assemble(
    workspace: &Workspace,
    stage: &Path,
    inputs: &Inputs,
    profile: Profile,
    tools: &Tools,
) -> Result<PathBuf> {
    let new = beside(workspace)?;
    for name in digest::of_folder(stage)?.keys().filter(|name| *name != SEAL) {
        copy(&stage.join(name), &new.join(name))?;
    }
    let npm = workspace.root.join(workspace.npm_dir());
    for name in digest::of_folder(&npm)?.keys() {
        copy(&npm.join(name), &new.join(name))?;
    }
    for name in ["LICENSE", "LICENSE-MIT", "LICENSE-APACHE"] {
        if workspace.root.join(name).is_file() {
            copy(&workspace.root.join(name), &new.join(name))?;
        }
    }
    let module = fs::read(new.join(MODULE)).context("wasm-bindgen made no module")?;
    let inline = format!("// The module's bytes.\nexport default \"{}\";\n", BASE64_STANDARD.encode(module));
    fs::write(new.join("wasm-base64.js"), inline)?;
    write_api(&new)?;
    write_package_json(workspace, &new)?;
    let versions = [
        ("rustc", tools.toolchain.version.clone()),
        ("wasm-bindgen", tools.wasm_bindgen.clone()),
        ("wasm-opt", tools.wasm_opt.version.to_string()),
    ];
    let info = BuildInfo {
        digest: digest::of(&inputs.package),
        profile: profile.name().to_owned(),
        crates: inputs.crates.iter().map(|(name, files)| (name.clone(), digest::of(files))).collect(),
        tools: versions.into_iter().map(|(name, version)| (name.to_owned(), version)).collect(),
        sources: inputs.package.clone(),
        files: files(&new)?,
    };
    fs::write(new.join(BUILD_INFO), serde_json::to_string_pretty(&info)? + "\n")?;
    Ok(new)
}

/// Puts `new` in the place of `old` in one step, and deletes the old one. Returns whether they differed.
pub(crate) fn publish(new: &Path, old: &Path) -> Result<bool> {
    let same = |a: Result<Files>, b: Result<Files>| matches!((a, b), (Ok(a), Ok(b)) if a == b);
    if same(digest::of_folder(new), digest::of_folder(old)) {
        fs::remove_dir_all(new)?;
        return Ok(false);
    }
    exchange(new, old).with_context(|| format!("cannot put the new package in place, {}", old.display()))?;
    Ok(true)
}

fn exchange(new: &Path, old: &Path) -> Result<()> {
    if fs::symlink_metadata(old).is_ok_and(|old| !old.is_dir()) {
        fs::remove_file(old)?;
    }
    if !old.exists() {
        return Ok(fs::rename(new, old)?);
    }
    // INVARIANT: there is no moment without a whole package, as far as the system can do that.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if rustix::fs::renameat_with(
        rustix::fs::CWD,
        new,
        rustix::fs::CWD,
        old,
        rustix::fs::RenameFlags::EXCHANGE,
    )
    .is_ok()
    {
        return Ok(fs::remove_dir_all(new)?);
    }
    let aside = new.with_extension("old");
    if fs::rename(old, &aside).is_err() {
        // A folder in a lower layer of a container's file system cannot be renamed, only emptied.
        fs::remove_dir_all(old)?;
        return Ok(fs::rename(new, old)?);
    }
    if let Err(error) = fs::rename(new, old) {
        fs::rename(&aside, old)?;
        return Err(error.into());
    }
    Ok(fs::remove_dir_all(aside)?)
}

/// A new, empty folder beside the package. What a killed build left there goes.
fn beside(workspace: &Workspace) -> Result<PathBuf> {
    let package = workspace.package_dir();
    let parent = package.parent().context("the package has no folder above")?;
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(".pkg-") {
            let aside = entry.path();
            // Killed between two renames, on a system that cannot exchange: the old package comes back.
            if aside.extension() == Some("old".as_ref()) && !package.exists() {
                fs::rename(aside, &package)?;
            } else {
                fs::remove_dir_all(aside)?;
            }
        }
    }
    let new = parent.join(format!(".pkg-{}", process::id()));
    fs::create_dir(&new).with_context(|| format!("cannot create {}", new.display()))?;
    Ok(new)
}

pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// Whether a name that the glue exports is the library's: not one that starts it, and not `__wasm`, wasm-bindgen's own
/// inside, which it exports with `--debug` and has no type for.
pub(crate) fn is_api(name: &str) -> bool {
    !STARTERS.contains(&name) && !name.starts_with("__")
}

/// The library's names among the glue's exports, sorted. `verify` asks Node.js whether these are all of them.
fn exports(glue: &str) -> Vec<&str> {
    fn of_line(line: &str) -> Option<Vec<&str>> {
        let exported = line.strip_prefix("export ")?;
        if let Some(listed) = exported.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            let names = listed.0.split(',').filter_map(|name| name.split_whitespace().last());
            return Some(names.collect());
        }
        let words = exported.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
        Some(words.filter(|word| !["async", "class", "const", "function"].contains(word)).take(1).collect())
    }
    let mut names: Vec<&str> =
        glue.lines().filter_map(of_line).flatten().filter(|name| is_api(name)).collect();
    names.sort_unstable();
    names
}

/// Writes the module that has the library's exports one by one, each guarded, less those that start it.
fn write_api(package: &Path) -> Result<()> {
    let glue = fs::read_to_string(package.join(GLUE).with_extension("js"))
        .context("wasm-bindgen made no JavaScript")?;
    let names = exports(&glue);
    let mut api =
        format!("import * as glue from \"./{GLUE}.js\";\nimport {{ guard }} from \"./guard.js\";\n\n");
    for name in &names {
        // Without that comment a bundler would keep what nobody imports.
        api += &format!("export const {name} = /* @__PURE__ */ guard(glue.{name});\n");
    }
    fs::write(package.join("api.js"), api)?;
    let names = names.join(", ");
    let types = format!("export type * from \"./{GLUE}.js\";\nexport {{ {names} }} from \"./{GLUE}.js\";\n");
    fs::write(package.join("api.d.ts"), types)?;
    Ok(())
}

/// Fills the hand-written package.json with what Cargo.toml says.
fn write_package_json(workspace: &Workspace, package: &Path) -> Result<()> {
    let path = package.join("package.json");
    let text =
        fs::read(&path).with_context(|| format!("cannot read {}/package.json", workspace.npm_dir()))?;
    let written: Map<String, Value> =
        serde_json::from_slice(&text).with_context(|| format!("{}/package.json", workspace.npm_dir()))?;
    let cargo = &workspace.binding;
    let stated = [
        ("version", Some(json!(cargo.version))),
        ("description", cargo.description.as_ref().map(|text| json!(text))),
        ("license", cargo.license.as_ref().map(|text| json!(text.replace('/', " OR ")))),
        ("author", cargo.authors.first().map(|text| json!(text))),
        (
            "repository",
            cargo
                .repository
                .as_ref()
                .filter(|url| !url.is_empty())
                .map(|url| json!({ "type": "git", "url": format!("git+{url}") })),
        ),
        ("homepage", cargo.homepage.as_ref().map(|text| json!(text))),
        ("keywords", Some(json!(cargo.keywords)).filter(|words| words != &json!([]))),
    ];
    // The name first, then what Cargo.toml states, then the rest as written.
    let mut filled = Map::new();
    filled.extend(
        written.iter().filter(|(key, _)| *key == "name").map(|(key, value)| (key.clone(), value.clone())),
    );
    filled.extend(stated.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    filled.extend(written.into_iter().filter(|(key, _)| key != "name"));
    fs::write(path, serde_json::to_string_pretty(&filled)? + "\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::exports;

    #[test]
    fn names_every_kind_of_export_but_those_that_start_the_module() {
        let glue = "export class Counter {\n    constructor() {}\n}\nexport function parse(text) {\n}\n\
                    export async function load() {}\nexport const Unit = Object.freeze({ Metre: 0 });\n\
                    export function restart() {\n}\nexport { inner as Map, $raw };\nexport { initSync, init as default };\n\
                    export { __wasm };\nfunction hidden() {}\n";
        assert_eq!(exports(glue), ["$raw", "Counter", "Map", "Unit", "load", "parse"]);
    }
}
