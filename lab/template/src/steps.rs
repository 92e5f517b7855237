//! What a generated project's README tells its owner to do, done by reading its commands and files from it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{answers::Answers, command, generator::Lab, leftovers::files, project};

const SECTION: &str = "## Put your own library in";

/// A block of code in a list of steps.
struct Block {
    step: u32,
    language: String,
    /// The last file that the text before it names.
    file: Option<String>,
    text: String,
}

/// Puts the README's library in the place of the example, and imports it; then adds and renames as the README says.
pub(crate) fn check(lab: &Lab) -> Result<()> {
    let answers = Answers::new("engine", &[("scope", "@ada"), ("www", "false")]);
    let project = lab.generate("steps", &answers)?;
    commit(lab, &project)?;
    project::share_target(lab, &project)?;
    let blocks = blocks(&fs::read_to_string(project.join("README.md"))?)?;
    for block in &blocks {
        apply(lab, &project, block)?;
    }
    for path in ["common/src/lib.rs", "wasm-client/src/lib.rs", "wasm-client/tests/answers.rs"] {
        ensure!(project.join(path).is_file(), "the steps do not write {path}");
    }
    let traces = super::replace::traces(&project, &["README.md"])?;
    ensure!(traces.is_empty(), "the steps leave something of the example:\n{}", traces.join("\n"));
    let package = answers.package();
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval"]);
    node.arg("import { greet } from './wasm-client/pkg/index.js'; console.log(greet('Ada'))");
    lab.known(&mut node, &project);
    ensure!(command::output(&mut node)?.trim() == "Hello, Ada!", "`{package}` does not greet");
    commit(lab, &project)?;

    add_a_crate(lab, &project)?;
    add_a_dependency(lab, &project)?;
    rename(lab, &project)
}

/// Deletes the example as step 1 says.
pub(crate) fn delete_example(lab: &Lab, project: &Path) -> Result<()> {
    commit(lab, project)?;
    for block in blocks(&fs::read_to_string(project.join("README.md"))?)?.iter().filter(|block| block.step == 1) {
        apply(lab, project, block)?;
    }
    Ok(())
}

/// The files and folders that step 1 of a README deletes.
pub(crate) fn example(readme: &str) -> Result<Vec<String>> {
    let blocks = blocks(readme)?;
    let commands = blocks.iter().filter(|block| block.step == 1).map(|block| block.text.as_str());
    let paths: Vec<String> =
        commands.flat_map(str::split_whitespace).filter(|word| word.contains('/')).map(str::to_owned).collect();
    ensure!(!paths.is_empty(), "step 1 deletes nothing");
    Ok(paths)
}

fn apply(lab: &Lab, project: &Path, block: &Block) -> Result<()> {
    if block.language == "sh" {
        // A command may go on in the next line.
        for line in block.text.replace("\\\n", "").lines() {
            project::run_line(lab, project, line).with_context(|| format!("step {}", block.step))?;
        }
    } else {
        let file = block.file.as_ref().with_context(|| format!("step {} names no file", block.step))?;
        let path = project.join(file);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(path, &block.text)?;
    }
    Ok(())
}

/// The blocks of the README's steps, in their order.
fn blocks(readme: &str) -> Result<Vec<Block>> {
    let (_, section) = readme.split_once(SECTION).with_context(|| format!("README.md has no `{SECTION}`"))?;
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut blocks: Vec<Block> = Vec::new();
    let (mut step, mut file, mut fence) = (0, None, None::<String>);
    for line in section.lines() {
        let bare = line.strip_prefix("   ").unwrap_or(line);
        if let Some(open) = &fence {
            if bare == open {
                fence = None;
            } else if let Some(block) = blocks.last_mut() {
                block.text.push_str(bare);
                block.text.push('\n');
            }
        } else if bare.starts_with("```") {
            let language = bare.trim_start_matches('`').to_owned();
            fence = Some(bare[..bare.len() - language.len()].to_owned());
            blocks.push(Block { step, language, file: file.take(), text: String::new() });
        } else {
            if let Some((number, _)) = line.split_once(". ")
                && let Ok(number) = number.parse()
            {
                step = number;
            }
            let names = line.split('`').skip(1).step_by(2);
            let is_file =
                |name: &&str| name.contains('/') && name.rsplit('/').next().is_some_and(|end| end.contains('.'));
            file = names.filter(is_file).last().map(str::to_owned).or(file);
        }
    }
    ensure!(step == 6 && blocks.len() >= 6, "README.md has {step} steps with {} blocks", blocks.len());
    Ok(blocks)
}

/// A third crate, which is linted only if it inherits the lints.
fn add_a_crate(lab: &Lab, project: &Path) -> Result<()> {
    let crate_dir = project.join("extra");
    fs::create_dir_all(crate_dir.join("src"))?;
    let manifest = "[package]\nname = \"extra\"\nedition.workspace = true\n";
    fs::write(crate_dir.join("Cargo.toml"), manifest)?;
    fs::write(crate_dir.join("src/lib.rs"), "//! More.\n")?;
    edit(&project.join("Cargo.toml"), "members = [", "members = [\"extra\", ")?;
    project::run_line(lab, project, "cargo update --workspace --quiet")?;
    let printed = command::failure(&mut lab.shell("cargo xtask test lint", project))?;
    ensure!(
        printed.contains("extra") && printed.contains("[lints]"),
        "a crate without the lints should be named, with what to add:\n{printed}"
    );
    fs::write(crate_dir.join("Cargo.toml"), format!("{manifest}\n[lints]\nworkspace = true\n"))?;
    project::run_line(lab, project, "cargo xtask test lint")
}

fn add_a_dependency(lab: &Lab, project: &Path) -> Result<()> {
    for line in
        ["cargo add --quiet --package wasm-client web-sys", "cargo update --quiet wasm-bindgen", "cargo xtask build"]
    {
        project::run_line(lab, project, line)?;
    }
    Ok(())
}

/// The crate `common` and the npm package under other names.
fn rename(lab: &Lab, project: &Path) -> Result<()> {
    fs::rename(project.join("common"), project.join("greetings"))?;
    for path in files(project)? {
        let path = project.join(path);
        let is_named = ["toml", "rs"].iter().any(|extension| path.extension().is_some_and(|it| it == *extension))
            || path.ends_with("Earthfile");
        if !is_named || path.starts_with(project.join("xtask")) {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        fs::write(&path, replace_word(&text, "common", "greetings"))?;
    }
    edit(&project.join("wasm-client/npm/package.json"), "@ada/engine", "@ada/greetings")?;
    edit(&project.join("wasm-client/npm/README.md"), "\"@ada/engine\"", "\"@ada/greetings\"")?;
    for line in ["cargo update --workspace --quiet", "cargo xtask build", "cargo xtask test"] {
        project::run_line(lab, project, line)?;
    }
    Ok(())
}

fn replace_word(text: &str, word: &str, by: &str) -> String {
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
    if !text.contains(from) {
        bail!("{} has no `{from}`", path.display());
    }
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
