//! The sources that every strategy builds: lab/freshness/fixture, with the parts of the project that belong to a build.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{process, strategy::Strategy, tree};

/// The fixture's own crates.
pub(crate) const LOCAL: [&str; 9] =
    ["cfg-if", "common", "guest", "labels", "libmiddle", "listed", "patched", "unlisted", "wasm-client"];

/// A link in it, and what it names. Not every checkout could have it.
const LINK: &str = "common/data/chosen.txt";
const LINKED: &str = "choices/one.txt";

/// What comes from the project: `xtask` and the package's JavaScript, and what the Earthfile copies beside them. No folder
/// in which anything is built, as that may change meanwhile.
const FROM_PROJECT: [&str; 18] = [
    "wasm-client/npm",
    "xtask/Cargo.toml",
    "xtask/Cargo.lock",
    "xtask/build.rs",
    "xtask/src",
    "xtask/tools",
    "unstale/Cargo.toml",
    "unstale/Cargo.lock",
    "unstale/README.md",
    "unstale/examples",
    "unstale/src",
    ".cargo/config.toml",
    ".earthlyignore",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "rustfmt.toml",
    "clippy.toml",
];

/// What a package is built from.
const SOURCES: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    ".cargo/",
    "common/",
    "crates/",
    "schema/",
    "unstale/",
    "vendor/",
    "wasm-client/",
    "xtask/",
    "LICENSE-",
];
/// Of these, what builds it.
const BUILDER: [&str; 3] = ["unstale/", "wasm-client/npm/", "xtask/"];

/// Makes the fixture anew.
///
/// # Errors
/// A file that is missing or cannot be written.
pub(crate) fn make(project: &Path, fixture: &Path) -> Result<()> {
    let original = project.join("lab/freshness/fixture");
    tree::remove(fixture)?;
    tree::copy(&original, fixture, tree::Times::Kept)?;
    for part in FROM_PROJECT {
        if project.join(part).exists() {
            tree::copy(&project.join(part), &fixture.join(part), tree::Times::Kept)?;
        }
    }
    tree::remove(&fixture.join("target"))?;
    configure(fixture)?;
    symlink(LINKED, fixture.join(LINK))?;
    lock(&original, fixture, &wasm_bindgen(project)?)
}

/// Adds the fixture's part to the project's configuration of cargo.
fn configure(fixture: &Path) -> Result<()> {
    let [project, own] = ["config.toml", "added.toml"].map(|name| fixture.join(".cargo").join(name));
    let text = fs::read_to_string(&project)? + &fs::read_to_string(&own)?;
    fs::write(project, text)?;
    Ok(fs::remove_file(own)?)
}

/// Brings both lock files to the project's wasm-bindgen: there is one command line program for both.
fn lock(original: &Path, fixture: &Path, wasm_bindgen: &str) -> Result<()> {
    let present = fixture.join("Cargo.lock");
    for (name, kept) in [("Cargo.lock.newer", "Cargo.lock.newer"), ("Cargo.lock", "Cargo.lock.older")] {
        fs::copy(original.join(name), &present)?;
        let mut update = Command::new("cargo");
        update.args(["update", "--quiet", "wasm-bindgen", "--precise", wasm_bindgen]);
        process::output(update.current_dir(fixture))?;
        fs::copy(&present, fixture.join(kept))?;
    }
    Ok(())
}

/// The version of wasm-bindgen that the project locks.
///
/// # Errors
/// A lock file without it.
pub(crate) fn wasm_bindgen(project: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let lock: Lock = toml::from_str(&fs::read_to_string(project.join("Cargo.lock"))?)?;
    let found = lock.package.into_iter().find(|package| package.name == "wasm-bindgen");
    Ok(found.context("the project's Cargo.lock has no wasm-bindgen")?.version)
}

/// A hash of what a strategy builds from; the program that builds counts where it is used.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn sources(checkout: &Path, strategy: &Strategy) -> Result<String> {
    let mut contents = tree::contents(checkout)?;
    contents.retain(|path, _| is_source(path) && (strategy.uses_xtask() || !is_builder(path)));
    Ok(tree::hash(&[serde_json::to_string(&contents)?.as_bytes()]))
}

fn is_source(path: &str) -> bool {
    SOURCES.iter().any(|source| path.starts_with(source))
}

fn is_builder(path: &str) -> bool {
    BUILDER.iter().any(|part| path.starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_a_package_is_built_from() {
        for source in ["Cargo.toml", ".cargo/config.toml", "common/src/lib.rs", "crates/labels/Cargo.toml"] {
            assert!(is_source(source) && !is_builder(source), "{source}");
        }
        for builder in ["xtask/src/main.rs", "unstale/src/lib.rs", "wasm-client/npm/index.js"] {
            assert!(is_source(builder) && is_builder(builder), "{builder}");
        }
        for other in ["README.md", ".lab/wasm-opt", "Earthfile"] {
            assert!(!is_source(other), "{other}");
        }
    }

    #[test]
    fn every_crate_of_the_fixture_is_known() {
        fn visit(dir: &Path, found: &mut Vec<String>) {
            for path in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    visit(&path, found);
                } else if path.ends_with("Cargo.toml") {
                    let manifest: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
                    found.extend(manifest.get("package").map(|package| package["name"].as_str().unwrap().to_owned()));
                }
            }
        }
        let mut found = Vec::new();
        visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixture"), &mut found);
        found.sort();
        assert_eq!(found, LOCAL);
    }
}
