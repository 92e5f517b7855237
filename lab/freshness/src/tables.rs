//! The runs as tables, in Markdown.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    results::{Cell, Outcome, Results, Size, Spread, Times, Warm},
    scenario,
    strategy::Strategy,
};

/// The cells of a back end for a strategy, in the order of the scenarios.
pub(crate) fn cells<'a>(
    results: &'a Results,
    backend: &'a str,
    strategy: &'a Strategy,
) -> impl Iterator<Item = Option<&'a Cell>> {
    scenario::ALL.iter().map(move |scenario| results.find(backend, &strategy.name, scenario.name))
}

/// The strategies that a back end has played.
pub(crate) fn played<'a>(results: &Results, strategies: &'a [Strategy], backend: &str) -> Vec<&'a Strategy> {
    strategies.iter().filter(|strategy| cells(results, backend, strategy).flatten().next().is_some()).collect()
}

/// How often each outcome came, of all scenarios.
pub(crate) fn summary(results: &Results, strategies: &[Strategy]) -> String {
    let mut text = String::from(
        "| strategy | back end | right | stale | failed | no way | crates compiled in excess |\n|---|---|--:|--:|--:|--:|--:|\n",
    );
    for backend in ["folder", "engine"] {
        for strategy in played(results, strategies, backend) {
            let all: Vec<&Cell> = cells(results, backend, strategy).flatten().collect();
            let count = |outcome| all.iter().filter(|cell| cell.outcome == outcome).count();
            let right = all.iter().filter(|cell| cell.outcome == Outcome::Right);
            let excess: usize = right.map(|cell| cell.excess()).sum();
            let _ = writeln!(
                text,
                "| {} | {backend} | {} | {} | {} | {} | {excess} |",
                strategy.title,
                count(Outcome::Right),
                count(Outcome::Stale),
                count(Outcome::Failed),
                count(Outcome::Cannot),
            );
        }
    }
    text
}

/// All cells of a back end, and why some are not right.
pub(crate) fn matrix(results: &Results, strategies: &[Strategy], backend: &str) -> String {
    let columns = played(results, strategies, backend);
    if columns.is_empty() {
        return "Not played here.\n".to_owned();
    }

    let titles: Vec<&str> = columns.iter().map(|strategy| strategy.title.as_str()).collect();
    let mut text = format!("| scenario | {} |\n|---|{}\n", titles.join(" | "), "---|".repeat(columns.len()));
    let mut reasons = BTreeSet::new();
    for scenario in scenario::ALL {
        let _ = write!(text, "| {} |", scenario.name);
        for strategy in &columns {
            let cell = results.find(backend, &strategy.name, scenario.name);
            let _ = write!(text, " {} |", cell.map_or_else(String::new, said));
            if let Some(cell) = cell
                && let Some(why) = &cell.why
                && cell.outcome != Outcome::Stale
            {
                reasons.insert(format!("- {}, {}: {why}\n", strategy.title, scenario.name));
            }
        }
        text += "\n";
    }

    if !reasons.is_empty() {
        text += "\n";
        text.extend(reasons);
    }
    text
}

/// What a field of the table says.
pub(crate) fn said(cell: &Cell) -> String {
    let counts = format!("{}/{}", cell.compiled, cell.needed);
    match cell.outcome {
        Outcome::Right => format!("right {counts}, {:.2}", cell.seconds / cell.cold_seconds),
        Outcome::Stale => format!("**stale** {counts}"),
        Outcome::Failed => "**failed**".to_owned(),
        Outcome::Cannot => "no way".to_owned(),
    }
}

/// Times on the engine, in multiples of the floor's median.
pub(crate) fn warm(warm: &Warm, strategies: &[Strategy]) -> String {
    let Spread { least, median: floor, most } = warm.floor;
    let mut text = format!(
        "{} rounds by turns; the floor is {floor:.2} s ({least:.2} to {most:.2}).\n\n| strategy | nothing changed | common \
         edited | client edited | packages |\n|---|--:|--:|--:|---|\n",
        warm.rounds
    );
    let ratio = |spread: Spread| {
        format!("{:.2} ({:.2}–{:.2})", spread.median / floor, spread.least / floor, spread.most / floor)
    };
    for row in &warm.rows {
        let title = strategies.iter().find(|strategy| strategy.name == row.strategy).map_or("", |found| &found.title);
        let right = if row.right { "right" } else { "**stale**" };
        let (nothing, common, client) = (ratio(row.nothing), ratio(row.common), ratio(row.client));
        let _ = writeln!(text, "| {title} | {nothing} | {common} | {client} | {right} |");
    }
    text
}

/// Times beside plain wasm-pack as a workspace grows.
pub(crate) fn scale(sizes: &[Size]) -> String {
    let mut text = String::from(
        "| crates | nothing to do | wasm-pack | ratio | a crate edited | wasm-pack | ratio | the wait | wasm-pack | ratio \
         | compiled | after a typo |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let times = |times: Times| format!("{:.2} s | {:.2} s | {:.2}", times.ours, times.plain, times.ours / times.plain);
    for size in sizes {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} of {} | {} of {} |",
            size.crates,
            times(size.nothing),
            times(size.edited),
            times(size.waited),
            size.edit.crates,
            size.edit.needed,
            size.repair.crates,
            size.repair.needed,
        );
    }
    text
}

/// What the strategies do.
pub(crate) fn described(strategies: &[Strategy]) -> String {
    let mut text = String::new();
    for Strategy { name, title, what, docs, .. } in strategies {
        let _ = writeln!(
            text,
            "- **{title}** ([{name}.earth](../lab/freshness/strategies/{name}.earth)): {what}. After: {docs}."
        );
    }
    text
}

/// What happens in the scenarios.
pub(crate) fn scenarios() -> String {
    let mut text = String::new();
    for scenario in scenario::ALL {
        let _ = writeln!(text, "- **{}**: {}", scenario.name, scenario.what);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_says_what_came_of_it() {
        let mut cell = Cell {
            strategy: "ours".to_owned(),
            scenario: "edit now".to_owned(),
            backend: "folder".to_owned(),
            outcome: Outcome::Right,
            why: Some("because".to_owned()),
            compiled: 3,
            needed: 2,
            seconds: 1.0,
            cold_seconds: 4.0,
            key: String::new(),
        };
        assert_eq!(said(&cell), "right 3/2, 0.25");
        cell.outcome = Outcome::Stale;
        assert_eq!(said(&cell), "**stale** 3/2");

        let text = "# title: T\n# what: W\n# docs: D\n";
        let strategies = [Strategy::parse("ours", text.to_owned()).unwrap()];
        cell.outcome = Outcome::Failed;
        let results = Results { cells: vec![cell], ..Results::default() };
        assert!(summary(&results, &strategies).ends_with("| T | folder | 0 | 0 | 1 | 0 | 0 |\n"));
        let table = matrix(&results, &strategies, "folder");
        assert!(table.contains("| edit now | **failed** |\n| client only |  |\n"));
        assert!(table.ends_with("\n- T, edit now: because\n"));
        assert_eq!(matrix(&results, &strategies, "engine"), "Not played here.\n");
    }

    #[test]
    fn times_are_ratios() {
        let text = scale(&[Size {
            crates: 2,
            nothing: Times { ours: 1.0, plain: 2.0 },
            edited: Times { ours: 3.0, plain: 2.0 },
            waited: Times { ours: 2.0, plain: 2.0 },
            edit: crate::results::Compiled { crates: 2, needed: 2 },
            repair: crate::results::Compiled { crates: 1, needed: 2 },
        }]);
        assert!(text.ends_with(
            "| 2 | 1.00 s | 2.00 s | 0.50 | 3.00 s | 2.00 s | 1.50 | 2.00 s | 2.00 s | 1.00 | 2 of 2 | 1 of 2 |\n"
        ));
    }
}
