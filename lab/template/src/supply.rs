//! Where dependencies come from: cargo-deny on all lock files, and hashes in every npm lock.

use std::{fs, path::Path, process::Command};

use anyhow::{Result, bail, ensure};

use crate::{
    command,
    generator::{Lab, tools},
    leftovers::files,
    project::json,
};

const VERSION: &str = "0.20.2";

pub(crate) fn check(lab: &Lab) -> Result<()> {
    let mut faults = Vec::new();
    let tracked = command::output(lab.git().args(["ls-files", "*package-lock.json"]))?;
    for lock in tracked.lines() {
        faults.extend(faults_of_lock(&lab.root, lock)?);
    }

    let deny = install(&lab.root)?;
    let workflow = fs::read_to_string(lab.root.join(".github/workflows/ci.yml"))?;
    let commands: Vec<&str> =
        workflow.lines().filter_map(|line| line.trim().strip_prefix("- run: cargo deny ")).collect();
    ensure!(commands.len() == 2, "ci.yml calls cargo-deny {} times, not for each of two workspaces", commands.len());
    for command in commands {
        faults.extend(faults_by_deny(lab, &deny, command));
    }

    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

/// What cargo-deny has to say to one command of the workflow, with the advisories apart: they need a network.
fn faults_by_deny(lab: &Lab, deny: &Path, arguments: &str) -> Vec<String> {
    let run = |checks: &[&str]| {
        let mut cargo = Command::new(deny.join("cargo-deny"));
        cargo.arg("--locked").args(arguments.split(' ')).args(checks).current_dir(&lab.root);
        command::output(&mut cargo).err().map(|error| format!("{error:#}"))
    };
    let mut faults = Vec::from_iter(run(&["bans", "licenses", "sources"]));

    let of_advisories = run(&["advisories"]);
    if of_advisories.as_ref().is_some_and(|fault| fault.contains("failed to fetch advisory database")) {
        eprintln!("SKIPPED: the advisories of `cargo deny {arguments}`: their database cannot be reached from here");
    } else {
        faults.extend(of_advisories);
    }
    faults
}

/// A package without a hash, or bound to one registry's host, or with a script that runs when it is installed.
fn faults_of_lock(root: &Path, lock: &str) -> Result<Vec<String>> {
    let parsed = json(&root.join(lock))?;
    let mut faults = Vec::new();
    for (path, entry) in parsed["packages"].as_object().into_iter().flatten() {
        // A link into this repository has no hash; a package inside another one has that one's.
        let has_none = ["link", "inBundle", "integrity"].iter().all(|field| entry[field].is_null());
        if path.contains("node_modules/") && has_none {
            faults.push(format!("{lock}: {path} has no hash"));
        }
        if !entry["resolved"].is_null() && entry["link"].is_null() {
            faults.push(format!("{lock}: {path} names a registry's host"));
        }
    }
    let folder = root.join(lock);
    let folder = folder.parent().unwrap_or(root);
    let manifest = json(&folder.join("package.json"))?;
    for script in ["preinstall", "install", "postinstall", "prepare"] {
        if !manifest["scripts"][script].is_null() {
            faults.push(format!("{lock}: package.json has a script `{script}`"));
        }
    }
    Ok(faults)
}

fn install(root: &Path) -> Result<std::path::PathBuf> {
    let dir = tools(root).join(format!("cargo-deny-{VERSION}"));
    if !dir.is_dir() || files(&dir)?.is_empty() {
        eprintln!("  installing cargo-deny {VERSION}: 3 to 6 minutes, once");
        fs::create_dir_all(&dir)?;
        let mut cargo = Command::new("cargo");
        cargo.args(["install", "--quiet", "--locked", &format!("cargo-deny@{VERSION}"), "--root"]).arg(&dir);
        command::output(&mut cargo)?;
    }
    Ok(dir.join("bin"))
}
