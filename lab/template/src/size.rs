//! How much there is in a generated project, and how much of it an owner reads to begin.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

use crate::{answers::Answers, generator::Lab, leftovers::files};

const FILES: usize = 85;
const LINES: usize = 6_000;
const LINES_TO_BEGIN: usize = 700;
const LINES_OF_THE_PAGE: usize = 700;
const LINES_OF_ITS_TESTS: usize = 250;

/// What an owner reads to begin, as far as it is there.
const TO_BEGIN: [&str; 5] =
    ["README.md", "CONTRIBUTING.md", "common/src/error.rs", "common/src/lib.rs", "wasm-client/src/lib.rs"];

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
    let files: usize = by_folder.values().map(|(files, _)| files).sum();
    let all: usize = by_folder.values().map(|(_, lines)| lines).sum();
    let mut to_begin = 0;
    for path in TO_BEGIN.map(|path| project.join(path)).iter().filter(|path| path.exists()) {
        to_begin += lines(path)?;
    }
    eprintln!("              {files} files, {all} lines, {to_begin} of them to begin with");
    ensure!(
        page <= LINES_OF_THE_PAGE && tests <= LINES_OF_ITS_TESTS,
        "{page} lines of the page and {tests} of its tests; allowed are {LINES_OF_THE_PAGE} and {LINES_OF_ITS_TESTS}"
    );
    ensure!(
        files <= FILES && all <= LINES && to_begin <= LINES_TO_BEGIN,
        "{files} files, {all} lines, {to_begin} to begin with; allowed are {FILES}, {LINES} and {LINES_TO_BEGIN}"
    );
    Ok(())
}

/// The lines of a text; a picture has none.
fn lines(path: &Path) -> Result<usize> {
    Ok(String::from_utf8(fs::read(path)?).map_or(0, |text| text.lines().count()))
}
