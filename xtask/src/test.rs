//! `cargo xtask test`: every check that a change has to pass. Each has a name, and can run alone.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use xshell::{Cmd, Shell, cmd};

use crate::build::{self, Builder};
use crate::fresh::Profile;
use crate::project::{BINDING, NPM, Project, TARGET, say, step};
use crate::promise;
use crate::tools::Tools;
use crate::verify;

/// A check: its name, what it shows, and the function that runs it.
type Check = (&'static str, &'static str, fn(&Project) -> Result<()>);

const CHECKS: [Check; 7] = [
    ("build", "the package builds", |it| build::run(it, Profile::Release, None, false)),
    ("lint", "rustfmt, clippy (for WebAssembly, too) and rustdoc find nothing wrong", lint),
    ("library", "the library's tests pass on the host", |it| cargo_test(it, &LIBRARY, "host-tuple")),
    ("package", "the built package is fresh, and agrees with the library", package),
    ("runtime", "the package's files, values and errors are as promised", runtime),
    ("page", "the page works in browsers", page),
    ("freshness", "an edit with an old time leaves no stale package", promise::test),
];

/// What was not run, and why.
static NOT_RUN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What `--help` says of the checks.
pub(crate) fn names_and_claims() -> String {
    CHECKS.iter().fold("Checks:".to_owned(), |said, (name, claim, _)| format!("{said}\n  {name:<10} {claim}"))
}

/// Runs the checks whose names contain one of `only`, or all if it is empty. A failure does not stop the others.
pub(crate) fn run(project: &Project, only: &[String]) -> Result<()> {
    let is_wanted = |name: &str| only.is_empty() || only.iter().any(|part| name.contains(part.as_str()));
    let checks = CHECKS.iter().filter(|(name, ..)| *name != "page" || project.root.join("www").is_dir());
    let checks: Vec<&Check> = checks.filter(|(name, ..)| is_wanted(name)).collect();
    let is_known = |part: &String| checks.iter().any(|(name, ..)| name.contains(part.as_str()));
    ensure!(only.iter().all(is_known), "one of these names matches no check; {}", names_and_claims());
    let (mut passed, mut failed) = (0, Vec::new());
    for (name, claim, check) in checks {
        let start = Instant::now();
        match check(project) {
            Ok(()) => passed += 1,
            Err(error) => {
                say(format_args!("error: {name}: {error:#}"));
                failed.push(*name);
            }
        }
        step(name, start, if failed.last() == Some(name) { "failed" } else { claim });
    }
    let not_run = NOT_RUN.lock().unwrap_or_else(PoisonError::into_inner);
    not_run.iter().for_each(|what| println!("NOT RUN: {what}"));
    println!("{passed} passed, {} failed, {} skipped", failed.len(), not_run.len());
    ensure!(failed.is_empty(), "failed: {}; `cargo xtask test NAME` runs one alone", failed.join(", "));
    Ok(())
}

/// Makes the last lines of the output say that something was not run.
fn not_run(what: String) {
    NOT_RUN.lock().unwrap_or_else(PoisonError::into_inner).push(what);
}

/// Calls cargo in the folder that compares contents, so that an edit with an old time is tested, too. It is the folder of
/// the package's workspace.
fn with_cargo(project: &Project, package: &str, work: impl Fn(&Builder, &Shell) -> Result<()>) -> Result<()> {
    let (graph, inputs) = project.inputs(package)?;
    let tools = Tools::ensure(project)?;
    let folder = project.folder(&graph, &tools.toolchain, "fresh")?;
    let builder = Builder { tools: &tools, folder: &folder, graph: &graph, inputs: &inputs, profile: Profile::Dev };
    builder.run(|sh| work(&builder, sh))
}

/// Runs a command, and shows what it prints only if it fails.
fn quiet(command: Cmd) -> Result<String> {
    let name = command.to_string().chars().take(100).collect::<String>();
    let output = command.quiet().ignore_status().output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        eprint!("{printed}{}", String::from_utf8_lossy(&output.stderr));
        bail!("`{name}` failed; its output is above");
    }
    Ok(printed)
}

fn lint(project: &Project) -> Result<()> {
    with_cargo(project, BINDING, |builder, sh| {
        for manifest in ["Cargo.toml", "xtask/Cargo.toml"] {
            quiet(cmd!(sh, "cargo fmt --all --check --manifest-path {manifest}")).context("run `cargo fmt` on it")?;
        }
        // A member that does not inherit the lints is not linted.
        for manifest in builder.graph.metadata.workspace_packages().iter().map(|member| &member.manifest_path) {
            let inherits = sh.read_file(manifest)?.replace(' ', "").contains("[lints]\nworkspace=true");
            ensure!(inherits, "{manifest} does not inherit the lints: add\n    [lints]\n    workspace = true");
        }
        // Warnings are errors on only one toolchain: a newer one may have warnings that nobody here has seen.
        let stated = builder.graph.metadata.workspace_metadata["warnings-are-errors-on"].as_str();
        let rustc = &builder.tools.rustc;
        let are_errors = (rustc.split(' ').nth(1) == stated).then_some(("CARGO_BUILD_WARNINGS", "deny"));
        match are_errors {
            Some((name, value)) => sh.set_var(name, value),
            None => not_run(format!("warnings as errors: this is {rustc}, not {}", stated.unwrap_or("stated"))),
        }
        let [host, wasm] = &["host-tuple", TARGET].map(|target| builder.arguments(target));
        cmd!(sh, "cargo clippy --quiet --workspace --all-targets {host...}").quiet().run()?;
        cmd!(sh, "cargo clippy --quiet --package {BINDING} --all-targets {wasm...}").quiet().run()?;
        cmd!(sh, "cargo doc --quiet --workspace --no-deps --document-private-items {host...}").quiet().run()?;
        // This program is a workspace of its own.
        with_cargo(project, "xtask", |builder, sh| {
            let host = builder.arguments("host-tuple");
            Ok(cmd!(sh, "cargo clippy --quiet --all-targets {host...}").envs(are_errors).quiet().run()?)
        })
    })
}

const LIBRARY: [&str; 3] = ["--workspace", "--exclude", BINDING];

fn cargo_test(project: &Project, packages: &[&str], target: &str) -> Result<()> {
    with_cargo(project, BINDING, |builder, sh| {
        sh.set_var("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
        let arguments = builder.arguments(target);
        quiet(cmd!(sh, "cargo test {packages...} {arguments...}")).map(drop)
    })
}

/// The tests that import the built package, and run in Node.js.
fn package(project: &Project) -> Result<()> {
    verify::run(project, false)?;
    cargo_test(project, &["--tests", "--package", BINDING], TARGET)
}

/// The tests in JavaScript, run by Node.js's own test runner.
fn runtime(project: &Project) -> Result<()> {
    verify::run(project, false)?;
    let sh = project.shell()?;
    Tools::ensure(project)?.install(&sh)?;
    let tests = sh.read_dir(Path::new(BINDING).join("tests/package")).unwrap_or_default();
    let tests: Vec<_> = tests.into_iter().filter(|path| path.to_string_lossy().ends_with(".test.js")).collect();
    // Without a file, Node.js would search for tests everywhere.
    if tests.is_empty() { Ok(()) } else { quiet(cmd!(sh, "node --test {tests...}")).map(drop) }
}

/// The page's own checks. Its tests print which browsers they could not run, and those lines are passed on.
fn page(project: &Project) -> Result<()> {
    verify::run(project, false)?;
    let sh = page_shell(project)?;
    let printed = quiet(cmd!(sh, "{NPM} test --silent"))?;
    printed.lines().filter_map(|line| line.strip_prefix("NOT RUN: ")).map(str::to_owned).for_each(not_run);
    Ok(())
}

/// `cargo xtask dev`: Vite serves the page, and www/vite.config.ts makes it call `cargo xtask build --dev`.
pub(crate) fn dev(project: &Project, arguments: &[String]) -> Result<()> {
    let sh = page_shell(project)?;
    let mut vite = Command::from(cmd!(sh, "node node_modules/vite/bin/vite.js {arguments...}"));
    // Vite replaces this process, so a signal to this process ends Vite.
    #[cfg(unix)]
    let ended = std::os::unix::process::CommandExt::exec(&mut vite).to_string();
    #[cfg(not(unix))]
    let ended = vite.status()?.to_string();
    bail!("the page's server ended: {ended}")
}

/// A shell in the page's folder, with the modules that package-lock.json names. No package's own script runs.
fn page_shell(project: &Project) -> Result<Shell> {
    let sh = project.shell()?;
    // npm links the package's folder, which has to be there.
    sh.create_dir(project.package_dir())?;
    sh.change_dir("www");
    let install = cmd!(sh, "{NPM} install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error");
    install.quiet().ignore_stdout().run().context("cannot install the page's npm packages; see above")?;
    Ok(sh)
}
