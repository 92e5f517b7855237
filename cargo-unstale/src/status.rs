//! `cargo unstale status`: what changed since the last build, and what will be compiled.

use unstale::{Distrust, Status};

use crate::cli::{How, Place};
use crate::project::Project;

pub(crate) fn run(how: &How, place: &Place) -> anyhow::Result<u8> {
    let project = Project::read(how, &place.to_args())?;
    if project.is_first_build {
        println!("{}", Distrust::Unknown);
        return Ok(0);
    }

    let options = project.options()?;
    let dir = project.lock()?;
    let status = Status::read(&project.workspace, project.snapshot()?, &dir, &options)?;
    if let Some(distrust) = status.distrust {
        println!("All local crates will be compiled again: {distrust}");
    }
    if !status.changes.is_empty() {
        println!("Changed since the last build in {}:", dir.path().display());
    }
    for change in &status.changes {
        println!("    {change}");
    }
    if status.changes.is_empty() && status.distrust.is_none() {
        println!("Nothing changed since the last build in {}", dir.path().display());
    }
    if !status.crates.is_empty() {
        println!("Will be compiled again:");
    }
    for local in &status.crates {
        println!("    {}", local.name);
    }
    Ok(0)
}
