//! Puts the rest of the package to what wasm-pack made of the module.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};
use xshell::{Shell, cmd};

use super::{BUILD_INFO, BuildInfo, MODULE, files};
use crate::build::Builder;
use crate::fresh::{self, Inputs};
use crate::project::{BINDING, copy, text};

/// Where the types of the glue's start begin, which name the DOM.
const START_TYPES: &str = "\nexport type InitInput = ";

/// Completes the package in the folder where wasm-pack built, and loads it as Node.js does.
///
/// # Errors
/// A package that does not load, or that answers another digest than it was built from.
pub(crate) fn assemble(builder: &Builder, sh: &Shell, inputs: &Inputs, new: &Path, made_from: String) -> Result<()> {
    let made: Value = serde_json::from_str(&text(&new.join("package.json"))?)?;
    let npm = format!("{BINDING}/npm/");
    for path in inputs.extra.keys() {
        if let Some(name) = path.strip_prefix(&npm).or_else(|| path.starts_with("LICENSE").then_some(path)) {
            copy(&builder.project.root.join(path), &new.join(name))?;
        }
    }
    // It would keep npm from packing anything.
    let _ = fs::remove_file(new.join(".gitignore"));
    let module = mark(new)?;
    let inline = format!("// The module's bytes.\nexport default \"{}\";\n", BASE64_STANDARD.encode(module));
    fs::write(new.join("wasm-base64.js"), inline)?;
    write_api(sh, new)?;
    let name = write_manifest(made, new)?;
    write_commonjs(builder, sh, new, &name)?;
    let versions = [
        ("rustc", &builder.tools.rustc),
        ("wasm-bindgen", &builder.tools.wasm_bindgen),
        ("wasm-opt", &builder.tools.binaryen),
    ];
    let info = BuildInfo {
        digest: fresh::of(&inputs.all()),
        module: fresh::of(&inputs.compiled()),
        profile: builder.profile.name().to_owned(),
        made_from,
        tools: versions.into_iter().map(|(name, version)| (name.to_owned(), version.clone())).collect(),
        sources: inputs.all(),
        files: files(new)?,
    };
    fs::write(new.join(BUILD_INFO), serde_json::to_string_pretty(&info)? + "\n")?;
    let answer = node(sh, new, "console.log(JSON.stringify((await import('./index.js')).buildInfo()))")?;
    if answer["digest"].as_str() != Some(&info.module) || answer["profile"].as_str() != Some(&info.profile) {
        bail!("the package answers {answer}, and {} in the {} profile was built", info.module, info.profile);
    }
    Ok(())
}

/// Runs a line of JavaScript in the package's folder, and reads the JSON that it prints.
fn node(sh: &Shell, package: &Path, program: &str) -> Result<Value> {
    let _in = sh.push_dir(package);
    let printed = cmd!(sh, "node --input-type=module --eval {program}").quiet().read();
    let printed = printed.context("the package does not load in Node.js; its output is above")?;
    serde_json::from_str(printed.lines().last().unwrap_or_default())
        .context("the package's `buildInfo` is no plain object")
}

/// Writes the glue's digest into the glue and, as a custom section, into the module: the two of different builds refuse
/// each other. Returns the module.
fn mark(new: &Path) -> Result<Vec<u8>> {
    const NAME: &[u8] = b"glue-digest";
    let glue = text(&new.join("glue.js")).context("wasm-pack made no JavaScript")?;
    let digest = &fresh::hash_of(glue.as_bytes())[..16];
    fs::write(new.join("glue.js"), format!("{glue}\nexport const __digest = \"{digest}\";\n"))?;
    let types = text(&new.join("glue.d.ts"))?;
    fs::write(new.join("glue.d.ts"), types + "\nexport const __digest: string;\n")?;
    let mut module = fs::read(new.join(MODULE)).context("wasm-pack made no module")?;
    let section = [&[u8::try_from(NAME.len())?], NAME, digest.as_bytes()].concat();
    module.extend([0, u8::try_from(section.len())?]);
    module.extend(section);
    fs::write(new.join(MODULE), &module)?;
    Ok(module)
}

/// Writes the module that has the library's exports one by one, each guarded, and its types without those of the start.
fn write_api(sh: &Shell, new: &Path) -> Result<()> {
    let names = node(sh, new, "console.log(JSON.stringify(Object.keys(await import('./glue.js'))))")?;
    let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
    // Ours, and wasm-bindgen's own.
    let names = names.filter(|name| !["default", "initSync"].contains(name) && !name.starts_with("__"));
    let names: Vec<Value> = names.map(Value::from).collect();
    // No name here can be one of the library's, which may be any. Without that comment a bundler would keep what nobody
    // imports.
    let api =
        names.iter().enumerate().map(|(at, name)| format!("const ${at} = /* @__PURE__ */ $guard($glue[{name}]);\n"));
    let exported = names.iter().enumerate().map(|(at, name)| format!("  ${at} as {name},\n"));
    let api = format!(
        "import * as $glue from \"./glue.js\";\nimport {{ guard as $guard }} from \"./guard.js\";\n\n{}\nexport {{\n{}}};\n",
        api.collect::<String>(),
        exported.collect::<String>()
    );
    fs::write(new.join("api.js"), api)?;
    let types = text(&new.join("glue.d.ts"))?;
    let (types, _) = types.split_once(START_TYPES).context("wasm-bindgen's types have another form than they had")?;
    let types = format!("/// <reference lib=\"esnext.disposable\" />\n{types}\nexport {{}};\n");
    ["index.d.ts", "index.d.cts"].iter().try_for_each(|name| fs::write(new.join(name), &types))?;
    Ok(())
}

/// One file for `require` and for a classic script, where it sets a variable with the package's name in camel case.
fn write_commonjs(builder: &Builder, sh: &Shell, new: &Path, name: &str) -> Result<()> {
    let words = name.rsplit('/').next().unwrap_or_default().split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).enumerate();
    let global: String = words.map(|(at, word)| if at == 0 { word.to_owned() } else { capital(word) }).collect();
    let banner = format!(
        "--banner:js=var {global}=(module=>{{\"use strict\";const{{TextDecoder,TextEncoder}}=globalThis.TextDecoder?globalThis:process.getBuiltinModule(\"util\");"
    );
    let footer = "--footer:js=return module.exports})(typeof module==\"object\"?module:{});";
    let _in = sh.push_dir(new);
    let esbuild = &builder.tools.esbuild;
    let bundle = cmd!(sh, "node {esbuild} index.js --bundle --format=cjs --keep-names --log-level=warning");
    bundle.args([&banner, footer, "--outfile=index.cjs"]).quiet().run().context("esbuild cannot bundle the package")
}

fn capital(word: &str) -> String {
    word[..1].to_ascii_uppercase() + &word[1..]
}

/// Lays the hand-written package.json over the one that wasm-pack made of Cargo.toml, and returns the package's name.
fn write_manifest(made: Value, new: &Path) -> Result<String> {
    let path = new.join("package.json");
    let written: Map<String, Value> =
        serde_json::from_str(&text(&path)?).context("wasm-client/npm/package.json is not a JSON object")?;
    let name = written["name"].as_str().context("wasm-client/npm/package.json has no name")?.to_owned();
    let mut made = made.as_object().cloned().unwrap_or_default();
    // For npm an empty address is no repository.
    made.retain(|key, value| key != "repository" || value["url"] != "");
    made.extend(written);
    fs::write(path, serde_json::to_string_pretty(&made)? + "\n")?;
    Ok(name)
}
