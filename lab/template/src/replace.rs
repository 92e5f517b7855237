//! Other libraries, in `replacements`, take the place of the example, which the README's first step deletes. Nothing of it
//! may be left, and where somebody forgets a step, a command has to say so.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use toml_edit::{DocumentMut, Item, Value};

use crate::{answers::Answers, command, generator::Lab, leftovers::files, project, steps};

/// A library, and the crates that it needs: by whom, their names and versions.
struct Replacement {
    name: &'static str,
    /// The command that tests it: freshness, which takes longest, is tried once.
    test: &'static str,
    dependencies: &'static [(&'static str, &'static str, &'static str)],
}

const REPLACEMENTS: [Replacement; 3] = [
    Replacement {
        name: "text",
        test: "BLESS=1 cargo xtask test",
        dependencies: &[("wasm-client", "serde_path_to_error", "0.1"), ("wasm-client", "wasm-bindgen-futures", "0.4")],
    },
    Replacement { name: "markdown", test: QUICK, dependencies: &[("common", "pulldown-cmark", "0.13")] },
    Replacement { name: "hash", test: QUICK, dependencies: &[("common", "blake3", "1")] },
];

const QUICK: &str = "BLESS=1 cargo xtask test lint library package runtime";

/// Words of the example that no other library has a use for.
const TRACES: [&str; 9] = [
    "accumulator",
    "empty_series",
    "float64array",
    "histogram",
    "invalid_bins",
    "quartile",
    "series of numbers",
    "statistic",
    "summarize",
];

const DESCRIPTION: &str = "Another library.";

/// Without the page, which shows the example.
const ANSWERS: (&str, &str) = ("www", "false");

/// Replaces the example by the library of that name.
pub(crate) fn check(lab: &Lab, name: &str) -> Result<()> {
    let replacement = REPLACEMENTS.iter().find(|replacement| replacement.name == name);
    replace(lab, replacement.with_context(|| format!("there is no replacement `{name}`"))?)
}

fn replace(lab: &Lab, replacement: &Replacement) -> Result<()> {
    let name = replacement.name;
    let mut answers = Answers::new("engine", &[ANSWERS, ("scope", "@ada")]);
    answers.settled = "engine";
    let project = lab.generate("replace", &answers)?;
    project::share_target(lab, &project)?;
    let before = files(&project)?;
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("replacements").join(name);
    steps::delete_example(lab, &project)?;
    for path in files(&sources)?.iter().filter(|path| path.contains('/')) {
        let to = project.join(path);
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        let text = fs::read_to_string(sources.join(path))?;
        fs::write(to, text.replace("PACKAGE", &answers.package()))?;
    }
    edit(&project.join("Cargo.toml"), |manifest| {
        manifest["workspace"]["package"]["description"] = toml_edit::value(DESCRIPTION);
    })?;
    fs::write(project.join("README.md"), format!("# {}\n\n{DESCRIPTION}\n", answers.settled))?;
    let traces = traces(&project, &[])?;
    ensure!(traces.is_empty(), "the steps leave something of the example:\n{}", traces.join("\n"));
    for (krate, dependency, version) in replacement.dependencies {
        depend(&project, krate, dependency, version)?;
    }
    project::run_line(lab, &project, "cargo update --workspace --quiet")?;
    for line in ["cargo xtask build", replacement.test] {
        project::run_line(lab, &project, line)?;
    }
    let touched = ["common/", "wasm-client/", "Cargo.toml", "Cargo.lock"];
    let strays: Vec<String> = files(&project)?
        .symmetric_difference(&before)
        .filter(|path| !touched.iter().any(|start| path.starts_with(start)))
        .cloned()
        .collect();
    ensure!(strays.is_empty(), "files came or went elsewhere: {}", strays.join(", "));
    import(lab, &project, &sources.join("consumer.mjs"), &answers.package())
}

/// Lines with a word of the example, outside of some files.
pub(crate) fn traces(project: &Path, except: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for path in files(project)?.iter().filter(|path| !except.contains(&path.as_str())) {
        let Ok(text) = fs::read_to_string(project.join(path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if TRACES.iter().any(|trace| line.to_lowercase().contains(trace)) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    Ok(found)
}

/// Packs, installs and imports the package as a stranger would.
fn import(lab: &Lab, project: &Path, program: &Path, package: &str) -> Result<()> {
    let consumer = lab.fresh("consumer")?;
    let npm = |arguments: &[&str], dir: &Path| {
        let mut npm = Command::new("npm");
        lab.known(npm.args(arguments).arg("--loglevel=error"), dir);
        command::output(&mut npm)
    };
    let to = consumer.to_str().context("the temporary folder's path is no UTF-8")?;
    // With its `prepack`, which builds again and compares.
    let tarball = npm(&["pack", "--pack-destination", to], &project.join("wasm-client/pkg"))?;
    let tarball = tarball.trim().lines().last().unwrap_or_default().to_owned();
    fs::write(consumer.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    npm(&["install", "--ignore-scripts", "--offline", "--no-audit", "--no-fund", &format!("./{tarball}")], &consumer)?;
    let installed = project::json(&consumer.join("node_modules").join(package).join("package.json"))?;
    ensure!(installed["description"] == DESCRIPTION, "the package says of itself {}", installed["description"]);
    fs::write(consumer.join("consumer.mjs"), fs::read_to_string(program)?.replace("PACKAGE", package))?;
    let mut node = Command::new("node");
    lab.known(node.arg("consumer.mjs"), &consumer);
    command::output(&mut node).map(drop)
}

/// In the workspace with its version, in the crate by name.
fn depend(project: &Path, krate: &str, dependency: &str, version: &str) -> Result<()> {
    edit(&project.join("Cargo.toml"), |manifest| {
        let all = &mut manifest["workspace"]["dependencies"];
        if all.get(dependency).is_none() {
            all[dependency] = Item::Value(Value::from(version));
        }
    })?;
    edit(&project.join(krate).join("Cargo.toml"), |manifest| {
        let own = manifest.entry("dependencies").or_insert(toml_edit::table());
        if own.get(dependency).is_none() {
            own[dependency]["workspace"] = toml_edit::value(true);
            if let Some(table) = own[dependency].as_inline_table_mut() {
                table.set_dotted(true);
            }
        }
    })
}

fn edit(path: &PathBuf, change: impl FnOnce(&mut DocumentMut)) -> Result<()> {
    let mut manifest: DocumentMut = fs::read_to_string(path)?.parse()?;
    change(&mut manifest);
    fs::write(path, manifest.to_string())?;
    Ok(())
}

/// What is forgotten is named by a command.
pub(crate) fn forget_steps(lab: &Lab) -> Result<()> {
    const RUNTIME: &str = "cargo xtask build && cargo xtask test runtime";
    let project = lab.generate("forget", &Answers::new("engine", &[ANSWERS]))?;
    project::share_target(lab, &project)?;
    let says = |line: &str, said: &[&str]| {
        let printed = command::failure(&mut lab.shell(line, &project))?;
        for said in said {
            ensure!(printed.contains(said), "`{line}` should name `{said}`, and says:\n{printed}");
        }
        Ok(())
    };
    let readme = project.join("wasm-client/npm/README.md");
    let whole = fs::read_to_string(&readme)?;
    ensure!(whole.contains("summarize(series)"), "{} has no `summarize(series)`", readme.display());
    fs::write(&readme, whole.replace("summarize(series)", "describe(series)"))?;
    says(RUNTIME, &["example 1 of the README prints what it says"])?;
    fs::write(&readme, whole)?;

    // Every limit that is exceeded, at once.
    let budget = project.join("wasm-client/tests/package/budget.json");
    let whole = fs::read_to_string(&budget)?;
    fs::write(&budget, "{ \"module\": { \"raw\": 1, \"gzip\": 2 }, \"tarball\": { \"packed\": 3 } }\n")?;
    says(RUNTIME, &["budget.json", "BLESS=1", "module, raw", "module, gzip", "tarball, packed"])?;
    fs::write(&budget, whole)?;

    // The lock file is left behind.
    depend(&project, "common", "pulldown-cmark", "0.13")?;
    says("cargo xtask build", &["Cargo.lock"])
}
