//! Puts the rest of the package to what wasm-pack made of the module.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xshell::{Shell, cmd};

use super::{BUILD_INFO, BuildInfo, files};
use crate::build::Builder;
use crate::fresh::{self, Inputs};
use crate::project::BINDING;

/// Completes the package in the folder where wasm-pack built, and loads it as Node.js does.
///
/// # Errors
/// A package that does not load, or that answers another digest than it was built from.
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
