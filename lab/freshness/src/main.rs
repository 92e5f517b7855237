//! `freshness`: plays scenarios against build strategies and writes what came of it into docs/.
//!
//! `strategy` reads the small Earthfiles, `scenario` says what happens, `play` lets it happen and judges. Two back ends
//! can build: `folder` on this machine's own folders, `engine` on EarthBuild. `earthfile` is the language of the
//! strategies; `machine`, `toolchain` and `fixture` are what they need here. `matrix` plays the table of all, `walk` a
//! random scenario, `warm` and `scale` measure; `results` keeps what came of it, and `report` writes the page, with
//! `tables` and `drawing`.

mod backend;
mod drawing;
mod earthfile;
mod engine;
mod fixture;
mod folder;
mod machine;
mod matrix;
mod play;
mod process;
mod report;
mod results;
mod scale;
mod scenario;
mod strategy;
mod tables;
mod toolchain;
mod tree;
mod walk;
mod warm;

use std::{path::PathBuf, process::ExitCode, rc::Rc};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};

use crate::{backend::Backend, engine::Engine, folder::Folder, machine::Machine, strategy::Strategy};

/// Play freshness scenarios against build strategies.
#[derive(Parser)]
#[command(name = "freshness", arg_required_else_help = true)]
struct Cli {
    /// Where to work: caches and copies, all of which may be deleted [default: target/freshness].
    #[arg(long, global = true, value_name = "DIR")]
    work: Option<PathBuf>,
    /// What builds: plain folders on this machine, or the engine through `earth`.
    #[arg(long, global = true, value_enum, default_value_t = On::Folder)]
    backend: On,
    #[command(subcommand)]
    command: Task,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum On {
    Folder,
    Engine,
    Both,
}

#[derive(Subcommand)]
enum Task {
    /// Fill the table: every strategy in every scenario. Cells that are known already are not played again.
    Matrix(matrix::Options),
    /// Walk at random, and compare each package with one built from nothing; exit 1 where they differ.
    Walk(walk::Options),
    /// Play every scenario with our strategy; exit 1 unless each package is right.
    Check {
        /// Only the scenarios whose name contains one of these.
        #[arg(long, value_name = "TEXT,…", value_delimiter = ',')]
        scenario: Vec<String>,
    },
    /// Time warm builds on the engine beside others', and keep the times for the page.
    Warm(warm::Options),
    /// Time workspaces of several sizes beside plain wasm-pack, and keep the times for the page.
    Scale(scale::Options),
    /// Write the tables of docs/freshness.md and the two drawings from the runs in docs/freshness.json.
    Report,
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
    let work = cli.work.unwrap_or_else(|| project.join("target/freshness"));
    let strategies = strategy::all(&project.join("lab/freshness/strategies"))?;
    if let Task::Report = cli.command {
        report::run(&project, &strategies)?;
        return Ok(true);
    }

    let machine = Rc::new(Machine::ready(project, &work)?);
    match &cli.command {
        Task::Scale(options) => scale::run(&machine, &strategies, options),
        Task::Warm(options) => {
            let mut engine = Engine::find(Rc::clone(&machine))?;
            warm::run(&mut engine, &machine, &strategies, options)
        }
        task => {
            let mut good = true;
            for mut backend in backends(cli.backend, &machine) {
                good &= play(task, backend.as_mut(), &machine, &strategies)?;
            }
            Ok(good)
        }
    }
}

/// Those that are asked for. One that is not here is announced.
fn backends(on: On, machine: &Rc<Machine>) -> Vec<Box<dyn Backend>> {
    let mut backends: Vec<Box<dyn Backend>> = Vec::new();
    if on != On::Engine {
        backends.push(Box::new(Folder::new(Rc::clone(machine))));
    }
    if on != On::Folder {
        match Engine::find(Rc::clone(machine)) {
            Ok(engine) => backends.push(Box::new(engine)),
            Err(error) => eprintln!("NOT PLAYED: the engine: {error:#}"),
        }
    }
    backends
}

/// What each back end does by itself.
fn play(task: &Task, backend: &mut dyn Backend, machine: &Machine, strategies: &[Strategy]) -> Result<bool> {
    match task {
        Task::Matrix(options) => matrix::run(backend, machine, strategies, options),
        Task::Walk(options) => walk::run(backend, machine, strategies, options),
        Task::Check { scenario } => matrix::check(backend, machine, strategies, scenario),
        Task::Report | Task::Scale(_) | Task::Warm(_) => Ok(true),
    }
}
