//! A field for each strategy, back end and scenario.

use std::fmt::Write as _;

use super::{AMBER, GREEN, GREY, Head, PALE, RED, begin, colour, escaped, mark};
use crate::{
    results::{Cell, Results},
    scenario,
    strategy::Strategy,
    tables,
};

/// A field's side, with the gap to the next one.
const SIDE: usize = 26;
/// Between the columns of the two back ends.
const GAP: usize = 16;
/// About the width of a letter.
const LETTER: usize = 7;

/// A strategy on a back end.
struct Column<'a> {
    backend: &'static str,
    strategy: &'a Strategy,
    x: usize,
}

/// Where things are in the drawing.
struct Layout<'a> {
    columns: Vec<Column<'a>>,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// One field for each strategy and scenario: green is right, the paler the more was compiled in vain; red is stale.
pub(crate) fn complete(results: &Results, strategies: &[Strategy]) -> String {
    let layout = Layout::new(results, strategies);
    let mut svg = begin(&Head {
        width: layout.width,
        height: layout.height,
        font_size: 12,
        title: "Which build strategies ship stale code",
        describes: "A field for each strategy and scenario; docs/freshness.md has the same as tables.",
    });
    for column in &layout.columns {
        svg += &draw_column(column, &layout, results);
    }
    for (row, scenario) in scenario::ALL.iter().enumerate() {
        let (x, y) = (layout.left - 8, layout.top + row * SIDE + 16);
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{}</text>", escaped(scenario.name));
    }
    svg + &legend(layout.height - 18) + "</svg>\n"
}

impl<'a> Layout<'a> {
    fn new(results: &Results, strategies: &'a [Strategy]) -> Self {
        let left = scenario::ALL.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0) * LETTER;
        let mut columns = Vec::new();
        let mut x = left;
        for backend in ["folder", "engine"] {
            for strategy in tables::played(results, strategies, backend) {
                columns.push(Column { backend, strategy, x });
                x += SIDE;
            }
            x += GAP;
        }

        // Titles go up by 50 degrees.
        let longest = columns.iter().map(|column| column.title().chars().count()).max().unwrap_or(0) * LETTER;
        let top = longest * 77 / 100 + 20;
        let width = x - GAP + longest * 65 / 100;
        Self { columns, left, top, width, height: top + scenario::ALL.len() * SIDE + 50 }
    }
}

impl Column<'_> {
    fn title(&self) -> String {
        let title = escaped(&self.strategy.title);
        if self.backend == "engine" { title + " (engine)" } else { title }
    }
}

fn draw_column(column: &Column, layout: &Layout, results: &Results) -> String {
    let Column { backend, strategy, x } = column;
    let weight = if strategy.is_ours() { "bold" } else { "normal" };
    let mut svg = format!(
        "<text transform=\"translate({},{}) rotate(-50)\" font-weight=\"{weight}\">{}</text>\n",
        x + SIDE / 2,
        layout.top - 8,
        column.title(),
    );
    for (row, cell) in tables::cells(results, backend, strategy).enumerate() {
        let name = format!("{}, {}", strategy.title, scenario::ALL[row].name);
        svg += &field(cell, &name, *x, layout.top + row * SIDE);
    }
    svg
}

/// A square whose tip says all.
fn field(cell: Option<&Cell>, name: &str, x: usize, y: usize) -> String {
    let side = SIDE - 3;
    let (fill, mark) = (cell.map_or("#fff", colour), cell.map(mark).unwrap_or_default());
    let tip = cell.map_or_else(|| "not played".to_owned(), |cell| tables::said(cell).replace("**", ""));
    format!(
        "<g><title>{}: {}</title><rect x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" rx=\"3\" \
         fill=\"{fill}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-size=\"11\" \
         fill=\"#fff\">{mark}</text></g>\n",
        escaped(name),
        escaped(&tip),
        x + side / 2,
        y + 16,
    )
}

fn legend(y: usize) -> String {
    let mut svg = String::new();
    let mut x = 20;
    for (fill, text) in [
        (GREEN, "right"),
        (PALE, "right, compiled in excess"),
        (RED, "stale"),
        (AMBER, "failed"),
        (GREY, "no way to play it"),
    ] {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{}\" width=\"12\" height=\"12\" rx=\"2\" fill=\"{fill}\"/><text x=\"{}\" \
             y=\"{y}\">{text}</text>",
            y - 11,
            x + 17
        );
        x += 34 + text.len() * LETTER;
    }
    svg
}
