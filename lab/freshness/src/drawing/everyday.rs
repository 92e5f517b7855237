//! The front page's picture: some everyday edits, and the best-known ways to build, on plain folders. It is read in
//! seconds, at the width of a README.

use std::fmt::Write as _;

use super::{GREEN, Head, PALE, RED, begin, colour, escaped, mark};
use crate::results::{Cell, Outcome, Results};

/// A row.
struct Edit {
    scenario: &'static str,
    says: &'static str,
}

const EDITS: [Edit; 10] = [
    Edit { scenario: "edit now", says: "an edit" },
    Edit { scenario: "edit, older mtime", says: "an edit with an older time" },
    Edit { scenario: "revert, old mtimes", says: "an edit undone" },
    Edit { scenario: "fresh clone", says: "a fresh clone" },
    Edit { scenario: "all mtimes 2020", says: "all files dated alike" },
    Edit { scenario: "two checkouts", says: "two checkouts, one cache" },
    Edit { scenario: "two builds at once", says: "two builds at once" },
    Edit { scenario: "killed, then reverted", says: "a killed build, undone" },
    Edit { scenario: "build script's input, old mtime", says: "a build script's input" },
    Edit { scenario: "toolchain rebuilt", says: "a rebuilt toolchain" },
];

/// A column, whose title has two lines.
struct Way {
    strategy: &'static str,
    says: [&'static str; 2],
}

const WAYS: [Way; 8] = [
    Way { strategy: "docker", says: ["Docker's", "guide"] },
    Way { strategy: "chef", says: ["cargo-", "chef"] },
    Way { strategy: "librust", says: ["Earthly's", "lib/rust"] },
    Way { strategy: "mtime", says: ["cargo-", "mtime"] },
    Way { strategy: "ci-mtime", says: ["mtime-", "travel"] },
    Way { strategy: "sccache", says: ["sccache", ""] },
    Way { strategy: "clean", says: ["cargo", "clean -p"] },
    Way { strategy: "ours", says: ["this", "project"] },
];

const FONT_SIZE: usize = 15;
/// Of a field, with the gap to the next one.
const WIDTH: usize = 74;
const HEIGHT: usize = 30;
const GAP: usize = 3;
const LEFT: usize = 208;
const TOP: usize = 54;
/// Where the sums are, below the fields.
const SUMS: usize = TOP + EDITS.len() * HEIGHT + 24;

/// The package of each edit in each way: right, right with crates compiled in vain, or old code.
pub(crate) fn everyday(results: &Results) -> String {
    let mut svg = begin(&Head {
        width: LEFT + WAYS.len() * WIDTH + GAP,
        height: SUMS + 46,
        font_size: FONT_SIZE,
        title: "Everyday edits, and the ways to build that ship old code after them",
        describes: "A field for each edit and way to build; docs/freshness.md has all of them as tables.",
    });
    for (row, edit) in EDITS.iter().enumerate() {
        let y = TOP + row * HEIGHT + 20;
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>", LEFT - 10, edit.says);
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{SUMS}\" text-anchor=\"end\" font-weight=\"bold\">old code shipped</text>",
        LEFT - 10
    );
    for (number, way) in WAYS.iter().enumerate() {
        svg += &column(way, LEFT + number * WIDTH, results);
    }
    svg + &legend() + "</svg>\n"
}

/// The title, the fields, and how many of them are stale.
fn column(way: &Way, x: usize, results: &Results) -> String {
    let middle = x + (WIDTH - GAP) / 2;
    let weight = if way.strategy == "ours" { "bold" } else { "normal" };
    let mut svg = format!("<g text-anchor=\"middle\" font-weight=\"{weight}\">\n");
    for (line, text) in way.says.iter().enumerate() {
        let _ = writeln!(svg, "<text x=\"{middle}\" y=\"{}\">{}</text>", 22 + line * 18, escaped(text));
    }
    let mut stale = 0;
    for (row, edit) in EDITS.iter().enumerate() {
        let cell = results.find("folder", way.strategy, edit.scenario);
        stale += usize::from(cell.is_some_and(|cell| cell.outcome == Outcome::Stale));
        svg += &field(cell, x, TOP + row * HEIGHT);
    }
    let fill = if stale == 0 { GREEN } else { RED };
    let _ = writeln!(svg, "<text x=\"{middle}\" y=\"{SUMS}\" fill=\"{fill}\">{stale} of {}</text>", EDITS.len());
    svg + "</g>\n"
}

fn field(cell: Option<&Cell>, x: usize, y: usize) -> String {
    let (width, height) = (WIDTH - GAP, HEIGHT - GAP);
    let (fill, mark) = (cell.map_or("#fff", colour), cell.map(mark).unwrap_or_default());
    format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\" fill=\"{fill}\"/><text x=\"{}\" \
         y=\"{}\" fill=\"#fff\">{mark}</text>\n",
        x + width / 2,
        y + 19,
    )
}

fn legend() -> String {
    let mut svg = String::new();
    let y = SUMS + 30;
    let mut x = 24;
    for (fill, text, width) in [
        (GREEN, "✓ right", 92),
        (PALE, "+2 right, two crates compiled in vain", 300),
        (RED, "✗ old code, and nothing said so", 0),
    ] {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{}\" width=\"14\" height=\"14\" rx=\"3\" fill=\"{fill}\"/><text x=\"{}\" \
             y=\"{y}\">{text}</text>",
            y - 12,
            x + 20
        );
        x += width + 30;
    }
    svg
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{results::RESULTS, scenario, strategy};

    #[test]
    fn every_row_and_column_is_known() {
        for edit in &EDITS {
            assert!(scenario::ALL.iter().any(|scenario| scenario.name == edit.scenario), "{}", edit.scenario);
        }
        let all = strategy::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("strategies")).unwrap();
        for way in &WAYS {
            assert!(strategy::find(&all, way.strategy).is_ok(), "{}", way.strategy);
        }
    }

    #[test]
    fn every_field_is_played() {
        let results = Results::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(RESULTS)).unwrap();
        for way in &WAYS {
            for edit in &EDITS {
                let cell = results.find("folder", way.strategy, edit.scenario);
                assert!(cell.is_some(), "{} in {}", way.strategy, edit.scenario);
            }
        }
        assert_eq!(everyday(&results).matches("rx=\"4\"").count(), 80);
    }
}
