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
use toml::{Table, Value, toml};

use crate::{
    backend::Order,
    machine::{Machine, Shell},
    process::{self, End, Ran},
    results::{Compiled, RESULTS, Results, Size, Spread, Times},
    strategy::{self, OURS, Strategy},
    tables, tree,
};

const PLAIN: &str = "wasm-pack build wasm-client --target web --release --mode no-install --no-opt --no-pack \
                     --out-dir ../target/plain -- --locked";
/// What makes a package of an edit, by the same wasm-opt.
const PLAIN_WHOLE: &str = "PATH=$PWD/bin:$PATH wasm-pack build wasm-client --target web --release --mode no-install \
                           --out-dir ../target/plain -- --locked";
const BUILD: &str = "xtask build";

const CLIENT: &str = "mod package;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub fn value() -> u32 {
    k1::value()
}
";

/// Files of each crate beside Cargo.toml and lib.rs.
const MODULES: usize = 20;

/// What comes from the fixture.
const FROM_FIXTURE: [&str; 6] =
    ["xtask", "unstale", "wasm-client/npm", "wasm-client/src/package.rs", "Cargo.lock", "LICENSE-MIT"];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Sizes of the workspaces, in crates.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [2, 20, 100, 400])]
    crates: Vec<usize>,
    /// How often each is measured; the two take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

struct Workspace<'a> {
    machine: &'a Machine,
    ours: &'a Strategy,
    dir: PathBuf,
    crates: usize,
}

/// What a build took, and which crates it compiled.
struct Built {
    cpu: f64,
    wall: f64,
    compiled: BTreeSet<String>,
}

/// Times of all rounds.
#[derive(Default)]
struct Rounds {
    ours: Vec<f64>,
    plain: Vec<f64>,
}

/// Measures, prints and keeps the times. Whether no crate was compiled in vain.
///
/// # Errors
/// A build that fails.
pub(crate) fn run(machine: &Machine, strategies: &[Strategy], options: &Options) -> Result<bool> {
    let ours = strategy::find(strategies, OURS)?;
    machine.install_for(strategy::find(strategies, "try4")?)?;
    machine.install_for(ours)?;
    // Here the real one counts; xtask takes it from npm.
    tree::remove(&machine.wasm_opt())?;
    let mut sizes = Vec::new();
    for crates in &options.crates {
        eprintln!("  {crates} crates");
        let workspace = Workspace { machine, ours, dir: machine.work.join(format!("scale-{crates}")), crates: *crates };
        workspace.make()?;
        sizes.push(workspace.measure(options.rounds)?);
    }
    print!("{}", tables::scale(&sizes));

    let path = machine.project.join(RESULTS);
    let mut results = Results::read(&path)?;
    results.scale.clone_from(&sizes);
    results.write(&path)?;
    Ok(sizes.iter().all(|size| size.edit.crates == size.edit.needed && size.repair.crates <= size.repair.needed))
}

impl Workspace<'_> {
    fn make(&self) -> Result<()> {
        let fixture = &self.machine.fixture;
        tree::remove(&self.dir)?;
        for part in FROM_FIXTURE {
            if fixture.join(part).exists() {
                tree::copy(&fixture.join(part), &self.dir.join(part), tree::Times::Kept)?;
            }
        }
        self.write_manifests()?;
        self.write("wasm-client/src/lib.rs", CLIENT)?;
        for number in 1..self.crates {
            self.write_crate(number)?;
        }
        self.write_wasm_opt()?;
        process::output(&mut self.shell("cargo update --quiet --workspace --offline")?)?;
        Ok(())
    }

    /// Those of the workspace and of the client: the fixture's, with these crates, and with the project's flags of
    /// wasm-opt.
    fn write_manifests(&self) -> Result<()> {
        let mut root = manifest(&self.machine.fixture.join("Cargo.toml"))?;
        root.remove("patch");
        let workspace = root.get_mut("workspace").and_then(Value::as_table_mut).context("no [workspace]")?;
        workspace.insert("members".to_owned(), Value::from(vec!["crates/*", "wasm-client"]));
        self.write("Cargo.toml", &root.to_string())?;

        let mut client = manifest(&self.machine.fixture.join("wasm-client/Cargo.toml"))?;
        client.remove("features");
        let dependencies = client.get_mut("dependencies").and_then(Value::as_table_mut).context("no dependencies")?;
        dependencies.retain(|name, _| name == "wasm-bindgen");
        dependencies.insert("k1".to_owned(), Value::from(toml! { path = "../crates/k1" }));
        let project = manifest(&self.machine.project.join("wasm-client/Cargo.toml"))?;
        let metadata = project.get("package").and_then(|package| package.get("metadata"));
        let metadata = metadata.context("the project's client has no flags of wasm-opt")?.clone();
        let package = client.get_mut("package").and_then(Value::as_table_mut).context("no [package]")?;
        package.insert("metadata".to_owned(), metadata);
        self.write("wasm-client/Cargo.toml", &client.to_string())
    }

    /// The one that xtask has installed, for wasm-pack.
    fn write_wasm_opt(&self) -> Result<()> {
        let lock = fs::read(self.machine.project.join("xtask/tools/package-lock.json"))?;
        let npm = self.machine.installed().join(format!("npm-{}", &tree::sha256(&lock)[..12])).join("node_modules");
        let script = format!("#!/bin/sh\nexec node '{}/binaryen/bin/wasm-opt' \"$@\"\n", npm.display());
        fs::create_dir_all(self.dir.join("bin"))?;
        tree::write_script(&self.dir.join("bin/wasm-opt"), &script)
    }

    fn write_crate(&self, number: usize) -> Result<()> {
        let mut manifest =
            format!("[package]\nname = \"k{number}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n");
        let mut library = String::new();
        let mut sum = String::from("0");
        for used in [2 * number, 2 * number + 1] {
            if used < self.crates {
                let _ = writeln!(manifest, "k{used} = {{ path = \"../k{used}\" }}");
                let _ = write!(sum, " + k{used}::value()");
            }
        }
        for module in 0..MODULES {
            let _ = writeln!(library, "mod m{module};");
            let _ = write!(sum, " + m{module}::value()");
            self.write_module(number, module, module)?;
        }
        let _ = writeln!(library, "\npub fn value() -> u32 {{\n    {sum}\n}}");
        self.write(&format!("crates/k{number}/Cargo.toml"), &manifest)?;
        self.write(&format!("crates/k{number}/src/lib.rs"), &library)
    }

    fn write_module(&self, number: usize, module: usize, value: usize) -> Result<()> {
        let text = format!("pub(crate) fn value() -> u32 {{\n    {value}\n}}\n");
        self.write(&format!("crates/k{number}/src/m{module}.rs"), &text)
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.dir.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&self.dir))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    fn compiled(&self) -> PathBuf {
        self.machine.work.join("compiled-1")
    }

    fn shell(&self, script: &str) -> Result<Command> {
        let compiled = self.compiled();
        fs::write(&compiled, "")?;
        let order = Order::of(&self.dir);
        self.machine.shell(&Shell { strategy: self.ours, order, script, dir: &self.dir, compiled: &compiled })
    }

    fn try_build(&self, script: &str) -> Result<Ran> {
        process::run(&mut self.shell(script)?, &self.machine.work.join("log"))
    }

    fn build(&self, script: &str) -> Result<Built> {
        let ran = self.try_build(script)?;
        match ran.end {
            End::Success => {
                let compiled = process::compiled_crates(&self.compiled());
                Ok(Built { cpu: ran.cpu, wall: ran.wall, compiled })
            }
            End::Failed(why) => bail!("`{script}` failed with {} crates: {why}", self.crates),
            End::Killed => bail!("`{script}` was killed with {} crates", self.crates),
        }
    }

    fn measure(&self, rounds: usize) -> Result<Size> {
        self.build(BUILD)?;
        self.build(PLAIN)?;
        let last = self.crates - 1;
        let mut nothing = Rounds::default();
        let mut edited = Rounds::default();
        let mut waited = Rounds::default();
        let mut compiled = BTreeSet::new();
        for round in 1..=rounds {
            nothing.ours.push(self.build(BUILD)?.cpu);
            nothing.plain.push(self.build(PLAIN)?.cpu);

            self.write_module(last, 0, 100 + round)?;
            let ours = self.build(BUILD)?;
            let plain = self.build(PLAIN_WHOLE)?;
            edited.ours.push(ours.cpu);
            edited.plain.push(plain.cpu);
            waited.ours.push(ours.wall);
            waited.plain.push(plain.wall);
            // One that compiled too much once is what counts.
            if ours.compiled.len() >= compiled.len() {
                compiled = ours.compiled;
            }
        }

        let needed = with_users(last);
        if compiled != needed {
            eprintln!("  compiled: {compiled:?}");
        }
        Ok(Size {
            crates: self.crates,
            nothing: nothing.medians()?,
            edited: edited.medians()?,
            waited: waited.medians()?,
            edit: Compiled { crates: compiled.len(), needed: needed.len() },
            repair: self.repair()?,
        })
    }

    /// Breaks a crate in the middle, builds, and repairs it.
    fn repair(&self) -> Result<Compiled> {
        let middle = self.crates / 2;
        self.write(&format!("crates/k{middle}/src/m1.rs"), "not Rust\n")?;
        if self.try_build(BUILD)?.end == End::Success {
            bail!("a package out of sources that do not compile");
        }
        self.write_module(middle, 1, 1)?;
        let repaired = self.build(BUILD)?.compiled;
        Ok(Compiled { crates: repaired.len(), needed: with_users(middle).len() })
    }
}

impl Rounds {
    fn medians(self) -> Result<Times> {
        let median = |times| Spread::of(times).map(|spread| spread.median).context("no rounds");
        Ok(Times { ours: median(self.ours)?, plain: median(self.plain)? })
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

fn manifest(path: &Path) -> Result<Table> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse().with_context(|| format!("{} is not TOML", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_used_by_those_above_it() {
        let users = ["k1", "k2", "k5", "wasm-client"].map(str::to_owned);
        assert_eq!(with_users(5), BTreeSet::from(users));
        assert_eq!(with_users(0), BTreeSet::from(["wasm-client".to_owned()]));
    }
}
