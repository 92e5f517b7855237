//! The workflows: actionlint reads them, and what they run is run here, as far as that goes without GitHub.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use yaml_rust2::{Yaml, YamlLoader};

use crate::{
    answers::Answers,
    command,
    generator::{Lab, tools},
    project,
};

const ACTIONLINT: &str = "v1.7.12";

/// A step that cannot run here.
struct NotHere {
    /// How its command begins.
    command: &'static str,
    why: &'static str,
}

const NOT_HERE: [NotHere; 7] = [
    NotHere { command: "version=$(cargo metadata", why: "it installs another Rust" },
    NotHere { command: "earth ", why: "the check `earthfile` runs it" },
    NotHere { command: "cargo install --locked cargo-deny", why: "the check `supply` runs it" },
    NotHere { command: "cargo deny ", why: "the check `supply` runs it" },
    NotHere { command: "hashes=$(sha256sum package-*", why: "it compares what three systems built" },
    NotHere { command: "package=$(tar ", why: "it asks npm for what was published" },
    NotHere { command: "case \"$GITHUB_REF_NAME\" in *-*) kind", why: "it makes a release on GitHub" },
];

/// What GitHub sets.
const VARIABLES: [(&str, &str); 3] =
    [("GITHUB_REF_NAME", "v0.1.0"), ("GITHUB_REPOSITORY", "ada/engine"), ("GITHUB_STEP_SUMMARY", "/dev/null")];

/// A value with which publishing would fail in the end.
struct Refused {
    variable: &'static str,
    value: &'static str,
    /// What the first step says of it.
    said: &'static str,
}

const REFUSED: [Refused; 3] = [
    Refused {
        variable: "GITHUB_REF_NAME",
        value: "v0.2.0",
        said: "The tag is v0.2.0, but Cargo.toml has the version 0.1.0: change one of them.",
    },
    Refused {
        variable: "GITHUB_REPOSITORY",
        value: "grace/engine",
        said: "needs `repository = \"https://github.com/grace/engine\"` in Cargo.toml",
    },
    Refused {
        variable: "VISIBILITY",
        value: "private",
        said: "needs a public repository, but this one is private: make it public.",
    },
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

/// A step of a workflow that runs a command.
struct Step {
    /// The workflow's file, and the job.
    place: String,
    run: String,
    env: Yaml,
}

impl Step {
    /// Where it is, and the first line of what it runs.
    fn said(&self) -> String {
        format!("{}: `{}`", self.place, first_line(&self.run))
    }
}

fn first_line(run: &str) -> &str {
    run.trim().lines().next().unwrap_or_default()
}

/// Runs each job's steps in a generated project, in their order, each once. Publishing is a dry run.
pub(crate) fn run_jobs(lab: &Lab) -> Result<()> {
    let project = lab.generate("jobs", &Answers::new("engine", &[("repository", "https://github.com/ada/engine")]))?;
    project::share_target(lab, &project)?;

    let steps = steps(&project)?;
    let mut faults = Vec::new();
    let mut done = BTreeSet::new();
    for step in &steps {
        if let Some(not_here) = NOT_HERE.iter().find(|not_here| step.run.starts_with(not_here.command)) {
            eprintln!("SKIPPED: {}: {}", step.said(), not_here.why);
        } else if done.insert(&step.run)
            && let Err(error) = run_step(lab, &project, step)
        {
            faults.push(format!("{}: {error:#}", step.said()));
        }
    }
    for NotHere { command, .. } in NOT_HERE {
        if !steps.iter().any(|step| step.run.starts_with(command)) {
            faults.push(format!("no step starts with `{command}`, so it need not be left out"));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    refuses_to_publish(lab, &project, &steps)
}

/// The steps of all workflows that run a command.
fn steps(project: &Path) -> Result<Vec<Step>> {
    let mut found = Vec::new();
    for path in workflows(project)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let documents = YamlLoader::load_from_str(&fs::read_to_string(&path)?)?;
        let jobs = documents.first().and_then(|document| document["jobs"].as_hash());
        for (job, content) in jobs.with_context(|| format!("{name} has no jobs"))? {
            let place = format!("{name}, {}", job.as_str().unwrap_or_default());
            for step in content["steps"].as_vec().into_iter().flatten() {
                let Some(run) = step["run"].as_str() else { continue };
                found.push(Step { place: place.clone(), run: run.to_owned(), env: step["env"].clone() });
            }
        }
    }
    Ok(found)
}

/// The first step of publishing names what would fail in the end.
fn refuses_to_publish(lab: &Lab, project: &Path, steps: &[Step]) -> Result<()> {
    let first = steps.iter().find(|step| step.place == "publish.yml, build");
    let first = first.context("publish.yml has no job `build` that runs something")?;
    for Refused { variable, value, said } in REFUSED {
        let mut shell = shell(lab, project, &first.run)?;
        let printed = command::failure(shell.env("VISIBILITY", "public").env(variable, value))?;
        ensure!(printed.contains(said), "with {variable}={value} the first step should say {said:?}:\n{printed}");
    }
    Ok(())
}

/// A step's command, as GitHub would start it.
fn shell(lab: &Lab, project: &Path, run: &str) -> Result<Command> {
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

fn run_step(lab: &Lab, project: &Path, step: &Step) -> Result<()> {
    // Provenance is GitHub's to give, and npm itself takes nothing from here.
    let run = step.run.replace("npm stage publish --provenance ", "npm publish --dry-run ");
    let mut shell = shell(lab, project, &run)?;
    for (name, value) in step.env.as_hash().into_iter().flatten() {
        if let (Some(name), Some(value)) = (name.as_str(), value.as_str()) {
            shell.env(name, if name == "VISIBILITY" { "public" } else { value });
        }
    }
    let start = Instant::now();
    command::output(&mut shell)?;
    eprintln!("              `{}` ({:.1} s)", first_line(&run), start.elapsed().as_secs_f64());
    Ok(())
}
