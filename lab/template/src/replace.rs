//! The example is replaced in the five steps of a generated project's README: other libraries, with other APIs, in
//! `replacements`. And what the steps say that a build says, where one of them is left out.

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
    generator::{Lab, remove},
    leftovers::files,
    project,
};

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
        test: "cargo xtask test",
        dependencies: &[("wasm-client", "js-sys", "0.3"), ("wasm-client", "wasm-bindgen-futures", "0.4")],
    },
    Replacement { name: "markdown", test: QUICK, dependencies: &[("common", "pulldown-cmark", "0.13")] },
    Replacement { name: "hash", test: QUICK, dependencies: &[("common", "blake3", "1")] },
];

const QUICK: &str = "cargo xtask test format lint docs library package runtime consumer verify";

const PANIC: &str = "wasm-client/src/panic.rs";

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
    // Step 3 keeps it.
    let panic = fs::read(project.join(PANIC))?;
    for folder in ["common/src", "common/tests", "wasm-client/src", "wasm-client/tests"] {
        remove(&project.join(folder))?;
    }
    for path in files(&sources)?.iter().filter(|path| path.contains('/')) {
        let to = project.join(path);
        fs::create_dir_all(to.parent().context("a file has a folder")?)?;
        fs::copy(sources.join(path), to)?;
    }
    fs::write(project.join(PANIC), panic)?;
    // Step 3: what took the example's numbers in goes.
    fs::remove_file(project.join("wasm-client/npm/values.js"))?;
    for (krate, dependency, version) in replacement.dependencies {
        depend(&project, krate, dependency, version)?;
    }
    run(lab, &project, "cargo update --workspace --quiet")?;
    for line in ["cargo xtask build", replacement.test] {
        run(lab, &project, line)?;
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

/// Packs, installs and imports the package as a stranger would.
fn import(lab: &Lab, project: &Path, program: &Path, package: &str) -> Result<()> {
    let consumer = lab.fresh("consumer")?;
    let npm = |arguments: &[&str], dir: &Path| {
        let mut npm = Command::new("npm");
        lab.known(npm.args(arguments).arg("--loglevel=error"), dir);
        command::output(&mut npm)
    };
    let to = consumer.to_str().context("the temporary folder's path is no UTF-8")?;
    // With its `prepack`, which verifies.
    let tarball = npm(&["pack", "--pack-destination", to], &project.join("wasm-client/pkg"))?;
    let tarball = tarball.trim().lines().last().unwrap_or_default().to_owned();
    fs::write(consumer.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    npm(
        &["install", "--ignore-scripts", "--offline", "--no-audit", "--no-fund", &format!("./{tarball}")],
        &consumer,
    )?;
    fs::write(consumer.join("consumer.mjs"), fs::read_to_string(program)?.replace("PACKAGE", package))?;
    let mut node = Command::new("node");
    lab.known(node.arg("consumer.mjs"), &consumer);
    command::output(&mut node).map(drop)
}

/// As step 2 says: in the workspace with its version, in the crate by name.
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

fn run(lab: &Lab, project: &Path, line: &str) -> Result<()> {
    project::run_line(lab, project, line)
}

/// A step that is left out is named by the build.
pub(crate) fn forget_steps(lab: &Lab) -> Result<()> {
    let project = lab.generate("forget", &Answers::new("engine", &[ANSWERS]))?;
    project::share_target(lab, &project)?;
    let build = || {
        let mut cargo = Command::new("cargo");
        lab.known(cargo.args(["xtask", "build"]), &project);
        command::failure(&mut cargo)
    };
    for (path, line, said) in [
        ("common/src/lib.rs", "const _: Option<&str> = option_env!(\"COMMON_DIGEST\");", "COMMON_DIGEST"),
        ("wasm-client/src/lib.rs", "option_env!(\"WASM_CLIENT_DIGEST\")", "WASM_CLIENT_DIGEST"),
    ] {
        let path = project.join(path);
        let whole = fs::read_to_string(&path)?;
        ensure!(whole.contains(line), "{} has no `{line}`", path.display());
        fs::write(&path, whole.replace(line, if line.starts_with("const") { "" } else { "None" }))?;
        let printed = build()?;
        ensure!(
            printed.contains(said),
            "without `{line}` the build should name `{said}`, and says:\n{printed}"
        );
        fs::write(&path, whole)?;
    }
    // The lock file is left behind.
    depend(&project, "common", "pulldown-cmark", "0.13")?;
    let printed = build()?;
    ensure!(
        printed.contains("Cargo.lock"),
        "with a stale lock the build should name `Cargo.lock`, and says:\n{printed}"
    );
    Ok(())
}
