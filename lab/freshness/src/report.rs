//! The page: tables and the drawings in docs/ are made from the raw runs; its words are written by hand around them.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    drawing,
    results::{RESULTS, Results},
    strategy::Strategy,
    tables,
};

const PAGE: &str = "docs/freshness.md";
/// The front page's, and the one of all runs.
const EVERYDAY: &str = "docs/freshness.svg";
const COMPLETE: &str = "docs/freshness-all.svg";

/// Writes what the page and the drawings say of the runs that are kept.
///
/// # Errors
/// No runs, or a page without the places that are filled.
pub(crate) fn run(project: &Path, strategies: &[Strategy]) -> Result<()> {
    let results = Results::read(&project.join(RESULTS))?;
    if results.cells.is_empty() {
        bail!("{RESULTS} holds no runs: `freshness matrix` first");
    }
    let path = project.join(PAGE);
    let page = fs::read_to_string(&path).with_context(|| format!("cannot read {PAGE}"))?;
    fs::write(&path, fill_all(page, &results, strategies)?)?;
    fs::write(project.join(EVERYDAY), drawing::everyday(&results))?;
    fs::write(project.join(COMPLETE), drawing::complete(&results, strategies))?;
    println!("{PAGE}, {EVERYDAY} and {COMPLETE} say what {} runs gave", results.cells.len());
    Ok(())
}

fn fill_all(mut page: String, results: &Results, strategies: &[Strategy]) -> Result<String> {
    let warm = results.warm.as_ref();
    let warm = warm.map_or_else(|| "Not measured here.\n".to_owned(), |warm| tables::warm(warm, strategies));
    for (place, text) in [
        ("summary", tables::summary(results, strategies)),
        ("folder", tables::matrix(results, strategies, "folder")),
        ("engine", tables::matrix(results, strategies, "engine")),
        ("warm", warm),
        ("scale", tables::scale(&results.scale)),
        ("strategies", tables::described(strategies)),
        ("scenarios", tables::scenarios()),
    ] {
        page = fill(&page, place, &text)?;
    }
    Ok(page)
}

/// Puts a text between the two marks of its place.
fn fill(page: &str, place: &str, text: &str) -> Result<String> {
    let begin = format!("<!-- {place}: made by `freshness report` -->\n");
    let end = format!("<!-- end of {place} -->");
    let (before, rest) =
        page.split_once(&begin).with_context(|| format!("{PAGE} has no line `{}`", begin.trim_end()))?;
    let (_, after) = rest.split_once(&end).with_context(|| format!("{PAGE} has no `{end}`"))?;
    Ok(format!("{before}{begin}\n{text}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_a_place_and_leaves_the_rest() {
        let page = "Before.\n<!-- summary: made by `freshness report` -->\n\nold\n\n<!-- end of summary -->\nAfter.\n";
        let filled = fill(page, "summary", "new\n").unwrap();
        assert_eq!(filled, page.replace("old\n", "new\n"));
        assert!(fill(page, "folder", "").is_err());
    }
}
