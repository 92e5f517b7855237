//! rustfmt, clippy and rustdoc, on the workspace and on this program.

use anyhow::{Context, Result, ensure};
use unstale::Workspace;
use xshell::{Shell, cmd};

use super::{Report, quiet};
use crate::compile::{Compiler, Profile, Session, until_settled};
use crate::project::{BINDING, Project, TARGET, say};
use crate::sources::Sources;
use crate::tools::Tools;

/// Warnings are errors on only one toolchain: a newer one may have warnings that nobody here has seen.
#[derive(Clone, Copy)]
struct Strictness {
    warnings_are_errors: bool,
}

pub(super) fn run(project: &Project, tools: &Tools, report: &mut Report) -> Result<()> {
    let strictness = strictness(project, tools, report)?;

    let mut warned = in_sessions(project, tools, BINDING, |session| {
        check_members(&session.sh, session.workspace)?;
        check_format(&session.sh)?;
        lint_workspace(session, strictness)
    })?;
    // This program is a workspace of its own.
    warned |= in_sessions(project, tools, "xtask", |session| {
        session.sh.change_dir("xtask");
        strictness.shown(&session.sh, &["clippy", "--quiet", "--all-targets"], &session.arguments("host-tuple")?)
    })?;
    if warned {
        report.found = Some("warnings, shown above; they are errors on the version in Cargo.toml".to_owned());
    }
    Ok(())
}

fn strictness(project: &Project, tools: &Tools, report: &mut Report) -> Result<Strictness> {
    let manifest: toml::Table = project.shell()?.read_file("Cargo.toml")?.parse()?;
    let stated = manifest.get("workspace").and_then(|workspace| workspace.get("metadata"));
    let stated = stated.and_then(|metadata| metadata.get("warnings-are-errors-on")).and_then(toml::Value::as_str);
    let stated = stated.context("Cargo.toml lacks `warnings-are-errors-on` in [workspace.metadata]")?;

    let warnings_are_errors = tools.rust.rustc().split(' ').nth(1) == Some(stated);
    if !warnings_are_errors {
        report.not_run.push(format!("warnings as errors: this is {}, not {stated}", tools.rust.rustc()));
    }
    Ok(Strictness { warnings_are_errors })
}

/// A member that does not inherit the lints is not linted.
fn check_members(sh: &Shell, workspace: &Workspace) -> Result<()> {
    for member in workspace.metadata.workspace_packages() {
        let manifest: toml::Table = sh.read_file(&member.manifest_path)?.parse()?;
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        ensure!(
            inherits == Some(true),
            "{} does not inherit the lints: add\n    [lints]\n    workspace = true",
            member.manifest_path
        );
    }
    Ok(())
}

fn check_format(sh: &Shell) -> Result<()> {
    for manifest in ["Cargo.toml", "xtask/Cargo.toml"] {
        quiet(cmd!(sh, "cargo fmt --all --check --manifest-path {manifest}"))
            .with_context(|| format!("this formats it:\n    cargo fmt --all --manifest-path {manifest}"))?;
    }
    Ok(())
}

/// Returns whether there was a warning.
fn lint_workspace(session: &Session, strictness: Strictness) -> Result<bool> {
    let sh = &session.sh;
    let host = session.arguments("host-tuple")?;
    let wasm = session.arguments(TARGET)?;
    let clippy = ["clippy", "--quiet", "--all-targets"];
    let warned = [
        strictness.shown(sh, &[&clippy[..], &["--workspace"]].concat(), &host)?,
        strictness.shown(sh, &[&clippy[..], &["--package", BINDING]].concat(), &wasm)?,
        strictness.shown(sh, &["doc", "--quiet", "--workspace", "--no-deps", "--document-private-items"], &host)?,
    ];
    Ok(warned.contains(&true))
}

impl Strictness {
    /// Runs cargo, shows what it says, and returns whether it said anything: that is a warning.
    fn shown(self, sh: &Shell, words: &[&str], arguments: &[String]) -> Result<bool> {
        let mut cargo = cmd!(sh, "cargo {words...} {arguments...}").quiet();
        if self.warnings_are_errors {
            cargo = cargo.env("CARGO_BUILD_WARNINGS", "deny");
        }
        let output = cargo.ignore_status().output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim_end();
        if !said.is_empty() {
            say(format_args!("{said}"));
        }
        ensure!(output.status.success(), "`cargo {}` found what is shown above", words.join(" "));
        Ok(!said.is_empty())
    }
}

/// Calls cargo in a folder that compares contents, so that an edit with an old time is linted, too.
fn in_sessions<T>(project: &Project, tools: &Tools, member: &str, work: impl Fn(&Session) -> Result<T>) -> Result<T> {
    let compiler = Compiler::new(project, tools, member, Profile::Dev)?;
    until_settled(|| {
        let Sources { workspace, snapshot } = Sources::read(project, member)?;
        let session = compiler.begin(&workspace, snapshot, None)?;
        let result = work(&session);
        session.end(result)
    })
}
