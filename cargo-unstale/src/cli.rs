//! The command line.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Cargo, but what it builds is what the sources say, whatever the times of files are.
#[derive(Parser)]
#[command(name = "cargo unstale", bin_name = "cargo unstale", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) how: How,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
A command that compiles is one of cargo's, with cargo's own arguments:
  build, check, clippy, test, run, doc, bench, rustc, rustdoc

Options of this command come before it:
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
    /// A command of cargo's with its arguments.
    #[command(external_subcommand)]
    Cargo(Vec<OsString>),
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
        let Command::Cargo(words) = cli.command;
        assert_eq!(words, ["build", "--release", "--", "--root"].map(OsString::from));
    }
}
