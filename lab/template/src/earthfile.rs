//! The Earthfiles of generated projects, on their engine.

use std::process::Command;

use anyhow::Result;

use crate::{answers::Answers, command, generator::Lab, project};

/// Builds all targets of a project as it is by default, and of one with the least; the package has to be the sources'.
pub(crate) fn check(lab: &Lab) -> Result<()> {
    if command::output(Command::new("earth").arg("--version")).is_err() {
        eprintln!("SKIPPED: no Earthfile was run: `earth` is not on PATH (https://github.com/EarthBuild/earthbuild)");
        return Ok(());
    }
    for given in [&[][..], &[("www", "false"), ("license", "none")]] {
        let answers = Answers::new("engine", given);
        eprintln!("              {}", answers.words());
        let project = lab.generate("earthfile", &answers)?;
        project::share_target(lab, &project)?;
        for line in ["earth --ci --output +all", "cargo xtask verify"] {
            project::run_line(lab, &project, line)?;
        }
    }
    Ok(())
}
