//! Tests what `cargo generate` makes of this repository: of its committed state, into a folder outside of it.
//!
//! `answers` are the answers that people may give, `generator` runs cargo-generate. `identity` compares a project that is
//! generated with the repository's own answers with the repository, and `starter` one with template/starter. `leftovers`
//! looks for traces of the template, `size` counts lines, `refusals` gives wrong answers, `project` builds and tests,
//! `published` moves to the crate of the mechanism that is published.
//! `markdown` reads what the documents tell to do, and `steps`, `replace`, `exports` and `update` do it; `stumbles` does what
//! owners get wrong. `earthfile` runs the Earthfiles, `workflows` what the workflows would run, `supply` checks
//! dependencies, `command` starts all child processes.

mod answers;
mod command;
mod earthfile;
mod exports;
mod generator;
mod identity;
mod leftovers;
mod markdown;
mod project;
mod published;
mod refusals;
mod replace;
mod size;
mod starter;
mod steps;
mod stumbles;
mod supply;
mod update;
mod workflows;

use std::{process::ExitCode, time::Instant};

use anyhow::{Result, bail};
use clap::Parser;

use crate::generator::Lab;

/// Test what `cargo generate` makes of the last commit.
#[derive(Parser)]
struct Cli {
    /// `quick` is for every change; `full` has all answers, every build, other libraries, and the workflows' commands.
    #[arg(value_parser = ["quick", "full"])]
    extent: String,
    /// Run only the checks whose name contains one of these.
    #[arg(value_name = "NAME")]
    only: Vec<String>,
}

/// A check.
struct Check {
    name: &'static str,
    claim: &'static str,
    quick: bool,
    run: fn(&Lab) -> Result<()>,
}

const CHECKS: [Check; 29] = [
    Check {
        name: "identity",
        claim: "the repository's own answers give the repository",
        quick: true,
        run: identity::check,
    },
    Check {
        name: "starter",
        claim: "a project has the starter's files, and both locks have the same versions",
        quick: true,
        run: starter::check,
    },
    Check {
        name: "outer",
        claim: "generating inside another repository changes nothing there",
        quick: true,
        run: project::leaves_an_outer_repository,
    },
    Check {
        name: "refusals",
        claim: "wrong answers are refused with what is allowed",
        quick: true,
        run: refusals::check,
    },
    Check {
        name: "pairs",
        claim: "every pair of answers gives a whole project without a trace",
        quick: true,
        run: |lab| project::look_at_each(lab, &answers::pairs()),
    },
    Check {
        name: "names",
        claim: "names of every kind do",
        quick: true,
        run: |lab| project::look_at_each(lab, &answers::names()),
    },
    Check {
        name: "version",
        claim: "the template's tag is the same wherever it is written",
        quick: true,
        run: update::version,
    },
    Check { name: "size", claim: "a project has no more files and lines than allowed", quick: true, run: size::check },
    Check {
        name: "record",
        claim: "the answers that a project records give the same project",
        quick: true,
        run: |lab| answers::records().iter().try_for_each(|answers| update::record(lab, answers)),
    },
    Check {
        name: "update",
        claim: "an older project merges the present template, and its owner's work stays",
        quick: true,
        run: |lab| update::check(lab, false),
    },
    Check {
        name: "owners",
        claim: "whatever its owner did, a project merges the present template, and only what they touched conflicts",
        quick: true,
        run: update::of_each_kind,
    },
    Check {
        name: "wasm-pack",
        claim: "`wasm-pack new` gives the same as `cargo generate`",
        quick: true,
        run: project::made_by_wasm_pack,
    },
    Check {
        name: "actionlint",
        claim: "actionlint has nothing to say, here and in a generated project",
        quick: true,
        run: workflows::lint,
    },
    Check {
        name: "published",
        claim: "a project moves to the published crate of the mechanism by one line",
        quick: false,
        run: published::check,
    },
    Check {
        name: "readme",
        claim: "the commands of both READMEs generate, build and test, letter by letter",
        quick: false,
        run: project::as_the_readme_says,
    },
    Check {
        name: "examples",
        claim: "the front page's examples in JavaScript and Rust run, and print what they say",
        quick: true,
        run: exports::of_the_readme,
    },
    Check {
        name: "product",
        claim: "every combination of answers gives a whole project without a trace",
        quick: false,
        run: |lab| project::look_at_each(lab, &answers::product()),
    },
    Check {
        name: "builds",
        claim: "projects of every pair of answers build, pass their tests, and build their page",
        quick: false,
        run: |lab| project::build_each(lab, &answers::pairs()),
    },
    Check {
        name: "steps",
        claim: "the README's own steps put another library in, add to it, and rename it",
        quick: false,
        run: steps::check,
    },
    Check {
        name: "stumbles",
        claim: "what an owner gets wrong in the first year is answered by what to do, and that helps",
        quick: false,
        run: stumbles::check,
    },
    Check {
        name: "exports",
        claim: "every snippet of docs/exports.md builds, and prints what it says",
        quick: false,
        run: exports::check,
    },
    Check {
        name: "builds-updated",
        claim: "the updated project builds and passes its tests",
        quick: false,
        run: |lab| update::check(lab, true),
    },
    Check {
        name: "replace-text",
        claim: "a library with a class and an async export takes the example's place, and every check passes",
        quick: false,
        run: |lab| replace::check(lab, "text"),
    },
    Check {
        name: "replace-markdown",
        claim: "so does a Markdown renderer, a crate wrapped",
        quick: false,
        run: |lab| replace::check(lab, "markdown"),
    },
    Check {
        name: "replace-hash",
        claim: "so does a hash, a crate wrapped",
        quick: false,
        run: |lab| replace::check(lab, "hash"),
    },
    Check {
        name: "forgotten",
        claim: "what is forgotten is named by a command",
        quick: false,
        run: replace::forget_steps,
    },
    Check {
        name: "earthfile",
        claim: "a project's Earthfile builds all, with everything and with the least",
        quick: false,
        run: earthfile::check,
    },
    Check { name: "jobs", claim: "what the workflows run passes", quick: false, run: workflows::run_jobs },
    Check {
        name: "supply",
        claim: "cargo-deny has nothing to say, and the locks hold hashes",
        quick: false,
        run: supply::check,
    },
];

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let named = |check: &Check| cli.only.is_empty() || cli.only.iter().any(|part| check.name.contains(part.as_str()));
    let checks: Vec<&Check> =
        CHECKS.iter().filter(|check| (check.quick || cli.extent == "full") && named(check)).collect();
    if checks.is_empty() {
        bail!("no such check; there are: {}", CHECKS.map(|check| check.name).join(", "));
    }

    let lab = Lab::open()?;
    let mut failed = Vec::new();
    for check in &checks {
        let start = Instant::now();
        let result = (check.run)(&lab);
        let seconds = start.elapsed().as_secs_f64();
        match result {
            Ok(()) => eprintln!("{:>12}  {} ({seconds:.1} s)", check.name, check.claim),
            Err(error) => {
                eprintln!("{:>12}  failed ({seconds:.1} s)\nerror: {}: {error:#}", check.name, check.name);
                failed.push(check.name);
            }
        }
    }

    println!("{} passed, {} failed", checks.len() - failed.len(), failed.len());
    if cli.extent == "quick" && cli.only.is_empty() {
        let rest: Vec<&str> = CHECKS.iter().filter(|check| !check.quick).map(|check| check.name).collect();
        println!("not run: {}; `full` runs them", rest.join(", "));
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
