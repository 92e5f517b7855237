//! The command line.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cargo_args::CargoArgs;

/// Cargo, but what it builds is what the sources say, whatever the times of files are
#[derive(Parser)]
#[command(name = "cargo unstale", bin_name = "cargo unstale", version, after_help = AFTER_HELP)]
#[command(override_usage = "cargo unstale [OPTIONS] <COMMAND> [ARGS]...")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) how: How,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Commands of cargo's, with cargo's own arguments:
  build, check, clippy, test, run, doc, bench, rustc, rustdoc

The options above come before the command:
  cargo unstale --by-content build --release --package app";

/// How the checkout is looked at.
#[derive(Args)]
pub(crate) struct How {
    /// Treat the checkout as a copy for this build, as in a container or on CI: its times mean nothing and may be changed
    #[arg(long)]
    pub(crate) by_content: bool,
    /// The folder with all sources of the workspace [default: the Git checkout, or the workspace]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Say what changed since the last build, and what will be compiled
    Status(Place),
    /// Print one hash for the contents of all that is compiled
    Digest(Digest),
    /// Build, build again from nothing, and compare the bytes
    Verify(Verify),
    /// A command of cargo's with its arguments.
    #[command(external_subcommand)]
    Cargo(Vec<OsString>),
}

/// Where a workspace is. Cargo's own options.
#[derive(Args)]
pub(crate) struct Place {
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// Directory for all generated artifacts
    #[arg(long, value_name = "DIRECTORY")]
    target_dir: Option<PathBuf>,
    /// Override a configuration value
    #[arg(long, value_name = "KEY=VALUE|PATH")]
    config: Vec<OsString>,
    /// Assert that `Cargo.lock` will remain unchanged
    #[arg(long)]
    locked: bool,
    /// Run without accessing the network
    #[arg(long)]
    offline: bool,
}

#[derive(Args)]
pub(crate) struct Digest {
    /// The crate, with the local crates that it is built from [default: all members]
    #[arg(short, long, value_name = "CRATE")]
    pub(crate) package: Option<String>,
    /// Print each file with its hash, as `sha256sum` does
    #[arg(long)]
    pub(crate) files: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// `build` or `rustc`, with cargo's arguments
    #[arg(last = true, required = true, value_names = ["COMMAND", "ARGS"])]
    pub(crate) words: Vec<OsString>,
}

impl Place {
    /// The same options as if a command of cargo's had them.
    pub(crate) fn to_args(&self) -> CargoArgs {
        let mut options = Vec::new();
        for (name, value) in [("--manifest-path", &self.manifest_path), ("--target-dir", &self.target_dir)] {
            if let Some(value) = value {
                options.extend([name.into(), value.clone().into_os_string()]);
            }
        }
        for value in &self.config {
            options.extend(["--config".into(), value.clone()]);
        }
        for (name, is_set) in [("--locked", self.locked), ("--offline", self.offline)] {
            if is_set {
                options.push(name.into());
            }
        }
        CargoArgs::of_options(options)
    }
}

/// The arguments, without the name that cargo puts before them: `cargo unstale build` calls `cargo-unstale unstale build`.
pub(crate) fn words() -> Vec<OsString> {
    let mut words: Vec<OsString> = env::args_os().collect();
    if words.get(1).is_some_and(|word| word == "unstale") {
        words.remove(1);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_follows_a_command_belongs_to_it() {
        let cli = Cli::parse_from(["cargo unstale", "--by-content", "build", "--release", "--", "--root"]);
        assert!(cli.how.by_content);
        assert!(cli.how.root.is_none());
        let Command::Cargo(words) = cli.command else { panic!("not one of cargo's") };
        assert_eq!(words, ["build", "--release", "--", "--root"].map(OsString::from));
    }

    #[test]
    fn a_place_is_cargos_options() {
        let cli = Cli::parse_from(["cargo unstale", "status", "--manifest-path", "a/Cargo.toml", "--locked"]);
        let Command::Status(place) = cli.command else { panic!("not the status") };
        assert_eq!(place.to_args().of_workspace(), ["--manifest-path", "a/Cargo.toml", "--locked"]);
    }
}
