//! `cargo xtask test`: every check that a change has to pass. Each has a name, and can run alone.

mod freshness;
mod library;
mod lint;
mod page;
mod scripts;

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use xshell::{Cmd, cmd};

use crate::build::{self, Options};
use crate::compile::Profile;
use crate::project::{BINDING, Project, say, step};
use crate::tools::Tools;
use crate::verify;

/// A check.
struct Check {
    name: &'static str,
    /// What it shows.
    claim: &'static str,
    run: fn(&Project, &Tools, &mut Report) -> Result<()>,
}

const CHECKS: [Check; 7] = [
    Check { name: "build", claim: "the package builds", run: build },
    Check {
        name: "lint",
        claim: "rustfmt, clippy (for WebAssembly, too) and rustdoc find nothing wrong",
        run: lint::run,
    },
    Check { name: "library", claim: "the library's tests pass on the host", run: library::on_the_host },
    Check {
        name: "package",
        claim: "the built package is fresh, and agrees with the library",
        run: library::of_the_package,
    },
    Check { name: "runtime", claim: "the package's files, values and errors are as promised", run: runtime },
    Check { name: "page", claim: "the page works in browsers", run: page::run },
    Check { name: "freshness", claim: "an edit with an old time leaves no stale package", run: freshness::run },
];

/// What the checks found besides passing or failing.
#[derive(Default)]
pub(crate) struct Report {
    /// What was not run, and why.
    not_run: Vec<String>,
    /// What a check found although it passed: it stands in the place of its claim.
    found: Option<String>,
}

/// What `--help` says of the checks.
pub(crate) fn names_and_claims() -> String {
    let lines = CHECKS.iter().map(|check| format!("\n  {:<10} {}", check.name, check.claim));
    format!("Checks:{}", lines.collect::<String>())
}

/// Runs the checks whose names contain one of `only`, or all if it is empty. A failure does not stop the others.
pub(crate) fn run(project: &Project, only: &[String]) -> Result<()> {
    let checks = chosen(project, only)?;
    let tools = Tools::ensure(project)?;
    let mut report = Report::default();
    let mut failed = Vec::new();
    for check in &checks {
        let start = Instant::now();
        let result = (check.run)(project, &tools, &mut report);
        let found = report.found.take();
        match result {
            Ok(()) => step(check.name, start, found.as_deref().unwrap_or(check.claim)),
            Err(error) => {
                say(format_args!("error: {}: {error:#}", check.name));
                step(check.name, start, "failed");
                failed.push(check.name);
            }
        }
    }

    for what in &report.not_run {
        println!("NOT RUN: {what}");
    }
    let passed = checks.len() - failed.len();
    println!("{passed} passed, {} failed, {} skipped", failed.len(), report.not_run.len());
    ensure!(failed.is_empty(), "failed: {}; `cargo xtask test NAME` runs one alone", failed.join(", "));
    Ok(())
}

/// The checks whose names contain one of the words.
fn chosen(project: &Project, only: &[String]) -> Result<Vec<&'static Check>> {
    for word in only {
        let is_known = CHECKS.iter().any(|check| check.name.contains(word.as_str()));
        ensure!(is_known, "no check has `{word}` in its name. {}", names_and_claims());
    }
    let is_wanted = |check: &&Check| only.is_empty() || only.iter().any(|word| check.name.contains(word.as_str()));
    let wanted: Vec<&Check> = CHECKS.iter().filter(is_wanted).collect();
    if project.has_page() {
        return Ok(wanted);
    }
    let is_page = |check: &&Check| check.name == "page";
    let wanted: Vec<&Check> = wanted.into_iter().filter(|check| !is_page(check)).collect();
    ensure!(!wanted.is_empty(), "this project has no page, so there is no check `page`");
    Ok(wanted)
}

fn build(project: &Project, _: &Tools, _: &mut Report) -> Result<()> {
    build::run(project, &Options { profile: Profile::Release, expect: None, by_content: false })
}

/// The tests in JavaScript, run by Node.js's own test runner.
fn runtime(project: &Project, tools: &Tools, _: &mut Report) -> Result<()> {
    verify::check(project)?;
    let sh = project.shell()?;
    tools.put_on_path(&sh)?;
    scripts::check(&sh, tools)?;
    let tests = sh.read_dir(Path::new(BINDING).join("tests/package")).unwrap_or_default();
    let tests = tests.into_iter().filter(|path| path.to_string_lossy().ends_with(".test.js"));
    // With BLESS=1, this one writes new limits: only if all else is right.
    let (last, first): (Vec<_>, Vec<_>) = tests.partition(|path| path.ends_with("budget.test.js"));
    for tests in [first, last] {
        // Without a file, Node.js would search for tests everywhere.
        if !tests.is_empty() {
            // This reporter repeats at the end what failed.
            quiet(cmd!(sh, "node --test --test-reporter=spec {tests...}"))?;
        }
    }
    Ok(())
}

/// The first words of a command.
fn shortened(command: &str) -> String {
    match command.char_indices().nth(100) {
        Some((end, _)) => format!("{} …", command[..end].rsplit_once(' ').map_or(command, |(words, _)| words)),
        None => command.to_owned(),
    }
}

/// Runs a command, and shows what it prints only if it fails.
fn quiet(command: Cmd) -> Result<String> {
    let name = shortened(&command.to_string());
    let output = command.quiet().ignore_status().output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        eprint!("{printed}{}", String::from_utf8_lossy(&output.stderr));
        bail!("`{name}` failed; its output is above");
    }
    Ok(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_command_ends_in_a_whole_word() {
        let long = format!("cargo test --target-dir {} --offline {}", "/a/long/path".repeat(4), "x".repeat(100));
        assert_eq!(shortened(&long), format!("cargo test --target-dir {} --offline …", "/a/long/path".repeat(4)));
        assert_eq!(shortened("cargo test"), "cargo test");
    }
}
