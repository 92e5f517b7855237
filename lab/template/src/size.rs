//! How much there is in a generated project, and how much of it an owner reads to begin.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

use crate::{answers::Answers, generator::Lab, leftovers::files};

/// Outside of the page and of the crate that keeps builds fresh.
const FILES: usize = 86;
const LINES: usize = 7_600;
const LINES_TO_BEGIN: usize = 500;
const LINES_OF_THE_EXAMPLE: usize = 200;
const LINES_OF_THE_PAGE: usize = 700;
const LINES_OF_ITS_TESTS: usize = 250;

/// What an owner reads to begin.
const TO_BEGIN: [&str; 4] = ["README.md", "CONTRIBUTING.md", EXAMPLE[0], EXAMPLE[1]];

/// What an owner writes over.
const EXAMPLE: [&str; 2] = ["common/src/lib.rs", "wasm-client/src/lib.rs"];

/// Folders whose files an owner need not know.
const APART: [&str; 2] = ["www/", "unstale/"];

/// Counts the largest project, with the page and the workflows; blank lines and comments count.
pub(crate) fn check(lab: &Lab) -> Result<()> {
    let project = lab.generate("size", &Answers::new("engine", &[]))?;
    let counted =
        |path: &String| !path.ends_with("lock.json") && !path.ends_with("Cargo.lock") && !path.starts_with("LICENSE");
    let mut by_folder = std::collections::BTreeMap::<String, (usize, usize)>::new();
    let (mut page, mut tests) = (0, 0);
    for path in files(&project)?.iter().filter(|path| counted(path)) {
        let folder = path.split_once('/').map_or(".", |(folder, _)| folder);
        let entry = by_folder.entry(folder.to_owned()).or_default();
        entry.0 += 1;
        let lines = lines(&project.join(path))?;
        entry.1 += lines;
        if path.starts_with("www/src/") || path == "www/index.html" {
            page += lines;
        } else if path.starts_with("www/tests/") {
            tests += lines;
        }
    }
    for (folder, (files, lines)) in &by_folder {
        eprintln!("              {folder}: {files} files, {lines} lines");
    }
    let is_apart = |path: &&String| APART.iter().any(|folder| path.starts_with(folder));
    let files = files(&project)?.iter().filter(|path| counted(path)).filter(|path| !is_apart(path)).count();
    let all: usize = by_folder.iter().filter(|(folder, _)| *folder != "unstale").map(|(_, (_, lines))| lines).sum();
    let to_begin = sum(&project, &TO_BEGIN)?;
    let example = sum(&project, &EXAMPLE)?;
    eprintln!("              {files} files, {all} lines, {to_begin} of them to begin with, {example} of the example");
    ensure!(
        page <= LINES_OF_THE_PAGE && tests <= LINES_OF_ITS_TESTS,
        "{page} lines of the page and {tests} of its tests; allowed are {LINES_OF_THE_PAGE} and {LINES_OF_ITS_TESTS}"
    );
    ensure!(
        files <= FILES && all <= LINES && to_begin <= LINES_TO_BEGIN,
        "{files} files, {all} lines, {to_begin} to begin with; allowed are {FILES}, {LINES} and {LINES_TO_BEGIN}"
    );
    ensure!(example <= LINES_OF_THE_EXAMPLE, "{example} lines of the example; allowed are {LINES_OF_THE_EXAMPLE}");
    Ok(())
}

/// The lines of several files, all of which are there.
fn sum(project: &Path, paths: &[&str]) -> Result<usize> {
    let mut sum = 0;
    for path in paths {
        sum += lines(&project.join(path))?;
    }
    Ok(sum)
}

/// The lines of a text; a picture has none.
fn lines(path: &Path) -> Result<usize> {
    Ok(String::from_utf8(fs::read(path)?).map_or(0, |text| text.lines().count()))
}
