//! Warm builds on the engine, side by side: nothing changed, `common` edited, `wasm-client` edited; each time as a
//! ratio to the engine's own floor, a target of one step that is cached.

use anyhow::{Context, Result};

use crate::{
    engine::Engine,
    machine::Machine,
    play::{ANSWER, Play, VIEW, When},
    results::{Outcome, RESULTS, Results, Spread, Warm, WarmRow},
    strategy::{self, Strategy},
    tables,
};

/// Beside ours: the seed's best, and what is recommended elsewhere.
const STRATEGIES: [&str; 5] = ["try4", "chef", "librust-keep", "librust", "ours"];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often each is built; the strategies take turns.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Only these strategies, by name.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
}

/// Seconds of all rounds of a strategy.
struct Times<'a> {
    strategy: &'a Strategy,
    reference: &'a Strategy,
    nothing: Vec<f64>,
    common: Vec<f64>,
    client: Vec<f64>,
    right: bool,
}

/// Measures, prints and keeps the times.
///
/// # Errors
/// No rounds, or what the engine cannot do.
pub(crate) fn run(engine: &mut Engine, machine: &Machine, strategies: &[Strategy], options: &Options) -> Result<bool> {
    let mut all = Vec::new();
    for strategy in strategies {
        let wanted = options.only.is_empty() || options.only.contains(&strategy.name);
        if wanted && STRATEGIES.contains(&strategy.name.as_str()) {
            all.push(Times::new(strategy, strategy::find(strategies, &strategy.reference)?));
        }
    }

    // The first one makes the image.
    engine.floor()?;
    let mut floor = Vec::new();
    for round in 1..=options.rounds {
        for times in &mut all {
            machine.install_for(times.strategy)?;
            floor.push(engine.floor()?);
            times.measure(engine, machine, round)?;
        }
    }

    let floor = Spread::of(floor).context("no rounds")?;
    let rows = all.into_iter().map(|times| times.row().context("no rounds")).collect::<Result<_>>()?;
    let warm = Warm { rounds: options.rounds, floor, rows };
    print!("{}", tables::warm(&warm, strategies));
    let path = machine.project.join(RESULTS);
    let mut results = Results::read(&path)?;
    results.warm = Some(warm);
    results.write(&path)?;
    Ok(true)
}

impl<'a> Times<'a> {
    fn new(strategy: &'a Strategy, reference: &'a Strategy) -> Self {
        Self { strategy, reference, nothing: Vec::new(), common: Vec::new(), client: Vec::new(), right: true }
    }

    /// A round of three builds.
    fn measure(&mut self, engine: &mut Engine, machine: &Machine, round: u32) -> Result<()> {
        let mut play = Play::begin(engine, machine, self.strategy, self.reference)?;
        let nothing = play.build_timed()?;
        play.edit_to(ANSWER, round, When::Now)?;
        let common = play.build_timed()?;
        play.edit_to(VIEW, round, When::Now)?;
        let client = play.build_timed()?;
        println!(
            "round {round}  {:<13} nothing {nothing:.2} s, common {common:.2} s, client {client:.2} s",
            self.strategy.name
        );

        self.nothing.push(nothing);
        self.common.push(common);
        self.client.push(client);
        self.right &= play.take_outcome().outcome == Outcome::Right;
        Ok(())
    }

    fn row(self) -> Option<WarmRow> {
        Some(WarmRow {
            strategy: self.strategy.name.clone(),
            nothing: Spread::of(self.nothing)?,
            common: Spread::of(self.common)?,
            client: Spread::of(self.client)?,
            right: self.right,
        })
    }
}
