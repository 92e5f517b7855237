//! `cargo xtask`: builds, verifies and tests the npm package, both in the Earthfile and outside of it.
//!
//! `fresh` keeps cargo from shipping stale code. `project` describes this workspace, `tools` finds the programs that
//! build it, `build` is the pipeline, `package` is the folder that is published. `verify` compares that folder with the
//! sources, `test` runs the checks, `promise` is the longest of them, `itself` checks that this program is up to date.

mod build;
mod fresh;
mod itself;
mod package;
mod project;
mod promise;
mod test;
mod tools;
mod verify;

use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};

use crate::fresh::Profile;
use crate::project::Project;

/// Build, verify and test the npm package in wasm-client/pkg.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the package into wasm-client/pkg; only what changed is compiled.
    Build {
        /// Skip the optimisations, and keep names for a debugger: quick to build, slow to run.
        #[arg(long)]
        dev: bool,
        /// Refuse to build unless the sources have this digest. Run `cargo xtask digest --package` where they come from
        /// to get it: a container cannot see that a file was never uploaded.
        #[arg(long, value_name = "DIGEST")]
        expect: Option<String>,
        /// For the copies in a container: give all sources an old time, so that only content decides what is compiled.
        #[arg(long)]
        by_content: bool,
    },
    /// Compare the package in wasm-client/pkg with the sources; exit with 1 if they differ.
    Verify {
        /// Compile all local packages again and compare the bytes, as npm does before it packs. This finds what no
        /// digest sees: an environment variable, or a file that a build script reads but does not declare.
        #[arg(long)]
        rebuild: bool,
    },
    /// Print the digests of the sources: each local package's, the module's and the package's.
    Digest {
        /// Print only the npm package's digest.
        #[arg(long)]
        package: bool,
        /// List the files of one digest, as `sha256sum` would. NAME is a crate's name, `module` or `package`.
        #[arg(long, value_name = "NAME", conflicts_with = "package")]
        files: Option<String>,
    },
    /// Run every check, or some of them.
    #[command(after_help = test::names_and_claims())]
    Test {
        /// Run only the checks whose name contains one of these.
        #[arg(value_name = "NAME")]
        only: Vec<String>,
    },
    /// Serve the page, which shows every change to a source, or the compiler's error. Stop it with Ctrl-C.
    Dev {
        /// Arguments for Vite's server, such as `--port 8000 --open`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        vite: Vec<String>,
    },
    /// Install the pinned tools and the wasm target, and print their versions and folders.
    Tools,
}

fn main() -> ExitCode {
    fresh::run_as_wrapper().unwrap_or_else(|| match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            project::say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    })
}

fn run(task: Task) -> Result<()> {
    let project = Project::find()?;
    itself::check(&project)?;
    match task {
        Task::Build { dev: true, expect, by_content } => build::run(&project, Profile::Dev, expect, by_content),
        Task::Build { expect, by_content, .. } => build::run(&project, Profile::Release, expect, by_content),
        Task::Verify { rebuild } => verify::run(&project, rebuild).map(|said| println!("{said}")),
        Task::Digest { package, files } => digest(&project, package, files.as_deref()),
        Task::Test { only } => test::run(&project, &only),
        Task::Dev { vite } => test::dev(&project, &vite),
        Task::Tools => {
            let tools = tools::Tools::ensure(&project)?;
            println!("{tools}");
            tools.path.iter().for_each(|dir| println!("{}", dir.display()));
            Ok(())
        }
    }
}

fn digest(project: &Project, package: bool, files_of: Option<&str>) -> Result<()> {
    let (graph, inputs) = project.inputs(project::BINDING)?;
    let mut sets = vec![("package", inputs.all()), ("module", inputs.compiled())];
    sets.extend(inputs.packages.iter().map(|(id, files)| (graph.locals[id].package.name.as_str(), files.clone())));
    sets.retain(|(name, _)| files_of.is_none_or(|wanted| wanted == *name));
    ensure!(!sets.is_empty(), "no digest has that name; `cargo xtask digest` prints all names");
    match files_of {
        Some(_) => print!("{}", fresh::listing(&sets[0].1)),
        None if package => println!("{}", fresh::of(&sets[0].1)),
        None => sets.iter().for_each(|(name, files)| println!("{}  {name}", fresh::of(files))),
    }
    Ok(())
}
