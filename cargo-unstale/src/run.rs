//! A command of cargo's: it compiles, then cargo runs what was compiled.

use std::ffi::OsString;

use crate::cargo_args::CargoArgs;
use crate::cli::How;
use crate::compile::{Compilation, Messages, code, start_instead};
use crate::project::{self, Project};

pub(crate) fn run(how: &How, words: Vec<OsString>) -> anyhow::Result<u8> {
    let args = CargoArgs::parse(words)?;
    if args.has(&["--help", "-h"]) {
        return start_instead(project::cargo().arg(&args.command).args(&args.options));
    }

    let project = Project::read(how, &args)?;
    // What is run is built once more, when there is nothing to do. Then cargo shows the warnings.
    let messages = if args.runs() { Messages::OfFailures } else { Messages::Cargos };

    let dir = project.lock()?;
    let compiled = Compilation { project: &project, dir: &dir, args: &args, messages }.run()?;
    if !compiled.status.success() || !args.runs() {
        return Ok(code(compiled.status));
    }

    let mut cargo = project::cargo_as_called(&args, dir.cargo_options(&project.workspace)?);
    // A server may run for ever, and a test may write into the sources.
    drop(dir);
    start_instead(&mut cargo)
}
