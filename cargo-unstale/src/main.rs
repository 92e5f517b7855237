//! `cargo unstale`: any cargo command that compiles, but by contents instead of times.
//!
//! The mechanism is the crate `unstale`. This program finds the workspace, its checkout and cargo's target directory from
//! the arguments that cargo is given, and says in cargo's manner what happened.

mod cargo_args;
mod cli;
mod compile;
mod digest;
mod project;
mod run;
mod shell;
mod status;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

/// What cargo ends with after an error of its own.
const ERROR: u8 = 101;

fn main() -> ExitCode {
    // Cargo calls this program in the place of rustc, too.
    if let Some(code) = unstale::run_as_wrapper() {
        return code;
    }
    let cli = match Cli::try_parse_from(cli::words()) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            shell::error(&error);
            ExitCode::from(ERROR)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        Command::Cargo(words) => run::run(&cli.how, words),
        Command::Status(place) => status::run(&cli.how, &place),
        Command::Digest(digest) => digest::run(&cli.how, &digest),
        Command::Verify(verify) => verify::run(&cli.how, verify),
    }
}
