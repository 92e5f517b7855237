//! The table: every strategy in every scenario on a back end, kept cell by cell.

use std::{path::PathBuf, time::Instant};

use anyhow::{Context, Result, ensure};

use crate::{
    backend::Backend,
    machine::Machine,
    play::{ONE_PLACE, Play},
    results::{Cell, Outcome, RESULTS, Results},
    scenario::{self, Scenario},
    strategy::{self, OURS, Strategy},
    tree,
};

#[derive(Default, clap::Args)]
pub(crate) struct Options {
    /// Only these strategies, by name.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
    /// Only the scenarios whose name contains one of these.
    #[arg(long, value_name = "TEXT,…", value_delimiter = ',')]
    scenario: Vec<String>,
    /// Play cells that are known already as well.
    #[arg(long)]
    again: bool,
    /// Keep the results elsewhere.
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
}

impl Options {
    fn wants(&self, strategy: &Strategy) -> bool {
        self.only.is_empty() || self.only.contains(&strategy.name)
    }

    /// The scenarios that are asked for.
    fn scenarios(&self) -> Result<Vec<&'static Scenario>> {
        for part in &self.scenario {
            let is_known = scenario::ALL.iter().any(|scenario| scenario.name.contains(part.as_str()));
            ensure!(is_known, "no scenario has `{part}` in its name");
        }
        let is_wanted = |scenario: &&Scenario| {
            self.scenario.is_empty() || self.scenario.iter().any(|part| scenario.name.contains(part.as_str()))
        };
        Ok(scenario::ALL.iter().filter(is_wanted).collect())
    }
}

/// The table while it is filled.
struct Table<'a> {
    backend: &'a mut dyn Backend,
    machine: &'a Machine,
    scenarios: Vec<&'static Scenario>,
    again: bool,
    path: PathBuf,
    results: Results,
    start: Instant,
}

/// Plays our row again, without a word in docs/: what continuous integration runs.
///
/// # Errors
/// What the lab itself cannot do.
pub(crate) fn check(
    backend: &mut dyn Backend,
    machine: &Machine,
    strategies: &[Strategy],
    scenario: &[String],
) -> Result<bool> {
    let options = Options {
        only: vec![OURS.to_owned()],
        scenario: scenario.to_vec(),
        again: true,
        results: Some(machine.work.join("check.json")),
    };
    run(backend, machine, strategies, &options)
}

/// Plays what is asked for. Whether all cells of ours are right.
///
/// # Errors
/// What the lab itself cannot do.
pub(crate) fn run(
    backend: &mut dyn Backend,
    machine: &Machine,
    strategies: &[Strategy],
    options: &Options,
) -> Result<bool> {
    let path = options.results.clone().unwrap_or_else(|| machine.project.join(RESULTS));
    let scenarios = options.scenarios()?;
    let results = Results::read(&path)?;
    let mut table = Table { backend, machine, scenarios, again: options.again, path, results, start: Instant::now() };

    let mut good = true;
    for strategy in strategies.iter().filter(|strategy| options.wants(strategy)) {
        if !strategy.is_for(table.backend.name()) {
            eprintln!("NOT PLAYED: {} has no way on the {}", strategy.title, table.backend.name());
            continue;
        }
        match machine.install_for(strategy) {
            Ok(()) => good &= table.play_row(strategy, strategy::find(strategies, &strategy.reference)?)?,
            Err(error) => eprintln!("NOT PLAYED: {}: {error:#}", strategy.title),
        }
    }
    Ok(good)
}

impl Table<'_> {
    /// Whether nothing in the row is against us.
    fn play_row(&mut self, strategy: &Strategy, reference: &Strategy) -> Result<bool> {
        let base = self.machine.key(strategy)? + &self.machine.key(reference)?;
        let mut good = true;
        for scenario in self.scenarios.clone() {
            let key = tree::hash(&[[&base, scenario.name, scenario.what].join("\n").as_bytes()]);
            let known = self.results.find(self.backend.name(), &strategy.name, scenario.name);
            let known = known.filter(|cell| !self.again && cell.key == key).cloned();
            let is_known = known.is_some();
            let cell = match known {
                Some(cell) => cell,
                None => Cell { key, ..self.play(strategy, reference, scenario)? },
            };
            println!("{:>6} s  {}", self.start.elapsed().as_secs(), line(&cell, is_known));
            good &= !strategy.is_ours() || is_good(&cell);
            if !is_known {
                self.results.put(cell);
                self.results.write(&self.path)?;
            }
        }
        Ok(good)
    }

    fn play(&mut self, strategy: &Strategy, reference: &Strategy, scenario: &Scenario) -> Result<Cell> {
        let name = || format!("`{}` in `{}`", strategy.name, scenario.name);
        let mut play = Play::begin(self.backend, self.machine, strategy, reference).with_context(name)?;
        (scenario.play)(&mut play).with_context(name)?;
        let played = play.end()?;
        Ok(Cell {
            strategy: strategy.name.clone(),
            scenario: scenario.name.to_owned(),
            backend: self.backend.name().to_owned(),
            outcome: played.outcome,
            why: played.why,
            compiled: played.compiled,
            needed: scenario.needed.count(),
            seconds: played.seconds,
            cold_seconds: played.cold_seconds,
            key: String::new(),
        })
    }
}

/// Whether a cell of ours is as it should be. What a back end has no way to play is not ours to answer for.
fn is_good(cell: &Cell) -> bool {
    match cell.outcome {
        Outcome::Right => true,
        Outcome::Cannot => cell.why.as_deref() == Some(ONE_PLACE),
        Outcome::Failed | Outcome::Stale => false,
    }
}

fn line(cell: &Cell, is_known: bool) -> String {
    let state = match cell.outcome {
        Outcome::Right => "right",
        Outcome::Cannot => "cannot",
        Outcome::Failed => "FAILED",
        Outcome::Stale => "STALE",
    };
    format!(
        "{:<7} {:<13} {:<32} {state:<7} compiled {:>2} of {:>2}  {:.2} s of {:.2} s{}  {}",
        cell.backend,
        cell.strategy,
        cell.scenario,
        cell.compiled,
        cell.needed,
        cell.seconds,
        cell.cold_seconds,
        if is_known { " (known)" } else { "" },
        cell.why.as_deref().unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(outcome: Outcome, why: Option<&str>) -> Cell {
        Cell {
            strategy: OURS.to_owned(),
            scenario: "edit now".to_owned(),
            backend: "folder".to_owned(),
            outcome,
            why: why.map(str::to_owned),
            compiled: 0,
            needed: 0,
            seconds: 0.0,
            cold_seconds: 1.0,
            key: String::new(),
        }
    }

    #[test]
    fn only_a_back_ends_limit_excuses_a_cell_that_is_not_right() {
        assert!(is_good(&cell(Outcome::Right, None)));
        assert!(is_good(&cell(Outcome::Cannot, Some(ONE_PLACE))));
        assert!(!is_good(&cell(Outcome::Cannot, Some("the build was over before it could be killed"))));
        assert!(!is_good(&cell(Outcome::Failed, None)) && !is_good(&cell(Outcome::Stale, None)));
    }

    #[test]
    fn a_part_of_a_name_chooses_scenarios() {
        let chosen = |part: &str| Options { scenario: vec![part.to_owned()], ..Options::default() }.scenarios();
        let names: Vec<&str> = chosen("killed").unwrap().iter().map(|scenario| scenario.name).collect();
        assert_eq!(names, ["killed, then reverted"]);
        assert!(chosen("no such thing").is_err());
        assert_eq!(Options::default().scenarios().unwrap().len(), scenario::ALL.len());
    }
}
