//! `cargo xtask`: the one way to build, verify and test the npm package, on a bare machine and in the Earthfile.
//!
//! Each module has one job: `workspace` knows the tree, `digest` what it contains, `toolchain` and `tools` what
//! builds it, `build` the pipeline, `profile` its two ways, `proof` what the compiler has really read, `node` Node.js, `package` the published folder,
//! `verify` whether that folder is what the sources say, `test` all checks, `browsers` those in browsers, `command`
//! child processes and progress, `debian` packages of the system, `itself` whether this program is up to date, `dev` the
//! loop with the page.

mod browsers;
mod build;
mod command;
mod debian;
mod dev;
mod digest;
mod itself;
mod node;
mod package;
mod profile;
mod proof;
mod test;
mod toolchain;
mod tools;
mod verify;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{profile::Profile, workspace::Workspace};

// Set by the checks: clippy looks again at whatever changed, whatever its time.
const _: Option<&str> = option_env!("XTASK_DIGEST");

/// Build, verify and test the npm package in wasm-client/pkg.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Cli {
    /// Use no network: everything needed is already there.
    #[arg(long, global = true)]
    offline: bool,
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the package into wasm-client/pkg, verified; only what changed is rebuilt.
    Build {
        /// Skip the optimisations: quick to build, slow to run, with names for a debugger.
        #[arg(long)]
        dev: bool,
        /// Refuse to build unless the sources' package digest is this one.
        ///
        /// `cargo xtask digest --package` on the machine with the sources prints it. It closes the one gap that
        /// nothing inside a container can see: a source file that was never uploaded.
        #[arg(long, value_name = "DIGEST")]
        expect: Option<String>,
        /// Let the digest alone decide what is rebuilt: date all sources back first.
        ///
        /// For the copies in a container. It changes the modification time of every source file.
        #[arg(long)]
        by_content: bool,
    },
    /// Compare the package in wasm-client/pkg with the sources; exit 1 where they differ.
    Verify {
        /// Refuse one of the dev profile, too: npm asks so before it packs or publishes.
        #[arg(long)]
        release: bool,
    },
    /// Print the digests of the sources: what each crate and the package are built from.
    Digest {
        /// Print the package's digest alone.
        #[arg(long)]
        package: bool,
        /// List the files of one digest instead, as `sha256sum` would: a crate's name, `package`,
        /// `tests` or `build-scripts`.
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
    /// Serve the page, and build the package at every change of a source; the page shows the result, or the error.
    ///
    /// The package is of the `dev` profile. Ctrl-C ends it.
    Dev {
        /// Arguments for Vite's server, such as `--port 8000 --open`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        vite: Vec<String>,
    },
    /// Install the pinned tools and the wasm target, and print where they are.
    Tools,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            command::say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    if cli.offline {
        command::go_offline();
    }
    let workspace = Workspace::find()?;
    itself::check(&workspace)?;
    match &cli.command {
        Task::Build { dev, expect, by_content } => {
            let profile = if *dev { Profile::Dev } else { Profile::Release };
            build::run(
                &workspace,
                &build::Options { profile, expect: expect.clone(), by_content: *by_content },
            )
        }
        Task::Verify { release } => verify::run(&workspace, *release),
        Task::Digest { package, files } => digest::print(&workspace, *package, files.as_deref()),
        Task::Test { only } => test::run(&workspace, only),
        Task::Dev { vite } => dev::run(workspace, vite),
        Task::Tools => tools::print(&workspace),
    }
}
