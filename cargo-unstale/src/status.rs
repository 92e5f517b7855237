//! `cargo unstale status`: what changed since the last build, and what will be compiled.

use unstale::{Distrust, Status, TargetDir};

use crate::cli::{How, Place};
use crate::project::Project;
use crate::shell;

pub(crate) fn run(how: &How, place: &Place) -> anyhow::Result<u8> {
    let project = Project::read(how, &place.to_args())?;
    if project.is_first_build {
        shell::print(&format!("{}\n", Distrust::Unknown))?;
        return Ok(0);
    }

    let dir = project.lock()?;
    let options = project.options(&dir)?;
    let status = Status::read(&project.workspace, project.snapshot()?, &dir, &options)?;
    shell::print(&lines(&status, &dir).concat())?;
    Ok(0)
}

fn lines(status: &Status, dir: &TargetDir) -> Vec<String> {
    let path = dir.path().display();
    let mut lines = Vec::new();
    if let Some(distrust) = status.distrust {
        lines.push(format!("All local crates will be compiled again: {distrust}\n"));
    }
    if !status.changes.is_empty() {
        lines.push(format!("Changed since the last build in {path}:\n"));
    }
    for change in &status.changes {
        lines.push(format!("    {change}\n"));
    }
    if status.changes.is_empty() && status.distrust.is_none() {
        lines.push(format!("Nothing changed since the last build in {path}\n"));
    }
    if !status.crates.is_empty() {
        lines.push("Will be compiled again:\n".to_owned());
    }
    for local in &status.crates {
        lines.push(format!("    {}\n", local.name));
    }
    lines
}
