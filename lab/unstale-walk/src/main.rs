//! Edits a checkout at random, builds it with `cargo unstale`, and compares each artefact with a build from nothing.
//!
//! Three target directories take turns at the same path, because paths get into what is built: that of `cargo unstale`,
//! that of plain cargo whose changed files all have honest times, and that of a build in which no local crate is left.
//! The checkout is a throwaway: its files are edited, dated, deleted and replaced by links.

mod builds;
mod edits;

use std::collections::BTreeSet;
use std::fmt::{self, Display};
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

/// A walk on one checkout.
struct Walk {
    chance: fastrand::Rng,
    checkout: Checkout,
    builds: Builds,
    totals: Totals,
    by_content: bool,
}

/// What was drawn for one step.
struct Step {
    number: usize,
    way: Way,
    profile: &'static str,
    edits: Vec<Edit>,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let checkout = Checkout::read(&options.checkout)?;
    let subject = Subject { program: options.program, by_content: options.by_content };
    let builds = Builds::new(&checkout.root, subject, options.args)?;
    println!("{} files, {} local crates, seed {}", checkout.files.len(), builds.local.len(), options.seed);

    let chance = fastrand::Rng::with_seed(options.seed);
    let totals = Totals { doubtful: BTreeSet::from(PROFILES), ..Totals::default() };
    let mut walk = Walk { chance, checkout, builds, totals, by_content: options.by_content };
    for number in 0..=options.steps {
        walk.step(number)?;
    }
    println!("{} steps with {}", options.steps, walk.totals);
    Ok(if walk.totals.stale == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Walk {
    /// Edits, builds and compares. The first step builds what is there.
    fn step(&mut self, number: usize) -> Result<()> {
        let started = Instant::now();
        let mut step = self.draw(number);
        if number > 0 {
            step.edits.push(self.checkout.edit(&mut self.chance)?);
            disturb(step.way, step.profile, &self.builds, &mut self.chance)?;
            if step.way != Way::Plain {
                step.edits.push(self.checkout.edit(&mut self.chance)?);
            }
        }
        if self.by_content {
            self.checkout.date_all(&mut self.chance)?;
        }

        let outcome = self.builds.step(step.profile, &mut self.checkout)?;
        self.totals.edits += step.edits.len();
        self.totals.add(step.way, step.profile, &outcome);
        report(&step, &outcome, started);
        Ok(())
    }

    fn draw(&mut self, number: usize) -> Step {
        let [dev, release] = PROFILES;
        let profile = if self.chance.u8(..4) == 0 { release } else { dev };
        let way = match self.chance.u8(..12) {
            _ if number == 0 => Way::Plain,
            0 | 1 => Way::Kill,
            2 => Way::Foreign,
            _ => Way::Plain,
        };
        Step { number, way, profile, edits: Vec::new() }
    }
}

impl Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} edits: {} stale, {} failed as plain cargo does, {} crates compiled, {} by plain cargo with honest times; in \
             excess {}, and {} after kills, foreign and failed builds and the first",
            self.edits, self.stale, self.failed, self.ours, self.honest, self.excess, self.cost
        )
    }
}

fn disturb(way: Way, profile: &str, builds: &Builds, chance: &mut fastrand::Rng) -> Result<()> {
    match way {
        Way::Plain => Ok(()),
        Way::Kill => builds.kill(profile, chance),
        Way::Foreign => builds.foreign(profile),
    }
}

fn report(step: &Step, outcome: &Outcome, started: Instant) {
    let Step { number, way, profile, edits } = step;
    let edits: Vec<String> = edits.iter().map(ToString::to_string).collect();
    println!(
        "{number:3} {way:?} {profile} {}: {}, {} ({} crates, honest {}; {} artefacts; {:.0} s)",
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
