//! What a generated project's README tells its owner to do: to write over the example, to go without the page, to raise
//! wasm-bindgen, and to rename.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{answers::Answers, command, exports, generator::Lab, leftovers::files, markdown::Document, project};

/// A step in the README's table.
pub(crate) struct Step {
    /// The files and folders that are written over.
    pub(crate) files: Vec<String>,
    /// What passes afterwards.
    pub(crate) command: String,
}

/// The steps that replace the example, in their order.
pub(crate) fn read(readme: &str) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for row in Document::parse(readme).rows {
        if let [_, files, command] = row.as_slice()
            && let [command] = command.as_slice()
        {
            steps.push(Step { files: files.clone(), command: command.clone() });
        }
    }
    ensure!(steps.len() >= 3, "README.md has a table of {} steps", steps.len());
    Ok(steps)
}

/// Does what the README says after its table.
pub(crate) fn check(lab: &Lab) -> Result<()> {
    let project = lab.generate("steps", &Answers::new("engine", &[("scope", "@ada")]))?;
    commit(lab, &project)?;
    project::share_target(lab, &project)?;

    let readme = Document::read(&project.join("README.md"))?;
    let command = |words: &str| {
        let found = readme.commands().find(|command| command.contains(words));
        found.with_context(|| format!("README.md has no `{words}`"))
    };
    delete_the_page(lab, &project, command("git rm")?)?;
    refuse_a_crate_without_lints(lab, &project)?;
    rename(lab, &project)?;
    // Last, because the tool for the newer version is compiled for minutes.
    project::run_line(lab, &project, command("cargo update")?.trim())?;
    exports::stays_raised(lab, &project)
}

/// Git leaves what it does not know, such as `www/node_modules`: it is not a page.
fn delete_the_page(lab: &Lab, project: &Path, line: &str) -> Result<()> {
    fs::create_dir_all(project.join("www/node_modules/left"))?;
    project::run_line(lab, project, line.trim())?;
    ensure!(project.join("www/node_modules").exists(), "the test is of a folder that is left");

    for (line, said) in
        [("cargo xtask test page", "this project has no page"), ("cargo xtask dev", "this project has no page")]
    {
        let printed = command::failure(&mut lab.shell(line, project))?;
        ensure!(printed.contains(said), "`{line}` should say `{said}`:\n{printed}");
    }
    Ok(())
}

/// A crate is linted only if it inherits the lints.
fn refuse_a_crate_without_lints(lab: &Lab, project: &Path) -> Result<()> {
    project::run_line(lab, project, "cargo new --quiet --vcs none --lib crates/extra")?;
    let manifest = project.join("crates/extra/Cargo.toml");
    let whole = fs::read_to_string(&manifest)?;
    fs::write(project.join("crates/extra/src/lib.rs"), "//! More.\n")?;
    fs::write(&manifest, whole.replace("[lints]\nworkspace = true\n", ""))?;
    project::run_line(lab, project, "cargo update --workspace --quiet")?;

    let printed = command::failure(&mut lab.shell("cargo xtask test lint", project))?;
    let is_named = printed.contains("extra") && printed.contains("[lints]");
    ensure!(is_named, "a crate without the lints should be named, with what to add:\n{printed}");
    fs::write(manifest, whole)?;
    Ok(())
}

/// The crate `common` and the npm package under other names.
fn rename(lab: &Lab, project: &Path) -> Result<()> {
    fs::rename(project.join("common"), project.join("greetings"))?;
    for path in files(project)? {
        let path = project.join(path);
        let is_named = ["toml", "rs"].iter().any(|extension| path.extension().is_some_and(|it| it == *extension));
        let is_apart = ["unstale", "xtask"].iter().any(|folder| path.starts_with(project.join(folder)));
        if !is_named || is_apart {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        fs::write(&path, replace_word(&text, "common", "greetings"))?;
    }
    edit(&project.join("wasm-client/npm/package.json"), "@ada/engine", "@ada/greetings")?;
    edit(&project.join("wasm-client/npm/README.md"), "\"@ada/engine\"", "\"@ada/greetings\"")?;
    // The name is longer, so the order of a list of imports may be another.
    for line in ["cargo update --workspace --quiet", "cargo fmt --all", "cargo xtask build", "cargo xtask test"] {
        project::run_line(lab, project, line)?;
    }
    Ok(())
}

pub(crate) fn replace_word(text: &str, word: &str, by: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let end = at + word.len();
        let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        let whole = !is_part(rest[..at].chars().next_back()) && !is_part(rest[end..].chars().next());
        replaced.push_str(&rest[..at]);
        replaced.push_str(if whole { by } else { word });
        rest = &rest[end..];
    }
    replaced + rest
}

fn edit(path: &PathBuf, from: &str, to: &str) -> Result<()> {
    let text = fs::read_to_string(path)?;
    ensure!(text.contains(from), "{} has no `{from}`", path.display());
    fs::write(path, text.replace(from, to))?;
    Ok(())
}

fn commit(lab: &Lab, project: &Path) -> Result<()> {
    for arguments in [&["add", "--all"][..], &["commit", "--quiet", "--message", "State"]] {
        let mut git = Command::new("git");
        lab.known(git.args(arguments), project);
        command::output(&mut git)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_table() {
        let table = "| step | files | command |\n| - | - | - |\n";
        let row = "| 1. it | `a/b`, `c` | `cargo xtask test x` |\n";
        let steps = read(&format!("{table}{row}{row}{row}")).unwrap();
        assert_eq!(steps[0].files, ["a/b", "c"]);
        assert_eq!(steps[0].command, "cargo xtask test x");
        assert!(read(&format!("{table}{row}")).is_err());
    }

    #[test]
    fn replaces_whole_words_only() {
        assert_eq!(replace_word("common::x uncommon common_y", "common", "z"), "z::x uncommon common_y");
    }
}
