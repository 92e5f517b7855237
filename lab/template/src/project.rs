//! Generated projects: what has to be in them without building anything, and that they build.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use toml_edit::DocumentMut;

use crate::{
    answers::Answers,
    command,
    generator::{AUTHOR, Lab, tools},
    identity, leftovers,
    markdown::Document,
};

/// Generates each and compares it with its answers, two at a time.
pub(crate) fn look_at_each(lab: &Lab, sets: &[Answers]) -> Result<()> {
    let look = |folder: &str, sets: &[Answers]| {
        let mut faults = Vec::new();
        for answers in sets {
            let looked = lab.generate(folder, answers).and_then(|project| look_at(lab, &project, answers));
            if let Err(error) = looked {
                faults.push(format!("{}: {error:#}", answers.words()));
            }
        }
        faults
    };
    let (some, others) = sets.split_at(sets.len() / 2);
    let faults = thread::scope(|scope| {
        let work = scope.spawn(|| look("look-1", some));
        let mut faults = look("look-2", others);
        faults.extend(work.join().unwrap_or_else(|_| vec!["a thread panicked".to_owned()]));
        faults
    });
    eprintln!("              {} projects", sets.len());
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

fn look_at(lab: &Lab, project: &Path, answers: &Answers) -> Result<()> {
    let processed = processed(lab)?;
    let faults = leftovers::find(project, answers, &processed)?;
    ensure!(faults.is_empty(), "{}", faults.join("\n"));

    has_its_files(lab, project, answers)?;
    manifests_say_the_answers(lab, project, answers)?;
    let earthfile = fs::read_to_string(project.join("Earthfile"))?;
    let cache = format!("id={}-", answers.settled);
    ensure!(
        earthfile.matches("id=").count() == earthfile.matches(&cache).count(),
        "a cache's id does not start with `{cache}`"
    );
    let mut fmt = Command::new("cargo");
    lab.known(fmt.args(["fmt", "--all", "--check"]), project);
    command::output(&mut fmt).map(drop)
}

fn license(answers: &Answers) -> &'static str {
    if answers.get("license").is_empty() { "MIT OR Apache-2.0" } else { answers.get("license") }
}

/// What an answer decides to be there is there, and nothing else.
fn has_its_files(lab: &Lab, project: &Path, answers: &Answers) -> Result<()> {
    let license = license(answers);
    let pages = answers.has_page() && answers.has_workflows() && lab.root.join(".github/workflows/pages.yml").exists();
    for (path, wanted) in [
        ("README.md", true),
        ("LICENSE-MIT", license.contains("MIT")),
        ("LICENSE-APACHE", license.contains("Apache")),
        ("www", answers.has_page() && lab.root.join("www").exists()),
        (".github/workflows/ci.yml", answers.has_workflows()),
        (".github/workflows/publish.yml", answers.has_workflows() && license != "none"),
        (".github/workflows/pages.yml", pages),
        (".github/deny.toml", answers.has_workflows()),
        (".github/renovate.json5", answers.has_workflows()),
        ("docs/publishing.md", answers.has_workflows() && license != "none"),
        (".git", true),
    ] {
        let state = if wanted { "should be there" } else { "should not be there" };
        ensure!(project.join(path).exists() == wanted, "{path} {state}");
    }
    Ok(())
}

/// package.json, and Cargo.toml as cargo reads it, without a network: the lock files have to be right.
fn manifests_say_the_answers(lab: &Lab, project: &Path, answers: &Answers) -> Result<()> {
    let package = json(&project.join("wasm-client/npm/package.json"))?;
    ensure!(
        package["name"].as_str() == Some(answers.package().as_str()),
        "package.json has the name {}",
        package["name"]
    );
    // Only `cargo xtask publish` publishes it.
    ensure!(package["private"] == true, "package.json has `private`: {}", package["private"]);

    metadata(lab, project, "xtask/Cargo.toml")?;
    let metadata = metadata(lab, project, "Cargo.toml")?;
    let binding = metadata["packages"].as_array().into_iter().flatten().find(|it| it["name"] == "wasm-client");
    let binding = binding.context("there is no crate `wasm-client`")?;
    let said = |question: &str, default: &str| match answers.get(question) {
        "" => default.to_owned(),
        answer => answer.trim_end_matches('/').to_owned(),
    };
    for (key, found, expected) in [
        ("description", &binding["description"], said("description", &default(lab, "description")?)),
        ("authors", &binding["authors"][0], said("author", AUTHOR)),
        ("license", &binding["license"], license(answers).replace("none", "UNLICENSED")),
        ("repository", &binding["repository"], said("repository", "")),
    ] {
        ensure!(found.as_str() == Some(expected.as_str()), "Cargo.toml has the {key} {found}, not {expected:?}");
    }
    Ok(())
}

fn metadata(lab: &Lab, project: &Path, manifest: &str) -> Result<Value> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--locked", "--offline", "--no-deps", "--format-version=1", "--manifest-path"]);
    lab.known(cargo.arg(project.join(manifest)), project);
    Ok(serde_json::from_str(&command::output(&mut cargo)?)?)
}

/// The files that go through Liquid.
fn processed(lab: &Lab) -> Result<Vec<String>> {
    let manifest: DocumentMut = fs::read_to_string(lab.root.join("cargo-generate.toml"))?.parse()?;
    identity::strings(&manifest["template"]["include"]).context("cargo-generate.toml has no list `include`")
}

/// The default answer to a question.
fn default(lab: &Lab, question: &str) -> Result<String> {
    let manifest: DocumentMut = fs::read_to_string(lab.root.join("cargo-generate.toml"))?.parse()?;
    let default = manifest["placeholders"][question]["default"].as_str();
    Ok(default.with_context(|| format!("`{question}` has no default"))?.to_owned())
}

pub(crate) fn json(path: &Path) -> Result<Value> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", path.display()))
}

/// `wasm-pack new`, which asks its questions: those who answer by environment variables are asked nothing.
pub(crate) fn made_by_wasm_pack(lab: &Lab) -> Result<()> {
    let answers = Answers::new("engine", &[]);
    let expected = lab.generate("by-cargo", &answers)?;

    let dir = lab.fresh("by-wasm-pack")?;
    let mut new = Command::new(wasm_pack(lab)?);
    // By an address: of a folder it would copy the files as they lie there.
    new.args(["new", "engine", "--template", &format!("file://{}", lab.template.display())]);
    lab.known(&mut new, &dir);
    answer_by_environment(lab, &mut new)?;

    if let Err(error) = command::output(&mut new) {
        if !format!("{error:#}").contains("crates.io/api") {
            return Err(error);
        }
        eprintln!("SKIPPED: `wasm-pack new`: it asks crates.io which cargo-generate is the newest, and has no answer");
        // What it runs then.
        let mut generate = Command::new("cargo-generate");
        generate.args(["generate", "--name", "engine", "--git"]).arg(&lab.template);
        lab.known(&mut generate, &dir);
        answer_by_environment(lab, &mut generate)?;
        command::output(&mut generate)?;
    }
    let found = dir.join("engine");
    let (here, there) = (leftovers::files(&expected)?, leftovers::files(&found)?);
    ensure!(here == there, "not the same files: {here:?} and {there:?}");
    for path in here {
        ensure!(fs::read(expected.join(&path))? == fs::read(found.join(&path))?, "{path} is not the same");
    }
    Ok(())
}

/// The program of the pinned wasm-pack, installed where it is missing.
fn wasm_pack(lab: &Lab) -> Result<PathBuf> {
    let pin = fs::read_to_string(lab.root.join("lab/cargo.txt"))?;
    let dir = tools(&lab.root).join(pin.trim().replace('@', "-"));
    let program = dir.join("bin/wasm-pack");
    if !program.exists() {
        eprintln!("  installing {}: 2 minutes, once", pin.trim());
        let mut cargo = Command::new("cargo");
        cargo.args(["install", "--locked", "--quiet", pin.trim(), "--root"]).arg(&dir);
        command::output(&mut cargo)?;
    }
    Ok(program)
}

/// The default answer to each question.
fn answer_by_environment(lab: &Lab, command: &mut Command) -> Result<()> {
    let manifest: DocumentMut = fs::read_to_string(lab.root.join("cargo-generate.toml"))?.parse()?;
    let questions = manifest["placeholders"].as_table().context("there are no questions")?;
    for (question, asked) in questions {
        let default = &asked["default"];
        let default = default.as_str().map_or_else(|| default.to_string().trim().to_owned(), str::to_owned);
        command.env(format!("CARGO_GENERATE_VALUE_{}", question.to_uppercase()), default);
    }
    Ok(())
}

/// The commands of README.md, run in another repository with work that is not committed, leave it as it is.
pub(crate) fn leaves_an_outer_repository(lab: &Lab) -> Result<()> {
    let dir = lab.fresh("outer")?;
    let git = |arguments: &str| {
        let mut shell = lab.shell(&format!("git {arguments}"), &dir);
        command::output(&mut shell)
    };
    git("init --quiet --initial-branch=feat")?;
    fs::write(dir.join("notes.txt"), "committed")?;
    git("add --all")?;
    git("commit --quiet --message Notes")?;
    fs::write(dir.join("notes.txt"), "not committed")?;
    let state = || Ok::<_, anyhow::Error>(git("show-ref")? + &git("symbolic-ref HEAD")? + &git("diff HEAD")?);
    let before = state()?;

    let project = generate_as_the_readme_says(lab, &dir)?;
    let after = state()?;
    ensure!(before == after, "README.md's commands changed the repository around them:\n{before}\n{after}");
    ensure!(project.join(".git").exists(), "the project is no repository of its own");
    Ok(())
}

/// Runs README.md's block with `cargo generate` beside a clone of the repository, and returns the project's folder.
fn generate_as_the_readme_says(lab: &Lab, dir: &Path) -> Result<PathBuf> {
    let block = shell_blocks(&lab.root.join("README.md"))?
        .into_iter()
        .find(|block| block.contains("cargo generate"))
        .context("README.md has no block with `cargo generate`")?;
    let clone = dir.join("fresh-wasm");
    command::output(lab.git().args(["clone", "--quiet"]).arg(&lab.template).arg(&clone))?;
    let mut shell = lab.shell(&block, dir);
    answer_by_environment(lab, &mut shell)?;
    command::output(&mut shell)?;

    let mut made = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.join("template.toml").exists() && path != clone {
            made.push(path);
        }
    }
    ensure!(made.len() == 1, "`{}` made {} folders, not one", block.trim(), made.len());
    Ok(made.remove(0))
}

/// What a stranger does: the command of README.md beside a clone, then those of the README that this gives.
pub(crate) fn as_the_readme_says(lab: &Lab) -> Result<()> {
    let dir = lab.fresh("readme")?;
    let project = generate_as_the_readme_says(lab, &dir)?;
    share_target(lab, &project)?;
    let before = seen_by_git(lab, &project)?;
    let block = shell_blocks(&project.join("README.md"))?
        .into_iter()
        .find(|block| block.contains("cargo xtask build"))
        .context("the project's README.md has no block with `cargo xtask build`")?;
    for line in block.lines() {
        run_line(lab, &project, line)?;
    }
    let line = shell_blocks(&project.join("CONTRIBUTING.md"))?.into_iter().find(|block| block.contains("sha256sum"));
    let line = line.context("CONTRIBUTING.md has no shell line for the digest")?;
    let said = |line: &str| command::output(&mut lab.shell(line, &project));
    let (by_shell, by_xtask) = (said(&line)?, said("cargo xtask digest --package")?);
    ensure!(by_shell.trim() == by_xtask.trim(), "the shell line gives {by_shell}, `cargo xtask digest` {by_xtask}");
    let after = seen_by_git(lab, &project)?;
    ensure!(before == after, "git sees what the build made: {before:?} before, {after:?} after");
    Ok(())
}

/// Runs a line of a README in a project.
pub(crate) fn run_line(lab: &Lab, project: &Path, line: &str) -> Result<()> {
    let start = std::time::Instant::now();
    command::output(&mut lab.shell(line, project))?;
    eprintln!("              `{line}` ({:.1} s)", start.elapsed().as_secs_f64());
    Ok(())
}

/// The files that a commit of everything would have: what builds make has to be in .gitignore.
fn seen_by_git(lab: &Lab, project: &Path) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    lab.known(&mut git, project);
    Ok(command::output(&mut git)?.lines().map(str::to_owned).collect())
}

/// The blocks of a Markdown file that are shell commands.
pub(crate) fn shell_blocks(path: &Path) -> Result<Vec<String>> {
    Ok(Document::read(path)?.commands().map(str::to_owned).collect())
}

/// Gives a project the target folder of those before it, so that dependencies are compiled once. Content decides what is
/// built from it, here as elsewhere.
pub(crate) fn share_target(lab: &Lab, project: &Path) -> Result<()> {
    let shared = lab.dir.join("target");
    fs::create_dir_all(&shared)?;
    symlink(shared, project.join("target"))?;
    Ok(())
}

/// Generates, builds and tests each: all but what no answer reaches, which `as_the_readme_says` runs once.
pub(crate) fn build_each(lab: &Lab, sets: &[Answers]) -> Result<()> {
    let mut faults = Vec::new();
    for answers in sets {
        let project = lab.generate("build", answers)?;
        share_target(lab, &project)?;
        eprintln!("              {}", answers.words());
        let mut lines = vec!["cargo xtask build", "cargo xtask test lint library package"];
        if answers.has_page() {
            lines.push("cd www && npm ci --silent --ignore-scripts && npm run --silent build");
        }
        if let Err(error) = lines.iter().try_for_each(|line| run_line(lab, &project, line)) {
            faults.push(format!("{}: {error:#}", answers.words()));
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}
