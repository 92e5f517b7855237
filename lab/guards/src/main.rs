//! Takes each guard out of the crate `unstale`, one at a time, and runs the tests that stand for it. One that stays green
//! shows nothing. The guards are in `guards.toml`; what was seen is written to `unstale/GUARDS.md`.
//!
//! `guards [WORD]` plays those whose name has the word, and writes nothing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use walkdir::WalkDir;

/// What has to be in the crate for its promise to hold.
#[derive(Deserialize)]
struct Guard {
    /// What it does.
    name: String,
    /// What goes wrong without it.
    without: String,
    /// What is taken out: the guard, and others that would stand in for it.
    cuts: Vec<Cut>,
    /// Tests that are red then.
    tests: Vec<String>,
}

#[derive(Deserialize)]
struct Cut {
    /// The file that it is in, from the crate's folder.
    file: PathBuf,
    /// Its text, which the file has once.
    text: String,
    /// What stands there when it is taken out.
    instead: String,
}

#[derive(Deserialize)]
struct Guards {
    guard: Vec<Guard>,
}

/// A copy of the crate, in which guards are taken out.
struct Copy {
    krate: PathBuf,
    dir: PathBuf,
    _folder: tempfile::TempDir,
}

impl Copy {
    fn of(krate: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let dir = folder.path().join("unstale");
        for entry in WalkDir::new(krate).into_iter().filter_entry(|entry| entry.file_name() != "target") {
            let entry = entry?;
            let to = dir.join(entry.path().strip_prefix(krate)?);
            if entry.file_type().is_dir() {
                fs::create_dir_all(to)?;
            } else {
                fs::copy(entry.path(), to)?;
            }
        }
        Ok(Self { krate: krate.to_owned(), dir, _folder: folder })
    }

    /// The tests that fail, of those with these names.
    fn red(&self, tests: &[String]) -> Result<Vec<String>> {
        let mut cargo = Command::new("cargo");
        // With targets named, cargo would not build the example, which the tests call.
        cargo.args(["test", "--locked", "--no-fail-fast", "--"]).args(tests);
        // Without this, the tests' own builds would go there, too.
        cargo.current_dir(&self.dir).env_remove("CARGO_TARGET_DIR");
        let output = cargo.output().context("cannot start cargo")?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !text.contains("test result:") {
            bail!("the crate does not compile:\n{}", String::from_utf8_lossy(&output.stderr));
        }

        let failed = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
        let mut failed: Vec<String> = failed.map(|name| name.rsplit("::").next().unwrap_or(name).to_owned()).collect();
        failed.sort();
        Ok(failed)
    }

    /// Takes a guard out, runs its tests, and puts it back.
    fn play(&self, guard: &Guard) -> Result<Vec<String>> {
        for Cut { file, text, instead } in &guard.cuts {
            let path = self.dir.join(file);
            let whole = fs::read_to_string(&path)?;
            let count = whole.matches(text).count();
            ensure!(count == 1, "{}: {} has `{text}` {count} times: correct guards.toml", guard.name, file.display());
            fs::write(&path, whole.replace(text, instead))?;
        }
        let red = self.red(&guard.tests).with_context(|| guard.name.clone());

        for cut in &guard.cuts {
            fs::copy(self.krate.join(&cut.file), self.dir.join(&cut.file))?;
        }
        red
    }
}

fn main() -> Result<ExitCode> {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR"));
    let krate = lab.join("../../unstale").canonicalize()?;
    let guards: Guards = toml::from_str(&fs::read_to_string(lab.join("guards.toml"))?)?;
    let word = env::args().nth(1).unwrap_or_default();

    let copy = Copy::of(&krate)?;
    let all: Vec<String> = guards.guard.iter().flat_map(|guard| guard.tests.clone()).collect();
    let red = copy.red(&all)?;
    ensure!(red.is_empty(), "with all guards in place, these tests are red: {red:?}");
    println!("with all guards in place, all tests are green");

    let mut table = String::from("| guard | without it | tests that were red without it |\n| --- | --- | --- |\n");
    let mut is_shown = true;
    for guard in guards.guard.iter().filter(|guard| guard.name.contains(&word)) {
        let started = Instant::now();
        let red = copy.play(guard)?;
        let green: Vec<&String> = guard.tests.iter().filter(|test| !red.contains(test)).collect();
        println!("{}: red {red:?}, green {green:?} ({:.0} s)", guard.name, started.elapsed().as_secs_f32());

        is_shown &= green.is_empty();
        let red: Vec<String> = red.iter().map(|test| format!("`{test}`")).collect();
        writeln!(table, "| {} | {} | {} |", guard.name, guard.without, red.join(", "))?;
    }

    if !is_shown {
        eprintln!("error: a test stays green without its guard: it shows nothing");
        return Ok(ExitCode::FAILURE);
    }
    if word.is_empty() {
        let head = "# Guards\n\nEach guard was taken out of the crate, one at a time, and these tests were red. The program \
                    `guards`, in the crate's repository, does it again and writes this page.\n\n";
        fs::write(krate.join("GUARDS.md"), format!("{head}{table}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
