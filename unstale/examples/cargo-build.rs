//! Calls cargo with the arguments that it is given, in the folder that it is started in. With the variable `COPY`, the
//! checkout is a copy. The tests call it.

use std::collections::BTreeSet;
use std::error::Error;
use std::process::{Command, ExitCode};
use std::{env, io};

use unstale::{Build, Options, Remap, Scope, Snapshot, TargetDir, Times, Toolchain, Workspace};

fn main() -> ExitCode {
    if let Some(code) = unstale::run_as_wrapper() {
        return code;
    }
    run().unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let root = env::current_dir()?;
    let name = env::var("NAME_OF_ROOT").ok();
    let not_compiled = env::var("NOT_COMPILED").ok();
    let not_compiled = not_compiled.as_deref();
    let options = Options {
        scope: Scope { skipped: &[], not_compiled: not_compiled.as_slice() },
        times: if env::var_os("COPY").is_some() { Times::OfCopy } else { Times::OfCheckout },
        // A program whose standard library is built apart, as for some targets, would say which build it is.
        toolchain: Toolchain { version: version()?, libraries: env::var("LIBRARIES").unwrap_or_default() },
        remap: name.map(|to| Remap { from: root.clone(), to }).into_iter().collect(),
        compiler_cache: true,
    };

    // A checkout may have several workspaces.
    let dir_of_workspace = root.join(env::var_os("WORKSPACE").unwrap_or_default());
    let workspace = Workspace::read(&root, &dir_of_workspace, &["--offline".to_owned()])?;
    let snapshot = Snapshot::take(&workspace, options.scope)?;
    let dir = TargetDir::lock(&root.join("target"), || eprintln!("waiting for another build"))?;
    let build = Build::begin(&workspace, snapshot, &dir, &options)?;
    if let Some(distrust) = build.distrust() {
        eprintln!("all local crates are compiled again: {distrust}");
    }

    let mut cargo = Command::new("cargo");
    cargo.current_dir(&dir_of_workspace);
    cargo.args(env::args_os().skip(1)).args(dir.cargo_options(&workspace)?).envs(build.variables());
    let is_built = cargo.status()?.success();
    let uncovered = if is_built { build.uncovered(None)? } else { BTreeSet::new() };
    let finished = build.finish(is_built)?;

    for uncovered in &uncovered {
        eprintln!("error: {uncovered}");
    }
    for path in &finished.changed {
        eprintln!("error: {path} changed while it was built: build again");
    }
    for path in &finished.rewritten {
        eprintln!("warning: {path} was written while it was built");
    }
    let is_right = is_built && uncovered.is_empty() && finished.changed.is_empty();
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn version() -> io::Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
