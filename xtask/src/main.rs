//! `cargo xtask`: builds, verifies, tests and publishes the npm package, both in the Earthfile and outside of it.
//!
//! Each command has a file: `build`, `verify`, `digest`, `dev`, `publish` with `pack`, `symbols`, `tools`, and `test` with
//! a file for each long check. They share `project` (this workspace), `tools` (the programs that build it), `sources` (what
//! a package is made from), `compile` (a place where cargo may be called), `pipeline` (from sources to a package), `optimise`
//! (wasm-opt) and `package` (the folder that is published). `itself` checks that this program is up to date. The crate `unstale` keeps
//! cargo from shipping stale code.

mod build;
mod compile;
mod dev;
mod digest;
mod early;
mod itself;
mod optimise;
mod package;
mod pipeline;
mod project;
mod publish;
mod sources;
mod symbols;
mod test;
mod tools;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::compile::Profile;
use crate::project::Project;

/// Build, verify, test and publish the npm package in wasm-client/pkg.
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
        /// For the copies in a container: only content decides what is compiled, and files get the times that fit.
        #[arg(long)]
        by_content: bool,
    },
    /// Compare the package in wasm-client/pkg with the sources; exit with 1 if they differ.
    Verify {
        /// Compile everything again in an empty folder and compare the bytes, as `publish` does. This finds what no
        /// digest sees: an environment variable, or a file that a build script reads but does not declare.
        #[arg(long)]
        rebuild: bool,
    },
    /// Print the digests of the sources: each crate's, the module's and the package's.
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
    /// Compare the package with one that is built from nothing, and make its tarball in `dist`.
    Pack,
    /// Do what `pack` does, and publish the tarball on npm.
    Publish {
        /// Stage the version instead, so that a person has to approve it on npm.
        #[arg(long)]
        stage: bool,
        /// Arguments for `npm publish`, such as `--access public --tag next`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        npm: Vec<String>,
    },
    /// Print a consumer's stack with the functions and lines that it means, or the number and name of each function; put
    /// the same module with names and a source map into `dist`.
    Symbols {
        /// A file with a stack in which functions are called `wasm-function[NUMBER]:0xOFFSET`; `-` is standard input.
        stack: Option<PathBuf>,
    },
    /// Install the pinned tools and the wasm target, and print their versions and folders.
    Tools,
}

fn main() -> ExitCode {
    if let Some(code) = unstale::run_as_wrapper() {
        return code;
    }
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            project::say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let project = Project::find()?;
    itself::check(&project)?;
    match task {
        Task::Build { dev, expect, by_content } => {
            let profile = if dev { Profile::Dev } else { Profile::Release };
            build::run(&project, &build::Options { profile, expect, by_content })
        }
        Task::Verify { rebuild } => verify::run(&project, rebuild),
        Task::Digest { package, files } => digest::run(&project, package, files.as_deref()),
        Task::Test { only } => test::run(&project, &only),
        Task::Dev { vite } => dev::run(&project, &vite),
        Task::Pack => publish::pack(&project),
        Task::Publish { stage, npm } => publish::run(&project, stage, &npm),
        Task::Symbols { stack } => symbols::run(&project, stack.as_deref()),
        Task::Tools => tools::run(&project),
    }
}
