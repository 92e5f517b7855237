//! Other libraries, in `replacements`, are written over the starter, step by step as the README says. No step may leave its
//! command red, and nothing of the starter may be left. Where somebody forgets a step, a command has to say so.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use toml_edit::{DocumentMut, Item, Value};

use crate::{
    answers::Answers,
    command,
    generator::Lab,
    leftovers::files,
    project,
    steps::{self, Step},
};

/// A library, and the crates that it needs.
struct Replacement {
    name: &'static str,
    /// The command that tests it: freshness, which takes longest, is tried once.
    test: &'static str,
    dependencies: &'static [Dependency],
}

struct Dependency {
    /// Who needs it.
    by: &'static str,
    name: &'static str,
    version: &'static str,
}

const REPLACEMENTS: [Replacement; 3] = [
    Replacement {
        name: "text",
        test: "BLESS=1 cargo xtask test",
        dependencies: &[
            Dependency { by: "wasm-client", name: "serde_path_to_error", version: "0.1" },
            Dependency { by: "wasm-client", name: "wasm-bindgen-futures", version: "0.4" },
        ],
    },
    Replacement { name: "markdown", test: QUICK, dependencies: &[MARKDOWN] },
    Replacement {
        name: "hash",
        test: QUICK,
        dependencies: &[Dependency { by: "common", name: "blake3", version: "1" }],
    },
];

const MARKDOWN: Dependency = Dependency { by: "common", name: "pulldown-cmark", version: "0.13" };

const QUICK: &str = "BLESS=1 cargo xtask test lint library package runtime";

/// Words of the starter that no other library has a use for.
const TRACES: [&str; 4] = ["greet", "guest", "is_loud", "translation"];

const DESCRIPTION: &str = "Another library.";

/// Without the page, which shows the example.
const ANSWERS: (&str, &str) = ("www", "false");

/// Replaces the example by the library of that name.
pub(crate) fn check(lab: &Lab, name: &str) -> Result<()> {
    let replacement = REPLACEMENTS.iter().find(|replacement| replacement.name == name);
    replace(lab, replacement.with_context(|| format!("there is no replacement `{name}`"))?)
}

fn replace(lab: &Lab, replacement: &Replacement) -> Result<()> {
    let answers = Answers::new("engine", &[ANSWERS, ("scope", "@ada")]);
    let project = lab.generate("replace", &answers)?;
    project::share_target(lab, &project)?;
    let before = files(&project)?;
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("replacements").join(replacement.name);

    for dependency in replacement.dependencies {
        depend(&project, dependency)?;
    }
    project::run_line(lab, &project, "cargo update --workspace --quiet")?;
    for step in steps::read(&fs::read_to_string(project.join("README.md"))?)? {
        write_over(&project, &sources, &step, &answers.package())?;
        project::run_line(lab, &project, &step.command)?;
    }
    describe(&project, &answers)?;
    let traces = traces(&project)?;
    ensure!(traces.is_empty(), "the steps leave something of the example:\n{}", traces.join("\n"));
    for line in ["cargo xtask build", replacement.test] {
        project::run_line(lab, &project, line)?;
    }

    let touched = ["common/", "wasm-client/", "Cargo.toml", "Cargo.lock"];
    let is_elsewhere = |path: &&String| !touched.iter().any(|start| path.starts_with(start));
    let after = files(&project)?;
    let strays: Vec<&String> = after.symmetric_difference(&before).filter(is_elsewhere).collect();
    ensure!(strays.is_empty(), "files came or went elsewhere: {strays:?}");
    import(lab, &project, &sources.join("consumer.mjs"), &answers.package())
}

/// Puts the replacement's files in the place of those that a step names.
fn write_over(project: &Path, sources: &Path, step: &Step, package: &str) -> Result<()> {
    for path in &step.files {
        let old = project.join(path);
        if old.is_dir() {
            fs::remove_dir_all(&old)?;
        } else {
            fs::remove_file(&old)?;
        }

        for file in files(sources)?.iter().filter(|file| Path::new(file).starts_with(path)) {
            let to = project.join(file);
            fs::create_dir_all(to.parent().context("a file has a folder")?)?;
            fs::write(to, fs::read_to_string(sources.join(file))?.replace("PACKAGE", package))?;
        }
    }
    Ok(())
}

/// Writes what the package and the project say of themselves.
fn describe(project: &Path, answers: &Answers) -> Result<()> {
    edit(&project.join("Cargo.toml"), |manifest| {
        manifest["workspace"]["package"]["description"] = toml_edit::value(DESCRIPTION);
    })?;
    fs::write(project.join("README.md"), format!("# {}\n\n{DESCRIPTION}\n", answers.settled))?;
    Ok(())
}

/// Lines with a word of the starter. The licences have one of them in another sense.
fn traces(project: &Path) -> Result<Vec<String>> {
    let is_ours = |path: &&String| !path.starts_with("wasm-client/pkg/") && !path.contains("LICENSE");
    let mut found = Vec::new();
    for path in files(project)?.iter().filter(is_ours) {
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
    // npm packs the folder as it is; it does not publish that.
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
fn depend(project: &Path, dependency: &Dependency) -> Result<()> {
    let Dependency { by, name, version } = *dependency;
    edit(&project.join("Cargo.toml"), |manifest| {
        let all = &mut manifest["workspace"]["dependencies"];
        if all.get(name).is_none() {
            all[name] = Item::Value(Value::from(version));
        }
    })?;
    edit(&project.join(by).join("Cargo.toml"), |manifest| {
        let own = manifest.entry("dependencies").or_insert(toml_edit::table());
        if own.get(name).is_none() {
            own[name]["workspace"] = toml_edit::value(true);
            if let Some(table) = own[name].as_inline_table_mut() {
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
    ensure!(whole.contains("greet(\"Ada\""), "{} has no `greet(\"Ada\"`", readme.display());
    fs::write(&readme, whole.replace("greet(\"Ada\"", "salute(\"Ada\""))?;
    // No limit is set to the size of what is wrong.
    let budget = project.join("wasm-client/tests/package/budget.json");
    let limits = fs::read_to_string(&budget)?;
    let bless = RUNTIME.replace("&& ", "&& BLESS=1 ");
    says(&bless, &["example 1 of the README prints what it says"])?;
    ensure!(fs::read_to_string(&budget)? == limits, "BLESS=1 set limits although a test failed");
    fs::write(&readme, whole)?;

    // Every limit that is exceeded, at once.
    fs::write(&budget, "{ \"module\": { \"raw\": 1, \"gzip\": 2 }, \"tarball\": { \"packed\": 3 } }\n")?;
    says(RUNTIME, &["budget.json", "BLESS=1", "module, raw", "module, gzip", "tarball, packed"])?;
    fs::write(&budget, limits)?;

    // The lock file is left behind.
    depend(&project, &MARKDOWN)?;
    says("cargo xtask build", &["Cargo.lock"])
}
