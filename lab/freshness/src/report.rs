//! The page: tables and the drawing in docs/ are made from the raw runs; its words are written by hand around them.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    matrix::{RESULTS, Results},
    play::{Cell, Outcome},
    scale, scenario,
    strategy::Strategy,
    warm,
};

const PAGE: &str = "docs/freshness.md";
const DRAWING: &str = "docs/freshness.svg";

/// Writes what the page and the drawing say of the runs that are kept.
///
/// # Errors
/// No runs, or a page without the places that are filled.
pub(crate) fn run(project: &Path, strategies: &[Strategy]) -> Result<()> {
    let results = Results::read(&project.join(RESULTS))?;
    if results.cells.is_empty() {
        bail!("{RESULTS} holds no runs: `freshness matrix` first");
    }
    let path = project.join(PAGE);
    let mut page = fs::read_to_string(&path).with_context(|| format!("cannot read {PAGE}"))?;
    for (name, text) in [
        ("summary", summary(&results, strategies)),
        ("folder", table(&results, strategies, "folder")),
        ("engine", table(&results, strategies, "engine")),
        (
            "warm",
            results
                .warm
                .as_ref()
                .map_or_else(|| "Not measured here.\n".to_owned(), |warm| warm::table(warm, strategies)),
        ),
        ("scale", scale::table(&results.scale)),
        ("strategies", described(strategies)),
        ("scenarios", scenarios()),
    ] {
        page = fill(&page, name, &text)?;
    }
    fs::write(&path, page)?;
    fs::write(project.join(DRAWING), drawing(&results, strategies))?;
    println!("{PAGE} and {DRAWING} say what {} runs gave", results.cells.len());
    Ok(())
}

/// Puts a text between the two marks of its place.
fn fill(page: &str, name: &str, text: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {name}: made by `freshness report` -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) =
        page.split_once(&begin).with_context(|| format!("{PAGE} has no line `{}`", begin.trim_end()))?;
    let (_, after) = rest.split_once(&end).with_context(|| format!("{PAGE} has no `{end}`"))?;
    Ok(format!("{before}{begin}\n{text}\n{end}{after}"))
}

/// The cells of a back end for a strategy, in the order of the scenarios.
fn cells<'a>(results: &'a Results, backend: &'a str, strategy: &'a str) -> impl Iterator<Item = Option<&'a Cell>> {
    scenario::ALL.iter().map(move |scenario| results.find(backend, strategy, scenario.name))
}

fn played<'a>(results: &'a Results, strategies: &'a [Strategy], backend: &'a str) -> Vec<&'a Strategy> {
    strategies.iter().filter(|strategy| cells(results, backend, &strategy.name).flatten().next().is_some()).collect()
}

fn summary(results: &Results, strategies: &[Strategy]) -> String {
    let mut text = String::from(
        "| strategy | back end | right | stale | failed | no way | crates compiled in excess |\n|---|---|--:|--:|--:|--:|--:|\n",
    );
    for backend in ["folder", "engine"] {
        for strategy in played(results, strategies, backend) {
            let all: Vec<&Cell> = cells(results, backend, &strategy.name).flatten().collect();
            let count = |outcome| all.iter().filter(|cell| cell.outcome == outcome).count();
            let right = || all.iter().filter(|cell| cell.outcome == Outcome::Right);
            let excess: usize = right().map(|cell| cell.compiled.saturating_sub(cell.needed)).sum();
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

fn table(results: &Results, strategies: &[Strategy], backend: &str) -> String {
    let columns = played(results, strategies, backend);
    if columns.is_empty() {
        return "Not played here.\n".to_owned();
    }
    let mut text = String::from("| scenario |");
    for strategy in &columns {
        let _ = write!(text, " {} |", strategy.title);
    }
    text += "\n|---|";
    text += &"---|".repeat(columns.len());
    text += "\n";
    let mut notes = BTreeSet::new();
    for scenario in &scenario::ALL {
        let _ = write!(text, "| {} |", scenario.name);
        for strategy in &columns {
            let cell = results.find(backend, &strategy.name, scenario.name);
            let _ = write!(text, " {} |", cell.map_or_else(String::new, said));
            if let Some(cell) = cell
                && let Some(why) = &cell.why
                && cell.outcome != Outcome::Stale
            {
                notes.insert(format!("- {}, {}: {why}\n", strategy.title, scenario.name));
            }
        }
        text += "\n";
    }
    if !notes.is_empty() {
        text += "\n";
        text.extend(notes);
    }
    text
}

/// What a field of the table says.
fn said(cell: &Cell) -> String {
    let counts = format!("{}/{}", cell.compiled, cell.needed);
    let ratio = cell.seconds / cell.cold_seconds;
    match cell.outcome {
        Outcome::Right => format!("right {counts}, {ratio:.2}"),
        Outcome::Stale => format!("**stale** {counts}"),
        Outcome::Failed => "**failed**".to_owned(),
        Outcome::Cannot => "no way".to_owned(),
    }
}

fn described(strategies: &[Strategy]) -> String {
    strategies.iter().fold(String::new(), |mut text, strategy| {
        let Strategy { name, title, what, docs, .. } = strategy;
        let _ = writeln!(
            text,
            "- **{title}** ([{name}.earth](../lab/freshness/strategies/{name}.earth)): {what}. After: {docs}."
        );
        text
    })
}

fn scenarios() -> String {
    scenario::ALL.iter().fold(String::new(), |mut text, scenario| {
        let _ = writeln!(text, "- **{}**: {}", scenario.name, scenario.what);
        text
    })
}

/// One field for each strategy and scenario: green is right, the paler the more was compiled in vain; red is stale.
fn drawing(results: &Results, strategies: &[Strategy]) -> String {
    const SIDE: usize = 26;
    let mut columns: Vec<(&str, &Strategy)> = Vec::new();
    for backend in ["folder", "engine"] {
        columns.extend(played(results, strategies, backend).into_iter().map(|strategy| (backend, strategy)));
    }
    let gap = |backend: &str| if backend == "engine" { 16 } else { 0 };
    let title = |backend: &str, strategy: &Strategy| {
        escaped(&strategy.title) + if backend == "engine" { " (engine)" } else { "" }
    };
    // Letters are 6 to 7 wide; titles go up by 50 degrees.
    let longest =
        columns.iter().map(|(backend, strategy)| title(backend, strategy).chars().count()).max().unwrap_or(0) * 7;
    let (right, top) = (longest * 65 / 100, longest * 77 / 100 + 20);
    let left = scenario::ALL.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0) * 7;
    let (width, height) = (left + columns.len() * SIDE + gap("engine") + right, top + scenario::ALL.len() * SIDE + 50);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"t d\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<title id=\"t\">Which build strategies ship stale \
         code</title>\n<desc id=\"d\">A field for each strategy and scenario; docs/freshness.md has the same as \
         tables.</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (column, (backend, strategy)) in columns.iter().enumerate() {
        let x = left + column * SIDE + gap(backend);
        let weight = if strategy.is_ours() { "bold" } else { "normal" };
        let _ = writeln!(
            svg,
            "<text transform=\"translate({},{}) rotate(-50)\" font-weight=\"{weight}\">{}</text>",
            x + SIDE / 2,
            top - 8,
            title(backend, strategy),
        );
        for (row, cell) in cells(results, backend, &strategy.name).enumerate() {
            let y = top + row * SIDE;
            let (fill, mark, tip) = match cell {
                None => ("#fff".to_owned(), String::new(), "not played".to_owned()),
                Some(cell) => (colour(cell), mark(cell), said(cell).replace("**", "")),
            };
            let _ = writeln!(
                svg,
                "<g><title>{}, {}: {}</title><rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"3\" \
                 fill=\"{fill}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-size=\"11\" fill=\"#fff\">{mark}</text></g>",
                escaped(&strategy.title),
                escaped(scenario::ALL[row].name),
                escaped(&tip),
                SIDE - 3,
                SIDE - 3,
                x + (SIDE - 3) / 2,
                y + 16,
            );
        }
    }
    for (row, scenario) in scenario::ALL.iter().enumerate() {
        let y = top + row * SIDE + 16;
        let _ =
            writeln!(svg, "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>", left - 8, escaped(scenario.name));
    }
    let y = height - 18;
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
            "<rect x=\"{x}\" y=\"{}\" width=\"12\" height=\"12\" rx=\"2\" fill=\"{fill}\"/><text x=\"{}\" y=\"{y}\">{text}</text>",
            y - 11,
            x + 17
        );
        x += 34 + text.len() * 7;
    }
    svg + "</svg>\n"
}

const GREEN: &str = "#137752";
const PALE: &str = "#4f8f9f";
const RED: &str = "#b3261e";
const AMBER: &str = "#8a5a00";
const GREY: &str = "#8c8c8c";

fn colour(cell: &Cell) -> String {
    let colour = match cell.outcome {
        Outcome::Right if cell.compiled > cell.needed => PALE,
        Outcome::Right => GREEN,
        Outcome::Stale => RED,
        Outcome::Failed => AMBER,
        Outcome::Cannot => GREY,
    };
    colour.to_owned()
}

/// Colour alone is not for everybody: a letter, or how many crates were compiled in excess.
fn mark(cell: &Cell) -> String {
    match cell.outcome {
        Outcome::Right if cell.compiled > cell.needed => format!("+{}", cell.compiled - cell.needed),
        Outcome::Right => "✓".to_owned(),
        Outcome::Stale => "✗".to_owned(),
        Outcome::Failed => "!".to_owned(),
        Outcome::Cannot => "–".to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
