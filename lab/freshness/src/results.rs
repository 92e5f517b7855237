//! What the runs gave, kept as JSON in docs/. The page's tables and its pictures are made from it.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Where the runs are kept, from the project's root.
pub(crate) const RESULTS: &str = "docs/freshness.json";

/// All runs that are known.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) warm: Option<Warm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scale: Vec<Size>,
    pub(crate) cells: Vec<Cell>,
}

/// One field of the table.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Cell {
    pub(crate) strategy: String,
    pub(crate) scenario: String,
    pub(crate) backend: String,
    pub(crate) outcome: Outcome,
    /// Why it is not right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
    /// Crates compiled in the last build, and how many of them had to be.
    pub(crate) compiled: usize,
    pub(crate) needed: usize,
    /// The last build's time, and that of the first build from nothing.
    pub(crate) seconds: f64,
    pub(crate) cold_seconds: f64,
    /// Of the strategy, the scenario and everything that both build on.
    pub(crate) key: String,
}

/// From best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Every package is equal, byte for byte, to one built from nothing.
    Right,
    /// The strategy or the back end has no way to play it.
    Cannot,
    /// A build that should succeed does not.
    Failed,
    /// A build succeeds, and its package is another one.
    Stale,
}

/// A workspace of some size. Times are medians of processor seconds, if nothing else is said.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Size {
    pub(crate) crates: usize,
    pub(crate) nothing: Times,
    pub(crate) edited: Times,
    /// The same on the clock.
    pub(crate) waited: Times,
    /// Compiled after the edit.
    pub(crate) edit: Compiled,
    /// Compiled when a typo was repaired.
    pub(crate) repair: Compiled,
}

/// Of this project and of plain wasm-pack.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) ours: f64,
    pub(crate) plain: f64,
}

/// How many crates were compiled, and how many had to be.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Compiled {
    pub(crate) crates: usize,
    pub(crate) needed: usize,
}

/// Warm builds on the engine.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Warm {
    pub(crate) rounds: u32,
    /// Of a target of one step that is cached.
    pub(crate) floor: Spread,
    pub(crate) rows: Vec<WarmRow>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WarmRow {
    pub(crate) strategy: String,
    pub(crate) nothing: Spread,
    pub(crate) common: Spread,
    pub(crate) client: Spread,
    /// Whether every package on the way was right.
    pub(crate) right: bool,
}

/// Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

impl Results {
    /// Reads them; there may be none yet.
    ///
    /// # Errors
    /// A file that holds something else.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        match fs::read(path) {
            Err(_) => Ok(Self::default()),
            Ok(text) => serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display())),
        }
    }

    /// Writes them whole, or not at all.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let new = path.with_extension("new");
        fs::write(&new, serde_json::to_string_pretty(self)? + "\n")?;
        Ok(fs::rename(new, path)?)
    }

    pub(crate) fn find(&self, backend: &str, strategy: &str, scenario: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.backend == backend && cell.strategy == strategy && cell.scenario == scenario)
    }

    /// Puts a cell in the place of the one that was there.
    pub(crate) fn put(&mut self, cell: Cell) {
        let is_same =
            |old: &Cell| old.backend == cell.backend && old.strategy == cell.strategy && old.scenario == cell.scenario;
        match self.cells.iter().position(is_same) {
            Some(place) => self.cells[place] = cell,
            None => self.cells.push(cell),
        }
    }
}

impl Cell {
    /// How many crates were compiled in vain.
    pub(crate) fn excess(&self) -> usize {
        self.compiled.saturating_sub(self.needed)
    }
}

impl Spread {
    /// Of some times, of which there is at least one.
    pub(crate) fn of(mut times: Vec<f64>) -> Option<Self> {
        times.sort_by(f64::total_cmp);
        Some(Self { least: *times.first()?, median: times[times.len() / 2], most: *times.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(scenario: &str, outcome: Outcome) -> Cell {
        Cell {
            strategy: "ours".to_owned(),
            scenario: scenario.to_owned(),
            backend: "folder".to_owned(),
            outcome,
            why: None,
            compiled: 3,
            needed: 1,
            seconds: 1.0,
            cold_seconds: 2.0,
            key: String::new(),
        }
    }

    #[test]
    fn a_cell_takes_the_place_of_the_one_before() {
        let mut results = Results::default();
        for outcome in [Outcome::Stale, Outcome::Right] {
            results.put(cell("edit now", outcome));
            results.put(cell("client only", outcome));
        }
        assert_eq!(results.cells.len(), 2);
        assert_eq!(results.find("folder", "ours", "edit now").map(|cell| cell.outcome), Some(Outcome::Right));
        assert!(results.find("engine", "ours", "edit now").is_none());
    }

    #[test]
    fn a_stale_package_is_the_worst_that_can_happen() {
        assert!(
            Outcome::Stale > Outcome::Failed && Outcome::Failed > Outcome::Cannot && Outcome::Cannot > Outcome::Right
        );
        assert_eq!(cell("edit now", Outcome::Right).excess(), 2);
    }

    #[test]
    fn a_spread_is_of_sorted_times() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Some(Spread { least: 1.0, median: 2.0, most: 3.0 }));
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn the_kept_runs_can_be_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(RESULTS);
        assert!(!Results::read(&path).unwrap().cells.is_empty());
    }
}
