//! How much there is in a generated project, and how much of it an owner reads to begin.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Result, ensure};

use crate::{answers::Answers, generator::Lab, leftovers::files};

/// Outside of the page and of the crate that keeps builds fresh.
const FILES: usize = 91;
const LINES: usize = 8_500;
const LINES_TO_BEGIN: usize = 500;
const LINES_OF_THE_EXAMPLE: usize = 200;
const LINES_OF_THE_PAGE: usize = 700;
const LINES_OF_ITS_TESTS: usize = 250;

/// What an owner reads to begin.
const TO_BEGIN: [&str; 4] = ["README.md", "CONTRIBUTING.md", EXAMPLE[0], EXAMPLE[1]];

/// What an owner writes over.
const EXAMPLE: [&str; 2] = ["common/src/lib.rs", "wasm-client/src/lib.rs"];

/// Folders whose files an owner need not know.
const APART: [&str; 2] = ["www", "unstale"];

/// Files and lines of one folder.
#[derive(Default)]
struct Amount {
    files: usize,
    lines: usize,
}

/// What there is in a project, without licences and lock files.
#[derive(Default)]
struct Sizes {
    by_folder: BTreeMap<String, Amount>,
    /// Outside of the folders that an owner need not know.
    files: usize,
    /// Outside of the crate that keeps builds fresh.
    lines: usize,
    page: usize,
    tests_of_the_page: usize,
}

/// Counts the largest project, with the page and the workflows; blank lines and comments count.
pub(crate) fn check(lab: &Lab) -> Result<()> {
    let project = lab.generate("size", &Answers::new("engine", &[]))?;
    let sizes = Sizes::of(&project)?;
    let to_begin = sum(&project, &TO_BEGIN)?;
    let example = sum(&project, &EXAMPLE)?;

    for (folder, amount) in &sizes.by_folder {
        eprintln!("              {folder}: {} files, {} lines", amount.files, amount.lines);
    }
    let Sizes { files, lines, page, tests_of_the_page, .. } = sizes;
    eprintln!("              {files} files, {lines} lines, {to_begin} of them to begin with, {example} of the example");

    let mut faults = Vec::new();
    for (what, found, allowed) in [
        ("files", files, FILES),
        ("lines", lines, LINES),
        ("lines to begin with", to_begin, LINES_TO_BEGIN),
        ("lines of the example", example, LINES_OF_THE_EXAMPLE),
        ("lines of the page", page, LINES_OF_THE_PAGE),
        ("lines of the page's tests", tests_of_the_page, LINES_OF_ITS_TESTS),
    ] {
        if found > allowed {
            faults.push(format!("{found} {what}; allowed are {allowed}"));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

impl Sizes {
    fn of(project: &Path) -> Result<Self> {
        let mut sizes = Self::default();
        for path in files(project)? {
            if path.ends_with("lock.json") || path.ends_with("Cargo.lock") || path.starts_with("LICENSE") {
                continue;
            }
            sizes.add(&path, lines(&project.join(&path))?);
        }
        Ok(sizes)
    }

    fn add(&mut self, path: &str, lines: usize) {
        let folder = path.split_once('/').map_or(".", |(folder, _)| folder);
        let amount = self.by_folder.entry(folder.to_owned()).or_default();
        amount.files += 1;
        amount.lines += lines;

        if !APART.contains(&folder) {
            self.files += 1;
        }
        if folder != "unstale" {
            self.lines += lines;
        }
        if path.starts_with("www/src/") || path == "www/index.html" {
            self.page += lines;
        } else if path.starts_with("www/tests/") {
            self.tests_of_the_page += lines;
        }
    }
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
