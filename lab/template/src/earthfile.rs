//! The Earthfiles of generated projects, on their engine.

use std::{fs, path::Path, process::Command};

use anyhow::{Result, ensure};

use crate::{answers::Answers, command, generator::Lab, project};

/// Builds all targets of a project as it is by default, and of one with the least; the package has to be the sources'.
/// Then xtask is updated, whose former self is in the cache.
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
        if !answers.has_page() {
            update_xtask(lab, &project)?;
        }
    }
    Ok(())
}

/// An update of xtask has to be linted and used, though all sources have an old time in the container.
fn update_xtask(lab: &Lab, project: &Path) -> Result<()> {
    let (line, main) = ("earth --ci +test", project.join("xtask/src/main.rs"));
    let sound = fs::read_to_string(&main)?;
    fs::write(&main, format!("{sound}\nconst PI: f64 = 3.14;\n"))?;
    let said = command::failure(&mut lab.shell(line, project))?;
    ensure!(said.contains("clippy::approx_constant"), "`{line}` does not lint what changed in xtask: {said}");
    fs::write(&main, format!("{sound}\n// Updated.\n"))?;
    project::run_line(lab, project, line)
}
