//! Warm builds on the engine, side by side: nothing changed, `common` edited, `wasm-client` edited; each time as a
//! ratio to the engine's own floor, a target of one step that is cached.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::{
    backend::Backend,
    engine::Engine,
    machine::Machine,
    matrix::{RESULTS, Results},
    play::{ANSWER, Outcome, Play, VIEW, When},
    strategy::Strategy,
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

/// Seconds, least, median and most.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Spread(pub(crate) [f64; 3]);

impl Spread {
    fn of(mut times: Vec<f64>) -> Result<Self> {
        times.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (times.first(), times.last()) else { bail!("no times") };
        Ok(Self([*least, times[times.len() / 2], *most]))
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) strategy: String,
    pub(crate) nothing: Spread,
    pub(crate) common: Spread,
    pub(crate) client: Spread,
    /// Whether every package on the way was right.
    pub(crate) right: bool,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Warm {
    pub(crate) rounds: u32,
    pub(crate) floor: Spread,
    pub(crate) rows: Vec<Row>,
}

#[derive(Default)]
struct Times {
    nothing: Vec<f64>,
    common: Vec<f64>,
    client: Vec<f64>,
    wrong: bool,
}

/// Measures, prints and keeps the times.
///
/// # Errors
/// No rounds, or what the engine cannot do.
pub(crate) fn run(engine: &mut Engine, machine: &Machine, strategies: &[Strategy], options: &Options) -> Result<bool> {
    let wanted: Vec<&Strategy> = strategies
        .iter()
        .filter(|strategy| STRATEGIES.contains(&strategy.name.as_str()))
        .filter(|strategy| options.only.is_empty() || options.only.contains(&strategy.name))
        .collect();
    let mut floor = Vec::new();
    let mut times: Vec<Times> = wanted.iter().map(|_| Times::default()).collect();
    engine.floor()?;
    for round in 1..=options.rounds {
        for (strategy, times) in wanted.iter().zip(&mut times) {
            machine.install_for(strategy)?;
            floor.push(engine.floor()?);
            let reference = strategies.iter().find(|other| other.name == strategy.reference);
            let reference = reference.with_context(|| format!("no strategy `{}`", strategy.reference))?;
            let backend: &mut dyn Backend = engine;
            let mut play = Play::begin(backend, machine, strategy, reference)?;
            times.nothing.push(play.build_timed()?);
            play.edit_to(ANSWER, round, When::Now)?;
            times.common.push(play.build_timed()?);
            play.edit_to(VIEW, round, When::Now)?;
            times.client.push(play.build_timed()?);
            times.wrong |= play.take_outcome().0 != Outcome::Right;
            println!(
                "round {round}  {:<13} nothing {:.2} s, common {:.2} s, client {:.2} s",
                strategy.name,
                times.nothing.last().unwrap_or(&0.0),
                times.common.last().unwrap_or(&0.0),
                times.client.last().unwrap_or(&0.0)
            );
        }
    }
    let mut rows = Vec::new();
    for (strategy, times) in wanted.iter().zip(times) {
        rows.push(Row {
            strategy: strategy.name.clone(),
            nothing: Spread::of(times.nothing)?,
            common: Spread::of(times.common)?,
            client: Spread::of(times.client)?,
            right: !times.wrong,
        });
    }
    let warm = Warm { rounds: options.rounds, floor: Spread::of(floor)?, rows };
    print!("{}", table(&warm, strategies));
    let path = machine.project.join(RESULTS);
    let mut results = Results::read(&path)?;
    results.warm = Some(warm);
    results.write(&path)?;
    Ok(true)
}

/// The times as a table, in multiples of the floor's median.
pub(crate) fn table(warm: &Warm, strategies: &[Strategy]) -> String {
    use std::fmt::Write as _;
    let [least, floor, most] = warm.floor.0;
    let mut text = format!(
        "{} rounds by turns; the floor is {floor:.2} s ({least:.2} to {most:.2}).\n\n| strategy | nothing changed | common \
         edited | client edited | packages |\n|---|--:|--:|--:|---|\n",
        warm.rounds
    );
    for row in &warm.rows {
        let title = strategies.iter().find(|strategy| strategy.name == row.strategy).map_or("", |found| &found.title);
        let ratio = |Spread([least, median, most]): Spread| {
            format!("{:.2} ({:.2}–{:.2})", median / floor, least / floor, most / floor)
        };
        let right = if row.right { "right" } else { "**stale**" };
        let _ = writeln!(
            text,
            "| {title} | {} | {} | {} | {right} |",
            ratio(row.nothing),
            ratio(row.common),
            ratio(row.client)
        );
    }
    text
}
