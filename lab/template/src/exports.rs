//! docs/exports.md, done as it says: its snippets are added to a generated project, built, and run from JavaScript. And
//! the examples of README.md.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::symlink,
    path::Path,
};

use anyhow::{Context, Result, ensure};

use crate::{
    answers::Answers,
    command,
    generator::Lab,
    markdown::{Block, Document},
    project,
};

const BINDING: &str = "wasm-client/src/lib.rs";

/// What stands above a manifest's dependencies.
const DEPENDENCIES: &str = "[dependencies]\n";

/// The first section, whose commands build and test what the others add.
const INTRODUCTION: &str = "Exports, one kind after the other";

/// In the commands that raise the versions in Cargo.lock.
const RAISES: &str = "cargo update js-sys";

/// Adds every snippet, builds and tests once, and runs the snippets in JavaScript.
pub(crate) fn check(lab: &Lab) -> Result<()> {
    let answers = Answers::new("engine", &[("www", "false")]);
    let project = lab.generate("exports", &answers)?;
    project::share_target(lab, &project)?;

    let blocks = Document::read(&project.join("docs/exports.md"))?.blocks;
    let locked = wasm_bindgen(&project)?;
    for block in blocks.iter().filter(|block| block.section != INTRODUCTION) {
        add(lab, &project, block).with_context(|| format!("docs/exports.md, {}", block.section))?;
    }
    let now = wasm_bindgen(&project)?;
    ensure!(now == locked, "a command of docs/exports.md raised wasm-bindgen from {locked} to {now}");

    for line in
        ["cargo fmt --all --check", "cargo xtask build", "BLESS=1 cargo xtask test lint library package runtime"]
    {
        project::run_line(lab, &project, line)?;
    }
    let consumer = install(lab, &project, &answers.package())?;
    for block in blocks.iter().filter(|block| block.language == "js") {
        run(lab, &consumer, &answers.package(), block)?;
    }
    raise(lab, &project, &blocks)
}

/// Runs the examples of README.md with the repository's own library and package.
pub(crate) fn of_the_readme(lab: &Lab) -> Result<()> {
    let blocks = Document::read(&lab.root.join("README.md"))?.blocks;
    let example = |language: &str| {
        let found = blocks.iter().find(|block| block.language == language);
        found.with_context(|| format!("README.md has no example in {language}"))
    };

    let consumer = install(lab, &lab.root, "fresh-wasm")?;
    run(lab, &consumer, "fresh-wasm", example("js")?)?;

    let manifest = format!(
        "[package]\nname = \"readme\"\nedition = \"2024\"\n\n[dependencies]\ncommon.path = '{}'\n",
        lab.root.join("common").display()
    );
    fs::write(consumer.join("Cargo.toml"), manifest)?;
    let rust = &example("rust")?.text;
    fs::create_dir(consumer.join("src"))?;
    let main = format!("fn main() -> Result<(), common::Error> {{\n{rust}let _ = (summary, histogram);\nOk(())\n}}\n");
    fs::write(consumer.join("src/main.rs"), main)?;
    project::run_line(lab, &consumer, "cargo run --quiet")
}

/// Does what a block says: a command is run, Rust is added to the file that the text names, or is that file, and TOML is added
/// to the dependencies in that file.
fn add(lab: &Lab, project: &Path, block: &Block) -> Result<()> {
    match block.language.as_str() {
        "sh" if !block.text.contains(RAISES) => {
            for line in block.text.lines() {
                project::run_line(lab, project, line)?;
            }
        }
        "rust" => {
            let path = project.join(block.file.as_deref().unwrap_or(BINDING));
            let is_whole = block.text.starts_with("//!");
            let mut file = File::options().write(true).append(!is_whole).truncate(is_whole).open(&path)?;
            let gap = if is_whole { "" } else { "\n" };
            write!(file, "{gap}{}", block.text)?;
        }
        "toml" => {
            let path = project.join(block.file.as_deref().context("no file is named before TOML")?);
            let before = fs::read_to_string(&path)?;
            let after = before.replacen(DEPENDENCIES, &format!("{DEPENDENCIES}{}", block.text), 1);
            ensure!(after != before, "{} has no `[dependencies]`", path.display());
            fs::write(path, after)?;
        }
        _ => {}
    }
    Ok(())
}

/// A folder in which the built package is installed.
fn install(lab: &Lab, project: &Path, package: &str) -> Result<std::path::PathBuf> {
    let consumer = lab.fresh("exports-consumer")?;
    let modules = consumer.join("node_modules");
    fs::create_dir_all(&modules)?;
    symlink(project.join("wasm-client/pkg"), modules.join(package))?;
    Ok(consumer)
}

/// Runs an example, which has to print what the comments beside its lines say.
fn run(lab: &Lab, consumer: &Path, package: &str, block: &Block) -> Result<()> {
    fs::write(consumer.join("example.mjs"), block.text.replace("your-package", package))?;
    let mut node = lab.shell("node example.mjs 2>&1", consumer);
    let printed = command::output(&mut node).with_context(|| format!("the example of `{}`", block.section))?;

    let said = block.text.lines().filter(|line| line.contains("console."));
    let said: Vec<&str> = said.filter_map(|line| line.split_once("); // ")).map(|(_, said)| said).collect();
    ensure!(!said.is_empty(), "the example of `{}` says nothing of what it prints", block.section);
    let printed: Vec<&str> = printed.lines().collect();
    ensure!(printed == said, "the example of `{}` prints {printed:?}, and says {said:?}", block.section);
    Ok(())
}

/// The command that raises wasm-bindgen leaves nothing of it that could still be raised.
fn raise(lab: &Lab, project: &Path, blocks: &[Block]) -> Result<()> {
    let command = blocks.iter().find(|block| block.text.contains(RAISES));
    let command = command.with_context(|| format!("docs/exports.md has no `{RAISES}`"))?;
    project::run_line(lab, project, command.text.trim())?;
    stays_raised(lab, project)
}

/// `cargo update` would not raise wasm-bindgen any further.
pub(crate) fn stays_raised(lab: &Lab, project: &Path) -> Result<()> {
    let mut cargo = lab.shell("cargo update --dry-run 2>&1", project);
    let said = command::output(&mut cargo)?;
    ensure!(!said.contains("Updating wasm-bindgen "), "wasm-bindgen can still be raised:\n{said}");
    Ok(())
}

/// The version of wasm-bindgen in Cargo.lock.
fn wasm_bindgen(project: &Path) -> Result<String> {
    let lock: toml_edit::DocumentMut = fs::read_to_string(project.join("Cargo.lock"))?.parse()?;
    let packages = lock["package"].as_array_of_tables().context("Cargo.lock has no packages")?;
    let package = packages.iter().find(|package| package["name"].as_str() == Some("wasm-bindgen"));
    let version = package.and_then(|package| package["version"].as_str()).context("Cargo.lock has no wasm-bindgen")?;
    Ok(version.to_owned())
}
