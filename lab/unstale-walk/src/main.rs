//! Edits a checkout at random, builds it with `cargo unstale`, and compares each artefact with a build from nothing.
//!
//! Three target directories take turns at the same path, because paths get into what is built: that of `cargo unstale`,
//! that of plain cargo whose changed files all have honest times, and that of a build in which no local crate is left.
//! The checkout is a throwaway: its files are edited, dated, deleted and replaced by links.

mod builds;
mod edits;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;

use crate::builds::{Builds, Outcome, Subject};
use crate::edits::{Checkout, Edit};

#[derive(Parser)]
struct Options {
    /// The program `cargo-unstale`
    #[arg(long)]
    program: PathBuf,
    /// The same seed plays the same walk
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 60)]
    steps: usize,
    /// Builds with `--by-content`, from files that are all dated anew before each build
    #[arg(long)]
    by_content: bool,
    /// A throwaway checkout
    checkout: PathBuf,
    /// What cargo builds, such as `--workspace`; it follows `build`
    #[arg(last = true)]
    args: Vec<String>,
}

/// What a step does around its build.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// Edit, build.
    Plain,
    /// Edit, build and kill it, edit again, build.
    Kill,
    /// Edit, build with plain cargo in the same folder, edit again, build.
    Foreign,
}

const PROFILES: [&str; 2] = ["dev", "release"];

#[derive(Default)]
struct Totals {
    edits: usize,
    /// Profiles that were not built since all local crates were forgotten: each pays once.
    doubtful: BTreeSet<&'static str>,
    stale: usize,
    failed: usize,
    ours: usize,
    honest: usize,
    /// Crates that were compiled in excess where nothing below excuses it.
    excess: usize,
    /// The same in a profile's first build after a kill, a foreign build, or a build that failed.
    cost: usize,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let mut chance = fastrand::Rng::with_seed(options.seed);
    let mut checkout = Checkout::read(&options.checkout)?;
    let subject = Subject { program: options.program.clone(), by_content: options.by_content };
    let builds = Builds::new(&checkout.root, subject, options.args.clone())?;
    println!("{} files, {} local crates, seed {}", checkout.files.len(), builds.local.len(), options.seed);

    let mut totals = Totals { doubtful: BTreeSet::from(PROFILES), ..Totals::default() };
    for step in 0..=options.steps {
        let started = Instant::now();
        let [dev, release] = PROFILES;
        let profile = if chance.u8(..4) == 0 { release } else { dev };
        let way = match chance.u8(..12) {
            _ if step == 0 => Way::Plain,
            0 | 1 => Way::Kill,
            2 => Way::Foreign,
            _ => Way::Plain,
        };

        let mut edits = Vec::new();
        if step > 0 {
            edits.push(checkout.edit(&mut chance)?);
            disturb(way, profile, &builds, &mut chance)?;
            if way != Way::Plain {
                edits.push(checkout.edit(&mut chance)?);
            }
        }
        if options.by_content {
            checkout.date_all(&mut chance)?;
        }
        let outcome = builds.step(profile, &mut checkout)?;
        totals.edits += edits.len();
        totals.add(way, profile, &outcome);
        report(step, way, profile, &edits, &outcome, started);
    }
    println!(
        "{} steps with {} edits: {} stale, {} failed as plain cargo does, {} crates compiled, {} by plain cargo with honest times; in \
         excess {}, and {} after kills, foreign and failed builds and the first",
        options.steps,
        totals.edits,
        totals.stale,
        totals.failed,
        totals.ours,
        totals.honest,
        totals.excess,
        totals.cost
    );
    Ok(if totals.stale == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn disturb(way: Way, profile: &str, builds: &Builds, chance: &mut fastrand::Rng) -> Result<()> {
    match way {
        Way::Plain => Ok(()),
        Way::Kill => builds.kill(profile, chance),
        Way::Foreign => builds.foreign(profile),
    }
}

fn report(step: usize, way: Way, profile: &str, edits: &[Edit], outcome: &Outcome, started: Instant) {
    let edits: Vec<String> = edits.iter().map(ToString::to_string).collect();
    println!(
        "{step:3} {way:?} {profile} {}: {}, {} ({} crates, honest {}; {} artefacts; {:.0} s)",
        edits.join(", "),
        if outcome.stale.is_empty() { "ok" } else { "STALE" },
        if outcome.succeeded { "success" } else { "failure" },
        outcome.ours,
        outcome.honest,
        outcome.artifacts,
        started.elapsed().as_secs_f32()
    );
    if let Some(note) = &outcome.note {
        println!("      all local crates: {note}");
    }
    if outcome.is_honest_stale {
        println!("      plain cargo with honest times is wrong");
    }
    for path in &outcome.stale {
        println!("      stale: {path}");
    }
}

impl Totals {
    fn add(&mut self, way: Way, profile: &'static str, outcome: &Outcome) {
        if way != Way::Plain {
            self.doubtful.extend(PROFILES);
        }
        self.stale += usize::from(!outcome.stale.is_empty());
        self.failed += usize::from(!outcome.succeeded);
        self.ours += outcome.ours;
        self.honest += outcome.honest;

        let excess = outcome.ours.saturating_sub(outcome.honest);
        if self.doubtful.contains(profile) {
            self.cost += excess;
        } else {
            self.excess += excess;
        }
        if outcome.succeeded {
            self.doubtful.remove(profile);
        } else {
            self.doubtful.insert(profile);
        }
    }
}
