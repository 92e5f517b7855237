//! The files of template/files are copies of the repository's with placeholders in them. What keeps them from drifting:
//! a project that is generated with the repository's own answers has to be the repository.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result, ensure};
use toml_edit::{DocumentMut, Item};

use crate::{answers::Answers, command, generator::Lab, leftovers::files};

/// The name that goes with template.toml.
const NAME: &str = "fresh-wasm";

/// README.md is written for those who generate here, and for the owner of what was generated there; .earthlyignore names
/// folders that only the repository has.
const DIFFER: [&str; 2] = [".earthlyignore", "README.md"];

pub(crate) fn check(lab: &Lab) -> Result<()> {
    let dir = lab.fresh("identity")?;
    let answers = Answers::new(NAME, &[]);
    let mut generate = lab.command(&dir, &answers);
    command::output(generate.arg("--values-file").arg(lab.root.join("template.toml")))?;
    let checkout = dir.join("checkout");
    command::output(lab.git().args(["clone", "--quiet"]).arg(&lab.template).arg(&checkout))?;

    let manifest: DocumentMut = fs::read_to_string(checkout.join("cargo-generate.toml"))?.parse()?;
    let mut faults = faults_of_files(&checkout, &dir.join(NAME), &manifest)?;
    faults.extend(fault_of_include(&checkout, &manifest)?);
    ensure!(
        faults.is_empty(),
        "{} faults; where a file has a copy in template/files, both need the edit:\n{}",
        faults.len(),
        faults.join("\n")
    );
    Ok(())
}

/// Files that only one of both has, or that differ.
fn faults_of_files(checkout: &Path, project: &Path, manifest: &DocumentMut) -> Result<Vec<String>> {
    let ignored = strings(&manifest["template"]["ignore"]).context("cargo-generate.toml has no list `ignore`")?;
    let is_ignored = |path: &str| {
        let under = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        path == "cargo-generate.toml" || ignored.iter().any(|entry| path == entry || under(entry))
    };
    let expected: BTreeSet<String> = files(checkout)?.into_iter().filter(|path| !is_ignored(path)).collect();
    let found = files(project)?;

    let mut faults: Vec<String> =
        expected.difference(&found).map(|path| format!("{path} is not in the project")).collect();
    faults.extend(found.difference(&expected).map(|path| format!("{path} is in the project only")));
    for path in expected.intersection(&found).filter(|path| !DIFFER.contains(&path.as_str())) {
        faults.extend(difference(checkout, project, path)?);
    }
    Ok(faults)
}

/// What goes through Liquid is what has placeholders, no more.
fn fault_of_include(checkout: &Path, manifest: &DocumentMut) -> Result<Option<String>> {
    let include = &manifest["template"]["include"];
    let mut included = strings(include).context("cargo-generate.toml has no list `include`")?;
    included.sort();
    let twins = files(&checkout.join("template/files"))?;
    let twins: Vec<String> = twins.iter().map(|path| format!("/{}", path.trim_end_matches(".liquid"))).collect();
    let is_same = included == twins;
    let fault = || format!("`include` in cargo-generate.toml is {included:?}, and template/files has {twins:?}");
    Ok((!is_same).then(fault))
}

fn difference(checkout: &Path, project: &Path, path: &str) -> Result<Option<String>> {
    let (here, there) = (fs::read(checkout.join(path))?, fs::read(project.join(path))?);
    if here == there {
        return Ok(None);
    }
    let (here, there) = (String::from_utf8_lossy(&here), String::from_utf8_lossy(&there));
    let line = here.lines().zip(there.lines()).position(|(here, there)| here != there);
    let at = line.unwrap_or_else(|| here.lines().count().min(there.lines().count()));
    let show = |text: &str| text.lines().nth(at).map_or("(its end)".to_owned(), |line| format!("`{line}`"));
    Ok(Some(format!("{path}, line {}: the repository has {}, the project {}", at + 1, show(&here), show(&there))))
}

pub(crate) fn strings(list: &Item) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|entry| entry.as_str().map(str::to_owned)).collect()
}
