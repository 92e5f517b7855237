//! The table: every strategy in every scenario on a back end, kept as JSON cell by cell.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::{
    backend::Backend,
    machine::Machine,
    play::{self, Cell, Outcome},
    scale, scenario,
    strategy::Strategy,
    tree,
    warm::Warm,
};

/// The raw runs, from the project's root.
pub(crate) const RESULTS: &str = "docs/freshness.json";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these strategies, by name.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Only the scenarios whose name contains one of these.
    #[arg(long, value_name = "TEXT,…", value_delimiter = ',')]
    pub(crate) scenario: Vec<String>,
    /// Play cells that are known already as well.
    #[arg(long)]
    pub(crate) again: bool,
    /// Keep the results elsewhere.
    #[arg(long, value_name = "FILE")]
    pub(crate) results: Option<std::path::PathBuf>,
}

/// All runs that are known.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) warm: Option<Warm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scale: Vec<scale::Row>,
    pub(crate) cells: Vec<Cell>,
}

impl Results {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        match fs::read(path) {
            Err(_) => Ok(Self::default()),
            Ok(text) => serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display())),
        }
    }

    pub(crate) fn find(&self, backend: &str, strategy: &str, scenario: &str) -> Option<&Cell> {
        let same = |cell: &&Cell| cell.backend == backend && cell.strategy == strategy && cell.scenario == scenario;
        self.cells.iter().find(same)
    }

    fn put(&mut self, cell: Cell) {
        self.cells.retain(|old| {
            (&old.backend, &old.strategy, &old.scenario) != (&cell.backend, &cell.strategy, &cell.scenario)
        });
        self.cells.push(cell);
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let new = path.with_extension("new");
        fs::write(&new, serde_json::to_string_pretty(self)? + "\n")?;
        Ok(fs::rename(new, path)?)
    }
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
        only: vec![crate::strategy::OURS.to_owned()],
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
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    for part in &options.scenario {
        let is_known = scenario::ALL.iter().any(|scenario| scenario.name.contains(part.as_str()));
        ensure!(is_known, "no scenario has `{part}` in its name");
    }
    let mut results = Results::read(&path)?;
    let mut good = true;
    let start = Instant::now();
    for strategy in strategies {
        if !options.only.is_empty() && !options.only.contains(&strategy.name) {
            continue;
        }
        if let Err(error) = machine.install_for(strategy) {
            eprintln!("NOT PLAYED: {}: {error:#}", strategy.title);
            continue;
        }
        let reference = strategies.iter().find(|other| other.name == strategy.reference);
        let reference = reference.with_context(|| format!("no strategy `{}`", strategy.reference))?;
        let base = machine.key(strategy)? + &machine.key(reference)?;
        for scenario in &scenario::ALL {
            let named = options.scenario.is_empty() || options.scenario.iter().any(|part| scenario.name.contains(part));
            if !named {
                continue;
            }
            let parts = [&base, scenario.name, scenario.what];
            let key = tree::hash(&[parts.join("\n").as_bytes()]);
            let known = results.find(backend.name(), &strategy.name, scenario.name);
            let known = known.filter(|cell| !options.again && cell.key == key).cloned();
            let played = known.is_none();
            let cell = match known {
                Some(cell) => cell,
                None => play::play(backend, machine, strategy, reference, scenario, key)
                    .with_context(|| format!("`{}` in `{}`", strategy.name, scenario.name))?,
            };
            let state = match cell.outcome {
                Outcome::Right => "right",
                Outcome::Cannot => "cannot",
                Outcome::Failed => "FAILED",
                Outcome::Stale => "STALE",
            };
            println!(
                "{:>6} s  {:<7} {:<13} {:<32} {:<7} compiled {:>2} of {:>2}  {:.2} s of {:.2} s{}  {}",
                start.elapsed().as_secs(),
                cell.backend,
                cell.strategy,
                cell.scenario,
                state,
                cell.compiled,
                cell.needed,
                cell.seconds,
                cell.cold_seconds,
                if played { "" } else { " (known)" },
                cell.why.as_deref().unwrap_or_default()
            );
            let unplayed = cell.outcome == Outcome::Cannot && cell.why.as_deref() == Some(play::ONE_PLACE);
            good &= !strategy.is_ours() || unplayed || cell.outcome == Outcome::Right;
            results.put(cell);
            if played {
                results.write(&path)?;
            }
        }
    }
    Ok(good)
}
