//! `freshness`: plays scenarios against build strategies and writes what came of it into docs/.
//!
//! `strategy` reads the small Earthfiles, `scenario` says what happens, `play` lets it happen and judges. Two back ends
//! can build: `folder` on this machine's own folders, `engine` on EarthBuild. `earthfile` is the language of the
//! strategies, `machine` what they need here, `walk` the random scenario, `matrix` the table of all, `report` its page.

mod backend;
mod earthfile;
mod folder;
mod machine;
mod matrix;
mod play;
mod process;
mod scenario;
mod strategy;
mod tree;
mod walk;

use std::{path::PathBuf, process::ExitCode, rc::Rc};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::{folder::Folder, machine::Machine};

/// Play freshness scenarios against build strategies.
#[derive(Parser)]
#[command(name = "freshness", arg_required_else_help = true)]
struct Cli {
    /// Where to work: caches and copies, all of which may be deleted [default: lab/target/work].
    #[arg(long, global = true, value_name = "DIR")]
    work: Option<PathBuf>,
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Fill the table: every strategy in every scenario. Cells that are known already are not played again.
    Matrix(matrix::Options),
    /// Walk at random, and compare each package with one built from nothing; exit 1 where they differ.
    Walk(walk::Options),
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all was as it should be.
fn run(cli: Cli) -> Result<bool> {
    let here = std::env::current_dir().context("cannot read the current folder")?;
    let project = here.ancestors().find(|dir| dir.join("lab/freshness/strategies").is_dir());
    let project = project.context("this is not the project's checkout, nor a folder in it")?.to_owned();
    let work = cli.work.unwrap_or_else(|| project.join("lab/target/work"));
    let strategies = strategy::all(&project.join("lab/freshness/strategies"))?;
    let machine = Rc::new(Machine::ready(project, work)?);
    machine.fetch()?;
    let mut folder = Folder::new(Rc::clone(&machine));
    match cli.command {
        Task::Matrix(options) => matrix::run(&mut folder, &machine, &strategies, &options),
        Task::Walk(options) => walk::run(&mut folder, &machine, &strategies, &options),
    }
}
