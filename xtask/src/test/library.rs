//! The tests in Rust: those of the library on this machine, and those that import the built package in Node.js.

use anyhow::Result;
use xshell::{Shell, cmd};

use super::{Report, quiet};
use crate::compile::{Compiler, Profile, Session, until_settled};
use crate::project::{BINDING, Project, TARGET};
use crate::sources::Sources;
use crate::tools::Tools;
use crate::verify;

pub(super) fn on_the_host(project: &Project, tools: &Tools, _: &mut Report) -> Result<()> {
    test(project, tools, &["--workspace", "--exclude", BINDING], "host-tuple")
}

pub(super) fn of_the_package(project: &Project, tools: &Tools, _: &mut Report) -> Result<()> {
    verify::check(project)?;
    test(project, tools, &["--tests", "--package", BINDING], TARGET)
}

/// Compiles the tests, closes the record of what was built, then runs them: a test that fails costs nothing the next
/// time, and one that writes into the sources is no change under a build.
fn test(project: &Project, tools: &Tools, packages: &[&str], target: &str) -> Result<()> {
    let compiler = Compiler::new(project, tools, BINDING, Profile::Dev)?;
    let tests = until_settled(|| {
        let sources = Sources::read(project, BINDING)?;
        let digest = sources.inputs()?.module.digest();
        let Sources { workspace, snapshot } = sources;
        let session = compiler.begin(&workspace, snapshot, None)?;
        let tests = compile(&session, packages, target, &digest);
        session.end(tests)
    })?;

    let Tests { sh, arguments } = tests;
    sh.set_var("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
    quiet(cmd!(sh, "cargo test {packages...} {arguments...}"))?;
    Ok(())
}

fn compile(session: &Session, packages: &[&str], target: &str, digest: &str) -> Result<Tests> {
    let sh = session.sh.clone();
    // A test compares it with what the package says.
    sh.set_var("MODULE_DIGEST", digest);
    let arguments = session.arguments(target)?;
    quiet(cmd!(sh, "cargo test --no-run {packages...}").args(&arguments))?;
    Ok(Tests { sh, arguments })
}

/// Tests that are compiled.
struct Tests {
    /// The shell in which they were compiled: in another one, cargo would compile again.
    sh: Shell,
    arguments: Vec<String>,
}
