//! Compiles, then lets cargo run what was compiled.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, bail};
use unstale::cargo_metadata::Message;
use unstale::{Build, Finished, Workspace};

use crate::cargo_args::{CargoArgs, Verb};
use crate::cli::How;
use crate::project::{self, Project};
use crate::shell;

/// How often a build is tried if files change meanwhile.
const TRIES: usize = 3;

pub(crate) fn run(how: &How, words: Vec<OsString>) -> anyhow::Result<u8> {
    let args = CargoArgs::parse(words)?;
    if args.has(&["--help", "-h"]) {
        return plain(&args);
    }

    let project = Project::read(how, &args)?;
    let compiled = compile(&project, &args)?;
    let is_run = args.verb != Verb::Compile && !args.has(&["--no-run"]);
    if compiled.status.success() && is_run {
        // No lock is held any more: a server may run for ever, and a test may write into the sources.
        let mut cargo = project::cargo();
        cargo.arg(&args.command).args(&compiled.options).args(args.without("--target-dir")).args(&args.rest);
        return Ok(code(start(&mut cargo)?));
    }
    Ok(code(compiled.status))
}

/// Cargo's own help.
fn plain(args: &CargoArgs) -> anyhow::Result<u8> {
    Ok(code(start(project::cargo().arg(&args.command).args(&args.options))?))
}

pub(crate) struct Compiled {
    status: ExitStatus,
    /// The options with which cargo finds the target directory.
    options: Vec<String>,
}

/// Compiles until nothing changed meanwhile.
pub(crate) fn compile(project: &Project, args: &CargoArgs) -> anyhow::Result<Compiled> {
    let options = project.options()?;
    let dir = project.lock()?;
    let cargo_options = dir.cargo_options(&project.workspace)?;
    let mut changed = Vec::new();

    for _ in 0..TRIES {
        let build = Build::begin(&project.workspace, project.snapshot()?, &dir, &options)?;
        if let Some(distrust) = build.distrust().filter(|_| !args.has(&["--quiet", "-q"])) {
            shell::note(format!("all local crates are compiled again: {distrust}"));
        }
        let status = call(&build, &cargo_options, args, &project.workspace)?;
        if status.success() {
            for uncovered in build.uncovered(None)? {
                shell::warning(uncovered);
            }
        }

        let Finished { changed: meanwhile, rewritten } = build.finish()?;
        for path in rewritten {
            shell::warning(format!("{path} was written while it was built, with the bytes that it had"));
        }
        if meanwhile.is_empty() || !status.success() {
            return Ok(Compiled { status, options: cargo_options });
        }
        shell::warning(format!("changed while they were built, so all is built again: {}", meanwhile.join(", ")));
        changed = meanwhile;
    }
    bail!(
        "files change each time they are built: {}\n\nhelp: let build scripts write into OUT_DIR, or write only what is \
         different",
        changed.join(", ")
    )
}

/// Calls cargo, so that it only compiles.
fn call(build: &Build, options: &[String], args: &CargoArgs, workspace: &Workspace) -> anyhow::Result<ExitStatus> {
    let mut cargo = project::cargo();
    let user = args.without("--target-dir");
    cargo.envs(build.variables());
    match args.verb {
        Verb::Compile => cargo.arg(&args.command).args(options).args(user).args(&args.rest),
        Verb::Test if args.has(&["--no-run"]) => cargo.arg(&args.command).args(options).args(user),
        Verb::Test => cargo.arg(&args.command).arg("--no-run").args(options).args(user),
        Verb::Run => cargo.arg("build").args(programs(args, workspace)).args(options).args(user),
    };

    let is_last = args.verb == Verb::Compile || args.has(&["--no-run"]);
    if is_last || !args.values(&["--message-format"]).is_empty() {
        return start(&mut cargo);
    }
    show_only_failures(&mut cargo)
}

/// Warnings come when the program is run: then cargo shows them once more.
fn show_only_failures(cargo: &mut Command) -> anyhow::Result<ExitStatus> {
    let format = if shell::is_coloured() { "json-diagnostic-rendered-ansi" } else { "json" };
    // Before what a program is given.
    cargo.arg(format!("--message-format={format}")).stdout(Stdio::piped());
    let mut child = cargo.spawn().with_context(|| cannot_start(cargo))?;

    let mut rendered = Vec::new();
    for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
        let line = line.context("cannot read what cargo says")?;
        if let Ok(Message::CompilerMessage(message)) = serde_json::from_str(&line) {
            rendered.extend(message.message.rendered);
        }
    }
    let status = child.wait().with_context(|| cannot_start(cargo))?;
    if !status.success() {
        for text in rendered {
            eprint!("{text}");
        }
    }
    Ok(status)
}

/// What `cargo run` compiles when no program is named. If several could be meant, cargo says so when it is to run one.
fn programs(args: &CargoArgs, workspace: &Workspace) -> Vec<String> {
    if !args.values(&["--bin", "--example"]).is_empty() {
        return Vec::new();
    }
    let metadata = &workspace.metadata;
    let named = args.values(&["-p", "--package"]);
    let root = metadata.root_package().filter(|root| root.manifest_path.parent() != Some(&metadata.workspace_root));
    let packages = match (named.is_empty(), root) {
        (false, _) => metadata.packages.iter().filter(|package| named.contains(&package.name)).collect(),
        (true, Some(root)) => vec![root],
        (true, None) => metadata.workspace_default_packages(),
    };
    let default: Vec<&String> = packages.iter().filter_map(|package| package.default_run.as_ref()).collect();
    match default.as_slice() {
        [name] => vec!["--bin".to_owned(), (*name).clone()],
        _ => vec!["--bins".to_owned()],
    }
}

fn start(cargo: &mut Command) -> anyhow::Result<ExitStatus> {
    cargo.status().with_context(|| cannot_start(cargo))
}

fn cannot_start(cargo: &Command) -> String {
    format!("cannot start `{}`", cargo.get_program().display())
}

/// Cargo's code. One that was ended by a signal has none.
fn code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(crate::ERROR)
}
