//! What freshness costs as a workspace grows: processor time beside plain wasm-pack, and what is compiled.
//!
//! The crates are a tree: `k1` uses `k2` and `k3`, `k2` uses `k4` and `k5`, and the client uses `k1`.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::{
    backend::Order,
    machine::{self, Machine},
    matrix::{RESULTS, Results},
    process::{self, End, Ran},
    strategy::{OURS, Strategy},
    tree::{self, Times},
};

const PLAIN: &str = "wasm-pack build wasm-client --target web --release --mode no-install --no-opt --no-pack \
                     --out-dir ../target/plain -- --locked";
/// What makes a package of an edit, by the same wasm-opt.
const PLAIN_WHOLE: &str = "PATH=$PWD/bin:$PATH wasm-pack build wasm-client --target web --release --mode no-install \
                           --out-dir ../target/plain -- --locked";
const BUILD: &str = "xtask build";

/// Files of each crate beside Cargo.toml and lib.rs.
const MODULES: usize = 20;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Sizes of the workspaces, in crates.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [2, 20, 100, 400])]
    crates: Vec<usize>,
    /// How often each is measured; the two take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// One size. Times are medians of processor seconds.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    crates: usize,
    /// Of this project and of plain wasm-pack.
    nothing: [f64; 2],
    edited: [f64; 2],
    /// Crates that were compiled after the edit, and how many had to be.
    compiled: usize,
    needed: usize,
    /// Crates that were compiled when a typo in one was repaired, and that crate with its users.
    repaired: [usize; 2],
}

struct Workspace<'a> {
    machine: &'a Machine,
    ours: &'a Strategy,
    dir: PathBuf,
    crates: usize,
    edits: usize,
}

/// Measures, prints and keeps the times. Whether no crate was compiled in vain.
///
/// # Errors
/// A build that fails.
pub(crate) fn run(machine: &Machine, strategies: &[Strategy], options: &Options) -> Result<bool> {
    let ours = strategies.iter().find(|strategy| strategy.name == OURS).context("no strategy of ours")?;
    let plain = strategies.iter().find(|strategy| strategy.name == "try4").context("no strategy `try4`")?;
    machine.install_for(plain)?;
    machine.install_for(ours)?;
    // Here the real one counts; xtask takes it from npm.
    tree::remove(&machine.wasm_opt())?;
    let mut rows = Vec::new();
    for crates in &options.crates {
        eprintln!("  {crates} crates");
        rows.push(Workspace::make(machine, ours, *crates)?.measure(options.rounds)?);
    }
    print!("{}", table(&rows));
    let path = machine.project.join(RESULTS);
    let mut results = Results::read(&path)?;
    results.scale.clone_from(&rows);
    results.write(&path)?;
    Ok(rows.iter().all(|row| row.compiled == row.needed && row.repaired[0] <= row.repaired[1]))
}

pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| crates | nothing to do | wasm-pack | ratio | a crate edited | wasm-pack | ratio | compiled | after a typo |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for Row { crates, nothing, edited, compiled, needed, repaired } in rows {
        let times = |[ours, plain]: [f64; 2]| format!("{ours:.2} s | {plain:.2} s | {:.2}", ours / plain);
        let (nothing, edited, [again, users]) = (times(*nothing), times(*edited), repaired);
        let _ = writeln!(text, "| {crates} | {nothing} | {edited} | {compiled} of {needed} | {again} of {users} |");
    }
    text
}

impl<'a> Workspace<'a> {
    fn make(machine: &'a Machine, ours: &'a Strategy, crates: usize) -> Result<Self> {
        let dir = machine.work.join(format!("scale-{crates}"));
        tree::remove(&dir)?;
        for part in ["xtask", "wasm-client/npm", "wasm-client/src/package.rs", "Cargo.lock", "LICENSE-MIT"] {
            tree::copy(&machine.fixture.join(part), &dir.join(part), Times::Kept)?;
        }
        let mut manifest = fs::read_to_string(machine.fixture.join("Cargo.toml"))?;
        for (from, to) in [
            ("\"common\", \"crates/labels\", \"crates/libmiddle\"", "\"crates/*\""),
            ("[patch.\"https://example.invalid/patched\"]\npatched = { path = \"crates/patched\" }\n", ""),
        ] {
            if !manifest.contains(from) {
                bail!("the fixture's Cargo.toml has no `{from}`");
            }
            manifest = manifest.replace(from, to);
        }
        let workspace = Self { machine, ours, dir, crates, edits: 0 };
        workspace.write("Cargo.toml", &manifest)?;
        let client = fs::read_to_string(machine.fixture.join("wasm-client/Cargo.toml"))?;
        let (head, _) = client.split_once("[features]").context("the fixture's client has no [features]")?;
        let (_, bindgen) = client.split_once("wasm-bindgen = ").context("the fixture's client has no wasm-bindgen")?;
        let project = fs::read_to_string(machine.project.join("wasm-client/Cargo.toml"))?;
        let (_, flags) =
            project.split_once("\nwasm-opt = ").context("the project's client has no flags of wasm-opt")?;
        let bindgen = bindgen.replace("[\"-O0\"]", flags.trim_end());
        workspace.write(
            "wasm-client/Cargo.toml",
            &format!("{head}[dependencies]\nk1 = {{ path = \"../crates/k1\" }}\nwasm-bindgen = {bindgen}"),
        )?;
        let lock = fs::read(machine.project.join("xtask/tools/package-lock.json"))?;
        let npm = machine.installed().join(format!("npm-{}", &tree::sha256(&lock)[..12])).join("node_modules");
        let wasm_opt = format!("#!/bin/sh\nexec node '{}/binaryen/bin/wasm-opt' \"$@\"\n", npm.display());
        fs::create_dir_all(workspace.dir.join("bin"))?;
        machine::script(&workspace.dir.join("bin/wasm-opt"), &wasm_opt)?;
        let client = "mod package;\n\nuse wasm_bindgen::prelude::*;\n\n#[wasm_bindgen]\npub fn value() -> u32 {\n    k1::value()\n}\n";
        workspace.write("wasm-client/src/lib.rs", client)?;
        for number in 1..crates {
            workspace.write_crate(number)?;
        }
        let mut update = workspace.shell("cargo update --quiet --workspace --offline")?;
        process::output(&mut update)?;
        Ok(workspace)
    }

    fn write_crate(&self, number: usize) -> Result<()> {
        let used: Vec<usize> = [2 * number, 2 * number + 1].into_iter().filter(|used| *used < self.crates).collect();
        let mut manifest =
            format!("[package]\nname = \"k{number}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n");
        let mut library = String::new();
        let mut sum = String::from("0");
        for used in used {
            let _ = writeln!(manifest, "k{used} = {{ path = \"../k{used}\" }}");
            let _ = write!(sum, " + k{used}::value()");
        }
        for module in 0..MODULES {
            let _ = writeln!(library, "mod m{module};");
            let _ = write!(sum, " + m{module}::value()");
            let text = format!("pub(crate) fn value() -> u32 {{\n    {module}\n}}\n");
            self.write(&format!("crates/k{number}/src/m{module}.rs"), &text)?;
        }
        let _ = writeln!(library, "\npub fn value() -> u32 {{\n    {sum}\n}}");
        self.write(&format!("crates/k{number}/Cargo.toml"), &manifest)?;
        self.write(&format!("crates/k{number}/src/lib.rs"), &library)
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.dir.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&self.dir))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    fn shell(&self, script: &str) -> Result<Command> {
        let compiled = self.machine.work.join("compiled-1");
        fs::write(&compiled, "")?;
        self.machine.shell(self.ours, script, &self.dir, Order::of(&self.dir), &compiled)
    }

    fn try_build(&self, script: &str) -> Result<(Ran, BTreeSet<String>)> {
        let compiled = self.machine.work.join("compiled-1");
        let ran = process::run(&mut self.shell(script)?, &self.machine.work.join("log"), Path::new("/dev/null"), None)?;
        Ok((ran, process::compiled_crates(&compiled)))
    }

    fn build(&self, script: &str) -> Result<(f64, BTreeSet<String>)> {
        let (ran, compiled) = self.try_build(script)?;
        match ran.end {
            End::Success => Ok((ran.cpu, compiled)),
            End::Failed(why) => bail!("`{script}` failed with {} crates: {why}", self.crates),
            End::Killed => bail!("`{script}` was killed with {} crates", self.crates),
        }
    }

    /// A crate and what uses it, directly or not.
    fn with_users(mut number: usize) -> BTreeSet<String> {
        let mut found = BTreeSet::from(["wasm-client".to_owned()]);
        while number > 0 {
            found.insert(format!("k{number}"));
            number /= 2;
        }
        found
    }

    fn measure(&mut self, rounds: usize) -> Result<Row> {
        self.build(BUILD)?;
        self.build(PLAIN)?;
        let (last, middle) = (self.crates - 1, self.crates / 2);
        let (mut nothing, mut edited) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        let mut compiled = BTreeSet::new();
        for _ in 0..rounds {
            for (script, times) in [BUILD, PLAIN].into_iter().zip(&mut nothing) {
                times.push(self.build(script)?.0);
            }
            self.edits += 1;
            let text = format!("pub(crate) fn value() -> u32 {{\n    {}\n}}\n", 100 + self.edits);
            self.write(&format!("crates/k{last}/src/m0.rs"), &text)?;
            let (time, crates) = self.build(BUILD)?;
            edited[0].push(time);
            edited[1].push(self.build(PLAIN_WHOLE)?.0);
            // One that compiled too much once is what counts.
            if crates.len() >= compiled.len() {
                compiled = crates;
            }
        }
        let needed = Self::with_users(last);
        if compiled != needed {
            eprintln!("  compiled: {compiled:?}");
        }
        let file = format!("crates/k{middle}/src/m1.rs");
        let before = fs::read_to_string(self.dir.join(&file))?;
        self.write(&file, "not Rust\n")?;
        if matches!(self.try_build(BUILD)?.0.end, End::Success) {
            bail!("a package out of sources that do not compile");
        }
        self.write(&file, &before)?;
        let (_, repaired) = self.build(BUILD)?;
        Ok(Row {
            crates: self.crates,
            nothing: nothing.map(median),
            edited: edited.map(median),
            compiled: compiled.len(),
            needed: needed.len(),
            repaired: [repaired.len(), Self::with_users(middle).len()],
        })
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}
