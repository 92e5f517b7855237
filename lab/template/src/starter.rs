//! The starter: template/starter is a workspace of its own here, and its files become a project's.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use toml_edit::DocumentMut;

use crate::{answers::Answers, command, generator::Lab};

const FOLDER: &str = "template/starter";

/// A project has the starter's very files, and both locks have the same versions.
pub(crate) fn check(lab: &Lab) -> Result<()> {
    let manifest: DocumentMut = fs::read_to_string(lab.root.join(FOLDER).join("Cargo.toml"))?.parse()?;
    let description = manifest["workspace"]["package"]["description"].as_str().context("there is no description")?;
    let description: &'static str = description.to_owned().leak();
    let author = [("author", "The fresh-wasm authors"), ("description", description)];
    let answers = Answers::new("fresh-wasm", &author);
    let project = lab.generate("starter", &answers)?;

    let listed = command::output(lab.git().args(["ls-files", FOLDER]))?;
    for path in listed.lines() {
        // What every library has is linked here.
        if lab.root.join(path).is_symlink() {
            continue;
        }
        let name = path.strip_prefix(FOLDER).unwrap_or(path).trim_start_matches('/');
        let here = fs::read_to_string(lab.root.join(path))?.replace("{{ package }}", &answers.package());
        let there = fs::read_to_string(project.join(name)).with_context(|| format!("the project has no {name}"))?;
        ensure!(here == there, "{path} and the project's {name} differ: template/files may need the edit, too");
    }
    locks(lab)
}

/// Whatever both have is locked in the same version: who updates one updates the other.
fn locks(lab: &Lab) -> Result<()> {
    let starter = lab.root.join(FOLDER);
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--locked", "--format-version=1", "--manifest-path"]);
    command::output(cargo.arg(starter.join("Cargo.toml")))?;

    let ours = locked(&lab.root)?;
    let mut faults = Vec::new();
    for (name, versions) in locked(&starter)? {
        let Some(expected) = ours.get(&name).filter(|expected| **expected != versions) else { continue };
        faults.push(format!("{name} {} here, and {} there", expected.join(", "), versions.join(", ")));
    }
    let advice = "run the same `cargo update` in both folders, with `--precise` if need be";
    ensure!(faults.is_empty(), "Cargo.lock and {FOLDER}/Cargo.lock differ; {advice}:\n{}", faults.join("\n"));
    Ok(())
}

/// The versions of each crate in a folder's Cargo.lock.
fn locked(folder: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let lock: DocumentMut = fs::read_to_string(folder.join("Cargo.lock"))?.parse()?;
    let mut versions = BTreeMap::<String, Vec<String>>::new();
    for package in lock["package"].as_array_of_tables().context("Cargo.lock has no packages")? {
        let said = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        versions.entry(said("name")).or_default().push(said("version"));
    }
    Ok(versions)
}
