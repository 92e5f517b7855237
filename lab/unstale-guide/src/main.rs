//! Plays the pages of cargo-unstale's guide, and prints the tables that stand there.

mod ci;
mod command;
mod containers;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;

/// Plays a page of the guide
#[derive(Parser)]
enum Options {
    /// What a CI job compiles with a restored `target`, by plain cargo and by `cargo unstale --by-content`
    Ci {
        /// The program `cargo-unstale`
        #[arg(long)]
        program: PathBuf,
        /// A Git checkout, which each job clones
        checkout: PathBuf,
        /// The file that is edited before the last job, from the checkout's root
        file: PathBuf,
        /// What cargo builds, such as `--workspace`; it follows `build`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// The Dockerfiles and the Earthfile, on a small workspace whose files are edited with old times
    ///
    /// A Dockerfile is built by `buildctl` (`BUILDKIT_HOST` says where), the Earthfile by `earth`. What is not on PATH is
    /// skipped.
    Containers,
}

fn main() -> Result<()> {
    match Options::parse() {
        Options::Ci { program, checkout, file, args } => ci::play(&ci::Page { program, checkout, file, args }),
        Options::Containers => containers::play(),
    }
}
