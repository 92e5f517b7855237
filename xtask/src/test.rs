//! `cargo xtask test`: every check that a change has to pass, each by a name that can be asked for alone.

use std::{env, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    browsers,
    build::{self, Builder, Options},
    command::{self, say, step},
    dev,
    digest::{self, Inputs},
    profile::Profile,
    proof,
    toolchain::TARGET,
    tools::{self, Tools},
    verify,
    workspace::{BINDING, Workspace},
};

/// A check: its name, what it does, and how.
type Check = (&'static str, &'static str, fn(&Workspace) -> Result<()>);

const CHECKS: [Check; 12] = [
    ("build", "the package builds", build),
    ("format", "rustfmt has nothing to change", format),
    ("lint", "clippy has nothing to say, on the host and for WebAssembly", lint),
    ("docs", "rustdoc has nothing to say", docs),
    ("library", "the library's tests pass on the host", library),
    ("package", "the package answers what the library does, and carries its digest", package),
    ("browsers", "the package answers the same in browsers", browsers),
    ("runtime", "the package's files, errors and recovery are as promised", runtime),
    ("consumer", "the package works in a project that installs it", consumer),
    ("freshness", "no edit, whatever its time, leaves a stale package", freshness),
    ("page", "the page works in browsers", page),
    ("verify", "the package is what the sources say", |workspace| verify::run(workspace, false)),
];

/// What `--help` says of the checks.
pub(crate) fn names_and_claims() -> String {
    CHECKS.iter().fold("Checks:".to_owned(), |said, (name, claim, _)| format!("{said}\n  {name:<10} {claim}"))
}

/// Runs the checks whose names contain one of `only`; all if there is none.
///
/// # Errors
/// If one fails, or none has such a name. All are run whatever fails.
pub(crate) fn run(workspace: &Workspace, only: &[String]) -> Result<()> {
    let there = |name: &str| name != "page" || workspace.root.join("www").is_dir();
    let there: Vec<&Check> = CHECKS.iter().filter(|(name, ..)| there(name)).collect();
    if let Some(part) = only.iter().find(|part| !there.iter().any(|(name, ..)| name.contains(part.as_str())))
    {
        let names: Vec<&str> = there.iter().map(|(name, ..)| *name).collect();
        bail!("no check has `{part}` in its name; there are: {}", names.join(", "));
    }
    let wanted = |name: &str| only.is_empty() || only.iter().any(|part| name.contains(part.as_str()));
    let checks: Vec<&Check> = there.into_iter().filter(|(name, ..)| wanted(name)).collect();
    let mut failed = Vec::new();
    for (name, claim, check) in &checks {
        if let Err(error) = step(name, || Ok((check(workspace)?, (*claim).to_owned()))) {
            say(format_args!("error: {name}: {error:#}"));
            failed.push(*name);
        }
    }
    println!("{} passed, {} failed", checks.len() - failed.len(), failed.len());
    if !failed.is_empty() {
        bail!("failed: {}; `cargo xtask test NAME` runs one alone", failed.join(", "));
    }
    Ok(())
}

fn build(workspace: &Workspace) -> Result<()> {
    build::run(workspace, &Options { profile: Profile::Release, expect: None, by_content: false })
}

/// Cargo on the host, for the workspace or, with its manifest, for xtask.
fn cargo(workspace: &Workspace, arguments: &[&str], xtask: bool) -> Command {
    let mut cargo = command::command("cargo");
    cargo.args(arguments).current_dir(&workspace.root);
    if xtask {
        cargo.args(["--manifest-path", "xtask/Cargo.toml"]);
    }
    cargo
}

fn format(workspace: &Workspace) -> Result<()> {
    for xtask in [false, true] {
        command::quiet(&mut cargo(workspace, &["fmt", "--all", "--check"], xtask))
            .context("`cargo fmt` mends it")?;
    }
    Ok(())
}

fn lint(workspace: &Workspace) -> Result<()> {
    let tools = Tools::ensure(workspace)?;
    let builder = Builder { workspace, tools: &tools, profile: Profile::Dev };
    let inputs = Inputs::read(workspace)?;
    let on_host = ["clippy", "--locked", "--all-targets"];
    let mut for_wasm = tools.command("cargo");
    for_wasm.args(["clippy", "--all-targets", "--package", BINDING, "--target", TARGET]);
    for_wasm.args(builder.cargo_arguments()?).current_dir(&workspace.root);
    let mut xtask = cargo(workspace, &on_host, true);
    xtask.arg("--target-dir").arg(workspace.target_dir().join("xtask"));
    for mut clippy in [cargo(workspace, &on_host, false), xtask, for_wasm] {
        clippy.envs(inputs.variables(workspace)).env("XTASK_DIGEST", digest::of(&inputs.xtask));
        command::quiet(clippy.args(["--", "--deny", "warnings"]))?;
    }
    Ok(())
}

fn docs(workspace: &Workspace) -> Result<()> {
    // Cargo compares flags by value, and rustdoc lists no variables: the digest goes in as a flag.
    let sources = digest::of(&Inputs::read(workspace)?.package);
    let flags = format!("--deny warnings --cfg digest=\"{sources}\"");
    let mut rustdoc = cargo(workspace, &["doc", "--locked", "--no-deps", "--document-private-items"], false);
    command::quiet(rustdoc.env("RUSTDOCFLAGS", flags))
}

fn library(workspace: &Workspace) -> Result<()> {
    let tools = Tools::ensure(workspace)?;
    let builder = Builder { workspace, tools: &tools, profile: Profile::Dev };
    let inputs = Inputs::read(workspace)?;
    let members = workspace.crates.iter().filter(|krate| krate.name != BINDING);
    let packages: Vec<&str> = members.flat_map(|krate| ["--package", krate.name.as_str()]).collect();
    let mut tests = cargo(workspace, &["test", "--locked", "--no-run"], false);
    let built = builder.run_cargo(tests.args(&packages), &inputs)?;
    proof::check(workspace, &inputs, &workspace.target_dir().join("debug"), &built)?;
    let mut tests = cargo(workspace, &["test", "--locked"], false);
    command::quiet(tests.args(&packages).envs(inputs.variables(workspace)))
}

fn package(workspace: &Workspace) -> Result<()> {
    binding(workspace, "package", |tools, program| {
        let mut runner = tools.command("wasm-bindgen-test-runner");
        // From the crate's folder, where the tests find `pkg`.
        command::quiet(runner.arg(program).current_dir(workspace.root.join(BINDING)))
    })
}

fn browsers(workspace: &Workspace) -> Result<()> {
    binding(workspace, "browser", |tools, program| browsers::run(workspace, tools, program))
}

/// Compiles one of the binding's test programs, and runs it.
fn binding(workspace: &Workspace, name: &str, run: impl Fn(&Tools, &Path) -> Result<()>) -> Result<()> {
    let tools = Tools::ensure(workspace)?;
    let builder = Builder { workspace, tools: &tools, profile: Profile::Dev };
    let inputs = Inputs::read(workspace)?;
    let mut tests = tools.command("cargo");
    tests.args(["test", "--no-run", "--test", name, "--package", BINDING, "--target", TARGET]);
    tests.args(builder.cargo_arguments()?);
    let built = builder.run_cargo(&mut tests, &inputs)?;
    proof::check(workspace, &inputs, &builder.cargo_dir(), &built)?;
    built.executables().try_for_each(|program| run(&tools, program))
}

/// What is tested in JavaScript, by Node.js's own test runner.
fn runtime(workspace: &Workspace) -> Result<()> {
    let tools = Tools::ensure(workspace)?;
    let folder = workspace.root.join(BINDING).join("tests").join("package");
    let mut node = tools.command("node");
    node.arg("--test").envs(Inputs::read(workspace)?.variables(workspace));
    let mut tests = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            tests.push(entry?.path());
        }
    }
    tests.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    // Given none, Node.js would look for tests everywhere.
    if tests.is_empty() {
        return Ok(());
    }
    node.args(tests);
    command::quiet(node.current_dir(&workspace.root))
}

/// The page's own checks; its tests say which browsers they could not run, and those lines are passed on.
fn page(workspace: &Workspace) -> Result<()> {
    let page = workspace.root.join("www");
    dev::install(&page)?;
    let mut npm = command::command(tools::NPM);
    command::run(npm.args(["test", "--silent"]).current_dir(page))
}

/// Packs, installs and imports the package as a stranger would, outside of this tree's node_modules.
fn consumer(workspace: &Workspace) -> Result<()> {
    let project = workspace.target_dir().join("consumer");
    let _ = fs::remove_dir_all(&project);
    fs::create_dir_all(&project).with_context(|| format!("cannot create {}", project.display()))?;
    let npm = |arguments: &[&str], dir: &Path| {
        let mut npm = command::command(tools::NPM);
        command::output(npm.args(arguments).args(["--ignore-scripts", "--loglevel=error"]).current_dir(dir))
    };
    let destination = project.to_str().context("the target folder's path is no UTF-8")?;
    let tarball = npm(&["pack", "--pack-destination", destination], &workspace.package_dir())?;
    fs::write(project.join("package.json"), "{ \"private\": true }\n")?;
    npm(&["install", "--offline", "--no-audit", "--no-fund", &format!("./{}", tarball.trim())], &project)?;
    let manifest = fs::read(workspace.package_dir().join("package.json"))?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    let name = manifest["name"].as_str().context("package.json has no name")?;
    let expected = format!("{} {}", workspace.binding.version, Profile::Release.name());
    for (kind, import) in [
        ("module", format!("import * as it from '{name}'")),
        ("commonjs", format!("const it = require('{name}')")),
    ] {
        let program =
            format!("{import}; const {{ version, profile }} = it.buildInfo(); console.log(version, profile)");
        let mut node = command::command("node");
        node.args([&format!("--input-type={kind}"), "--no-warnings", "--eval", &program])
            .current_dir(&project);
        let answer = command::output(&mut node)?;
        if answer.trim() != expected {
            bail!("imported as {kind}, the package answers `{}`; expected `{expected}`", answer.trim());
        }
    }
    Ok(())
}

fn freshness(workspace: &Workspace) -> Result<()> {
    let mut tests = cargo(workspace, &["test", "--locked"], true);
    tests.arg("--target-dir").arg(workspace.target_dir().join("xtask"));
    tests.env(
        "XTASK_TOOLS",
        env::var_os("XTASK_TOOLS").unwrap_or(workspace.target_dir().join("tools").into()),
    );
    command::quiet(tests.args(["--", "--test-threads=1"]))
}
