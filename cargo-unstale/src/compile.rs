//! Compiles until what was built is what the sources say.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, bail};
use unstale::cargo_metadata::{Artifact, Message};
use unstale::{Build, Distrust, TargetDir, Workspace};

use crate::cargo_args::{CargoArgs, Verb};
use crate::project::{self, Project};
use crate::shell;

/// How often a build is tried if files change meanwhile.
const TRIES: usize = 3;

/// What is to be compiled, and where.
pub(crate) struct Compilation<'a> {
    pub(crate) project: &'a Project,
    pub(crate) dir: &'a TargetDir,
    pub(crate) args: &'a CargoArgs,
    pub(crate) messages: Messages,
}

/// What is shown of what the compiler says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Messages {
    /// What cargo shows.
    Cargos,
    /// Nothing, unless cargo fails.
    OfFailures,
    /// What cargo shows, and the artefacts are listed for us.
    Artifacts,
}

pub(crate) struct Compiled {
    pub(crate) status: ExitStatus,
    /// What was built, if it was asked for.
    pub(crate) artifacts: Vec<Artifact>,
}

impl Compilation<'_> {
    pub(crate) fn run(&self) -> anyhow::Result<Compiled> {
        let options = self.project.options(self.dir)?;
        let mut changed = Vec::new();
        for _ in 0..TRIES {
            let build = Build::begin(&self.project.workspace, self.project.snapshot()?, self.dir, &options)?;
            self.explain(&build);
            let mut cargo = self.cargo(&build)?;
            let compiled = self.call(&mut cargo)?;

            let finished = build.finish(compiled.status.success())?;
            let rewritten = self.newly_rewritten(finished.rewritten)?;
            // A documentation test may write into the sources, and `clippy --fix` is asked to: a second time, it would find
            // uncommitted changes. The next build finds what changed.
            let is_over = !compiled.status.success() || self.args.verb == Verb::DocTest || self.args.has(&["--fix"]);
            changed = [finished.changed, rewritten].concat();
            if changed.is_empty() || is_over {
                return Ok(compiled);
            }
            shell::warning(format!("changed while they were built, so all is built again: {}", changed.join(", ")));
        }
        bail!(
            "files change each time they are built: {}\n\nhelp: let build scripts write into OUT_DIR, or write only what is \
             different",
            changed.join(", ")
        )
    }

    fn explain(&self, build: &Build) {
        let is_new = build.distrust() == Some(Distrust::Unknown) && self.project.is_first_build;
        if let Some(distrust) = build.distrust().filter(|_| !is_new && !self.args.has(&["--quiet", "-q"])) {
            shell::note(format!("all local crates are compiled again: {distrust}"));
        }
    }

    /// Cargo, so that it only compiles.
    fn cargo(&self, build: &Build) -> anyhow::Result<Command> {
        let args = self.args;
        let mut cargo = project::cargo();
        cargo.envs(build.variables());
        let mut options = args.without(match self.messages {
            Messages::OfFailures => &["--target-dir", "--message-format"],
            Messages::Cargos | Messages::Artifacts => &["--target-dir"],
        });

        match args.verb {
            Verb::Run => cargo.arg("build").args(programs(args, &self.project.workspace)),
            Verb::Test if args.has(&["--no-run"]) => cargo.arg(&args.command),
            Verb::Test => cargo.arg(&args.command).arg("--no-run"),
            Verb::Compile | Verb::DocTest => cargo.arg(&args.command),
        };
        // A browser may stay open for ever.
        options.retain(|option| option != "--open");
        // The last `--config` of a setting counts.
        cargo.args(options).args(self.dir.cargo_options(&self.project.workspace)?);

        match self.messages {
            Messages::Cargos => &mut cargo,
            Messages::OfFailures => cargo.arg("--message-format").arg(format_of_failures(args)),
            Messages::Artifacts => cargo.arg("--message-format=json-render-diagnostics"),
        };
        if matches!(args.verb, Verb::Compile | Verb::DocTest) {
            cargo.args(&args.rest);
        }
        Ok(cargo)
    }

    fn call(&self, cargo: &mut Command) -> anyhow::Result<Compiled> {
        if self.messages == Messages::Cargos {
            return Ok(Compiled { status: start(cargo)?, artifacts: Vec::new() });
        }
        let mut child = cargo.stdout(Stdio::piped()).spawn().with_context(|| cannot_start(cargo))?;
        let is_json = self.messages == Messages::OfFailures && self.args.json().is_some();
        let mut lines = Vec::new();
        let mut rendered = Vec::new();
        let mut artifacts = Vec::new();
        for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
            let line = line.context("cannot read what cargo says")?;
            match serde_json::from_str(&line) {
                Ok(Message::CompilerMessage(message)) => rendered.extend(message.message.rendered),
                Ok(Message::CompilerArtifact(artifact)) => artifacts.push(artifact),
                Ok(_) | Err(_) => {}
            }
            if is_json {
                lines.push(line);
            }
        }

        let status = child.wait().with_context(|| cannot_start(cargo))?;
        if !status.success() && is_json {
            println!("{}", lines.join("\n"));
        } else if !status.success() {
            for text in rendered {
                eprint!("{text}");
            }
        }
        Ok(Compiled { status, artifacts })
    }

    /// Which of some files were not written in the build before. Once may be somebody who took an edit back. Twice in a row
    /// is a build script that makes itself be compiled each time.
    fn newly_rewritten(&self, rewritten: Vec<String>) -> anyhow::Result<Vec<String>> {
        let memory: PathBuf = self.dir.path().join(".unstale").join("rewritten.json");
        let before = fs::read(&memory).ok().and_then(|text| serde_json::from_slice::<BTreeSet<String>>(&text).ok());
        let before = before.unwrap_or_default();
        let text = serde_json::to_vec(&rewritten)?;
        fs::write(&memory, text).with_context(|| format!("cannot write {}", memory.display()))?;

        let (again, new): (Vec<String>, Vec<String>) = rewritten.into_iter().partition(|path| before.contains(path));
        if !again.is_empty() {
            shell::warning(format!(
                "written by each build, with the bytes that they had, so their crates are compiled each time: {}\n\nhelp: \
                 let build scripts write into OUT_DIR, or write only what is different",
                again.join(", ")
            ));
        }
        Ok(new)
    }
}

/// What `cargo run` compiles when no program is named. If several could be meant, cargo says so when it is to run one.
fn programs(args: &CargoArgs, workspace: &Workspace) -> Vec<String> {
    if !args.values(&["--bin", "--example"]).is_empty() {
        return Vec::new();
    }
    let metadata = &workspace.metadata;
    let named = args.values(&["-p", "--package"]);
    let root = metadata.root_package().filter(|root| root.manifest_path.parent() != Some(&metadata.workspace_root));
    let packages = match root {
        _ if !named.is_empty() => metadata.packages.iter().filter(|package| named.contains(&package.name)).collect(),
        Some(root) => vec![root],
        None => metadata.workspace_default_packages(),
    };

    let mut default = packages.iter().filter_map(|package| package.default_run.as_ref());
    match (default.next(), default.next()) {
        (Some(name), None) => vec!["--bin".to_owned(), name.clone()],
        _ => vec!["--bins".to_owned()],
    }
}

/// How cargo is asked for what is only shown if it fails.
fn format_of_failures(args: &CargoArgs) -> String {
    if let Some(json) = args.json() {
        return json;
    }
    let is_short = args.values(&["--message-format"]).pop().is_some_and(|format| format == "short");
    let format = match (is_short, shell::is_coloured()) {
        (true, _) => "json-diagnostic-short",
        (false, true) => "json-diagnostic-rendered-ansi",
        (false, false) => "json",
    };
    format.to_owned()
}

pub(crate) fn start(cargo: &mut Command) -> anyhow::Result<ExitStatus> {
    cargo.status().with_context(|| cannot_start(cargo))
}

fn cannot_start(cargo: &Command) -> String {
    format!("cannot start `{}`", cargo.get_program().display())
}

/// Cargo takes this program's place, where the system can do that: then signals reach what cargo runs, and its end is ours.
#[cfg(unix)]
pub(crate) fn start_instead(cargo: &mut Command) -> anyhow::Result<u8> {
    use std::os::unix::process::CommandExt;

    Err(cargo.exec()).with_context(|| cannot_start(cargo))
}

#[cfg(not(unix))]
pub(crate) fn start_instead(cargo: &mut Command) -> anyhow::Result<u8> {
    Ok(code(start(cargo)?))
}

/// Cargo's code. One that was ended by a signal has none.
pub(crate) fn code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(crate::ERROR)
}
