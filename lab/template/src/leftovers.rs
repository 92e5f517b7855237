//! What a generated project must not contain: a trace of the template, and a hole where something was left out.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};

use crate::answers::Answers;

/// Words of this repository that nobody else's has.
const TRACES: [&str; 8] = [
    "fresh-wasm",
    "fresh_wasm",
    "freshwasm",
    "cargo-generate",
    "cargo generate",
    "cargo_generate",
    "this template",
    "the template",
];

/// Files that say where the project came from.
const ABOUT_UPDATES: [&str; 2] = ["README.md", "template.toml"];

/// Files that may name the page without having it: what they say of it does nothing then.
const MAY_NAME_THE_PAGE: [&str; 3] = [".earthlyignore", ".gitignore", "template.toml"];

/// Names of this repository's own files and folders.
const NAMES: [&str; 5] = ["lab", "template", "cargo-generate.toml", "CHANGELOG.md", ".ci"];

/// Every file below a folder, by its path with `/`, less git's and those of the target folders, which each workspace has.
pub(crate) fn files(dir: &Path) -> Result<BTreeSet<String>> {
    fn visit(root: &Path, dir: &Path, found: &mut BTreeSet<String>) -> Result<()> {
        for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
            let path = entry?.path();
            let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            if name == ".git" || path.ends_with("target") {
                continue;
            }
            if fs::symlink_metadata(&path)?.is_dir() {
                visit(root, &path, found)?;
            } else {
                found.insert(name);
            }
        }
        Ok(())
    }
    let mut found = BTreeSet::new();
    visit(dir, dir, &mut found)?;
    Ok(found)
}

/// A sentence for each leftover.
pub(crate) fn find(project: &Path, answers: &Answers, processed: &[String]) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let all = files(project)?;
    for path in &all {
        let extension = path.rsplit('.').next().unwrap_or_default();
        if NAMES.iter().any(|name| path == name || path.starts_with(&format!("{name}/")))
            || ["liquid", "rhai"].contains(&extension)
        {
            faults.push(format!("{path} is the template's own"));
        }

        let Ok(text) = fs::read_to_string(project.join(path)) else { continue };
        let is_processed = processed.iter().any(|name| name.trim_start_matches('/') == path);
        if is_processed && is_ragged(&text) {
            let how = "lines that are empty in a row, or end in spaces";
            faults.push(format!("{path}: {how}, where something was left out"));
        }
        // What people answered in their own words is theirs, braces and all.
        let text = ["description", "author"]
            .map(|question| answers.get(question))
            .iter()
            .fold(text, |text, answer| if answer.is_empty() { text } else { text.replace(answer, "…") });

        for (number, line) in text.lines().enumerate() {
            let file = File { path, is_processed };
            let found = file.wrong_in(line, answers).into_iter();
            faults.extend(found.map(|what| format!("{path}:{}: {what}: {}", number + 1, line.trim())));
        }
        if extension == "md" {
            faults.extend(broken_links(project, path, &text));
        }
    }
    Ok(faults)
}

/// A file of a project.
struct File<'a> {
    path: &'a str,
    /// Whether it went through Liquid.
    is_processed: bool,
}

impl File<'_> {
    /// What a line should not have.
    fn wrong_in(&self, line: &str, answers: &Answers) -> Vec<&'static str> {
        let lower = line.to_lowercase();
        let is_lock = ["lock.json", ".lock"].iter().any(|end| self.path.ends_with(end));
        let mut wrong = Vec::new();
        if !ABOUT_UPDATES.contains(&self.path) && TRACES.iter().any(|trace| lower.contains(trace)) {
            wrong.push("a trace of the template");
        }
        if self.is_processed && (line.contains("{{") || line.contains("{%")) && !line.contains("{{ too }}") {
            wrong.push("a placeholder");
        }
        if !answers.has_page() && !is_lock && !self.may_name_the_page() && names_the_page(&lower) {
            wrong.push("the demo page, which is not there");
        }
        if !is_lock && names_what_is_left_out(&lower) {
            wrong.push("a folder that is not there");
        }
        if !answers.has_workflows() && lower.contains(".github/") {
            wrong.push("the workflows, which are not there");
        }
        wrong
    }

    /// The program that builds copes with both, and the package works with Vite in anybody's hands.
    fn may_name_the_page(&self) -> bool {
        let is_in = |folder| self.path.starts_with(folder);
        is_in("xtask/") || is_in("wasm-client/") || MAY_NAME_THE_PAGE.contains(&self.path)
    }
}

/// The template's own folders, as a word.
fn names_what_is_left_out(line: &str) -> bool {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    words.into_iter().any(|word| ["lab", "cargo-unstale"].contains(&word))
}

fn names_the_page(line: &str) -> bool {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-');
    words
        .map(|word| word.trim_end_matches('.'))
        .any(|word| ["www", "vite", "vite.config.ts", "pages.yml"].contains(&word))
}

fn is_ragged(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    lines.windows(2).any(|pair| pair[0].is_empty() && pair[1].is_empty())
        || lines.iter().any(|line| line.ends_with(' '))
        || lines.last().is_some_and(|line| line.is_empty())
        || !text.ends_with('\n')
}

/// Links of a Markdown file to files that are not there.
fn broken_links(project: &Path, path: &str, text: &str) -> Vec<String> {
    let folder = project.join(path);
    let folder = folder.parent().unwrap_or(project);
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local = targets.filter(|target| !target.contains("://") && !target.starts_with('#') && !target.contains(' '));
    let missing = local.filter(|target| !folder.join(target.split('#').next().unwrap_or_default()).exists());
    missing.map(|target| format!("{path} links to {target}, which is not there")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_makes_is_no_file_of_the_project() -> Result<()> {
        let dir = std::env::temp_dir().join(format!("leftovers-{}", std::process::id()));
        for path in ["target/a", "xtask/target/b", "xtask/src/c"] {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().context("it has a folder")?)?;
            fs::write(path, "")?;
        }
        let found = files(&dir);
        fs::remove_dir_all(&dir)?;
        assert_eq!(found?, BTreeSet::from(["xtask/src/c".to_owned()]));
        Ok(())
    }
}
