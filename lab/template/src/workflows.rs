//! The workflows: actionlint reads them, and what they run is run here, as far as that goes without GitHub.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use yaml_rust2::{Yaml, YamlLoader};

use crate::{
    answers::Answers,
    command,
    generator::{Lab, tools},
    project,
};

const ACTIONLINT: &str = "v1.7.12";

/// Steps that cannot run here: the beginning of what they run, and why.
const NOT_HERE: [(&str, &str); 7] = [
    ("version=$(cargo metadata", "it installs another Rust"),
    ("earth ", "the check `earthfile` runs it"),
    ("cargo install --locked cargo-deny", "the check `supply` runs it"),
    ("cargo deny ", "the check `supply` runs it"),
    ("hashes=$(sha256sum package-*", "it compares what three systems built"),
    ("package=$(tar ", "it asks npm for what was published"),
    ("case \"$GITHUB_REF_NAME\" in *-*) kind", "it makes a release on GitHub"),
];

/// What GitHub sets.
const VARIABLES: [(&str, &str); 3] =
    [("GITHUB_REF_NAME", "v0.1.0"), ("GITHUB_REPOSITORY", "ada/engine"), ("GITHUB_STEP_SUMMARY", "/dev/null")];

/// What publishing would fail on in the end: a variable with another value, and what the first step says of it.
const REFUSED: [(&str, &str, &str); 3] = [
    ("GITHUB_REF_NAME", "v0.2.0", "The tag is v0.2.0, but Cargo.toml has the version 0.1.0: change one of them."),
    ("GITHUB_REPOSITORY", "grace/engine", "needs `repository = \"https://github.com/grace/engine\"` in Cargo.toml"),
    ("VISIBILITY", "private", "needs a public repository, but this one is private: make it public."),
];

pub(crate) fn lint(lab: &Lab) -> Result<()> {
    let Some(program) = actionlint(lab)? else { return Ok(()) };
    let project = lab.generate("actionlint", &Answers::new("engine", &[]))?;
    for dir in [&lab.root, &project] {
        command::output(Command::new(&program).args(["-no-color", "-shellcheck="]).current_dir(dir))?;
        pinned(dir)?;
    }
    Ok(())
}

/// Every action is named by its commit, with the version beside it: a tag can be moved.
fn pinned(dir: &Path) -> Result<()> {
    let mut faults = Vec::new();
    for path in workflows(dir)? {
        for (number, line) in fs::read_to_string(&path)?.lines().enumerate() {
            let Some((_, action)) = line.split_once("uses: ") else { continue };
            let commit = action.split_once('@').map_or("", |(_, rest)| rest.split(' ').next().unwrap_or_default());
            if commit.len() != 40 || !action.contains(" # v") {
                faults.push(format!("{}:{}: `{action}` is not pinned", path.display(), number + 1));
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// The program, from the Go proxy where it is missing; nothing where there is no Go.
fn actionlint(lab: &Lab) -> Result<Option<PathBuf>> {
    let dir = tools(&lab.root).join(format!("actionlint-{ACTIONLINT}"));
    let program = dir.join("actionlint");
    if !program.exists() {
        let mut go = Command::new("go");
        go.args(["install", &format!("github.com/rhysd/actionlint/cmd/actionlint@{ACTIONLINT}")]).env("GOBIN", &dir);
        if Command::new("go").arg("version").output().is_err() {
            eprintln!("SKIPPED: actionlint: there is no Go here to install it with (https://go.dev)");
            return Ok(None);
        }
        command::output(&mut go)?;
    }
    Ok(Some(program))
}

fn workflows(dir: &Path) -> Result<Vec<PathBuf>> {
    let folder = dir.join(".github/workflows");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        found.push(entry?.path());
    }
    found.sort();
    Ok(found)
}

/// Runs each job's steps in a generated project, in their order, each once. Publishing is a dry run.
pub(crate) fn run_jobs(lab: &Lab) -> Result<()> {
    let project = lab.generate("jobs", &Answers::new("engine", &[("repository", "https://github.com/ada/engine")]))?;
    project::share_target(lab, &project)?;
    let mut faults = Vec::new();
    let mut done = BTreeSet::new();
    for path in workflows(&project)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let documents = YamlLoader::load_from_str(&fs::read_to_string(&path)?)?;
        let jobs = documents.first().and_then(|document| document["jobs"].as_hash());
        for (job, content) in jobs.with_context(|| format!("{name} has no jobs"))? {
            let job = job.as_str().unwrap_or_default();
            for step in content["steps"].as_vec().into_iter().flatten() {
                let Some(run) = step["run"].as_str() else { continue };
                let said = format!("{name}, {job}: `{}`", run.trim().lines().next().unwrap_or_default());
                let is_new = done.insert(run.to_owned());
                if let Some((_, why)) = NOT_HERE.iter().find(|(beginning, _)| run.starts_with(beginning)) {
                    eprintln!("SKIPPED: {said}: {why}");
                    continue;
                }
                if !is_new {
                    continue;
                }
                if let Err(error) = run_step(lab, &project, &step["env"], run) {
                    faults.push(format!("{said}: {error:#}"));
                }
            }
        }
    }
    let publish = fs::read_to_string(project.join(".github/workflows/publish.yml"))?;
    let publish = YamlLoader::load_from_str(&publish)?;
    let first = publish[0]["jobs"]["build"]["steps"].as_vec().into_iter().flatten();
    let first = first.filter_map(|step| step["run"].as_str()).next().context("publish.yml runs nothing")?;
    for (variable, value, said) in REFUSED {
        let mut shell = step(lab, &project, first)?;
        let printed = command::failure(shell.env("VISIBILITY", "public").env(variable, value))?;
        ensure!(printed.contains(said), "with {variable}={value} the first step should say {said:?}:\n{printed}");
    }
    for (beginning, _) in NOT_HERE {
        if !done.iter().any(|run| run.starts_with(beginning)) {
            faults.push(format!("no step starts with `{beginning}`, so it need not be left out"));
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

/// A step's command, as GitHub would start it.
fn step(lab: &Lab, project: &Path, run: &str) -> Result<Command> {
    let mut shell = Command::new("bash");
    shell.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", run]);
    lab.known(&mut shell, project);
    for (name, value) in VARIABLES {
        shell.env(name, value);
    }
    // Tools that a step installs are for this run only, and installed once.
    shell.env("CARGO_INSTALL_ROOT", tools(&lab.root).join("workflows"));
    let mut path = vec![lab.programs().to_owned(), tools(&lab.root).join("workflows/bin")];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    shell.env("PATH", std::env::join_paths(path)?);
    Ok(shell)
}

fn run_step(lab: &Lab, project: &Path, env: &Yaml, run: &str) -> Result<()> {
    // Provenance is GitHub's to give, and npm itself takes nothing from here.
    let run = run.replace("npm stage publish --provenance ", "npm publish --dry-run ");
    let mut shell = step(lab, project, &run)?;
    for (name, value) in env.as_hash().into_iter().flatten() {
        if let (Some(name), Some(value)) = (name.as_str(), value.as_str()) {
            shell.env(name, if name == "VISIBILITY" { "public" } else { value });
        }
    }
    let start = std::time::Instant::now();
    command::output(&mut shell)?;
    eprintln!(
        "              `{}` ({:.1} s)",
        run.trim().lines().next().unwrap_or_default(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
