//! The back end of the real engine: `earth`, with the strategies' own Earthfiles; ours is the project's Earthfile.
//!
//! Around a strategy's text come the targets of the project's Earthfile that install the tools, and a `start`, for `base`, with the
//! registry's crates at hand. Cache mounts have the lab's own ids. Before each scenario the mount becomes a copy of
//! the one that the first build left, and each edit says something that no earlier run has said, so that no layer of
//! an earlier run is found. wasm-opt is the lab's, which copies: for all strategies alike.

mod output;
mod text;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use crate::{
    backend::{Backend, Built, Ended, Order, Start},
    earthfile::MOUNT,
    fixture,
    machine::Machine,
    process::{self, End, Kill},
    strategy::Strategy,
    tree::{self, Times},
};

/// Makes the mount at /to the same as that at /from.
const COPY_MOUNT: &str = "find /to -mindepth 1 -delete; cp -a /from/. /to/";

/// Makes each file at /to a day newer. To the nanosecond: cut to seconds, files would be older than those that they were
/// made from. A file of two names once: it would be two days older than those of one.
const AGE: &str = "find /to -printf '%i %p\\n' | sort -nuk 1,1 | cut -d ' ' -f 2- | while read -r f; do \
                   t=$(stat -c %.9Y \"$f\"); touch -hd @$((${t%.*} + 86400)).${t#*.} \"$f\"; done";

pub(crate) struct Engine {
    machine: Rc<Machine>,
    project: text::Project,
    /// Of this scenario, in four digits: an edit of an earlier one would be found in a layer.
    salt: String,
    strategy: String,
    /// Of the strategy's first build: its layers are those that later builds find.
    first: u64,
    epoch: u32,
    other: bool,
    references: u32,
}

/// One call of the client.
struct Call {
    end: End,
    text: String,
    wall: f64,
}

/// A build to start.
struct Job<'a> {
    strategy: &'a Strategy,
    order: Order<'a>,
    /// The cache mount's id.
    mount: &'a str,
    /// What is run before the strategy's own steps.
    first: &'a str,
    /// Builds that run at the same time have different ones.
    number: u32,
}

/// A first build whose mount and layers are kept, with the key of what it was built from.
#[derive(Serialize, Deserialize)]
struct First {
    key: String,
    start: Start,
    layers: u64,
}

impl Engine {
    /// Finds the engine.
    ///
    /// # Errors
    /// Why the Earthfile cannot be run here.
    pub(crate) fn find(machine: Rc<Machine>) -> Result<Self> {
        process::output(Command::new("earth").arg("--version")).context("`earth` is not on PATH")?;
        let path = machine.project.join("Earthfile");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() % 10_000;
        Ok(Self {
            machine,
            project: text::Project::new(text)?,
            salt: format!("{now:04}"),
            strategy: String::new(),
            first: 0,
            epoch: 0,
            other: false,
            references: 0,
        })
    }

    fn earthfile(&self, job: &Job) -> Result<String> {
        let lines = text::Lines { order: job.order, mount: job.mount, first: job.first, other: self.other };
        if job.strategy.is_ours() {
            let mut ask = Command::new(self.machine.xtask());
            let digest = process::output(ask.args(["digest", "--package"]).current_dir(job.order.checkout))?;
            return Ok(self.project.ours(&lines, digest.trim()));
        }
        let mut programs = vec![self.machine.wasm_pack()?, self.machine.wasm_bindgen()?];
        programs.extend(job.strategy.needs.clone());
        self.project.theirs(job.strategy, &programs, &lines)
    }

    /// What the client finds beside the sources: a strategy's Earthfile and the lab's own files.
    fn prepare(&self, checkout: &Path, text: &str) -> Result<()> {
        let (lab, from) = (checkout.join(".lab"), &self.machine.fixture);
        let times = Times::All(tree::date_2020());
        for name in ["older", "newer"] {
            let to = lab.join(name);
            for part in [".cargo", "Cargo.toml", "common", "crates", "schema", "vendor", "wasm-client"] {
                tree::copy(&from.join(part), &to.join(part), times)?;
            }
            tree::copy(&from.join(format!("Cargo.lock.{name}")), &to.join("Cargo.lock"), times)?;
        }
        tree::copy(&self.machine.wasm_opt(), &lab.join("wasm-opt"), times)?;
        Ok(fs::write(checkout.join("Earthfile"), text)?)
    }

    fn earth(&self, checkout: &Path, arguments: &[&str], log: &str) -> Result<Call> {
        let mut earth = Command::new("earth");
        let log = self.machine.work.join(log);
        let ran = process::run(earth.args(arguments).current_dir(checkout), &log)?;
        Call::read(ran, &log)
    }

    /// The client's call for a build, and the folder that gets the package.
    fn command(&self, job: &Job) -> Result<(Command, PathBuf)> {
        self.prepare(job.order.checkout, &self.earthfile(job)?)?;
        let out = self.machine.work.join(format!("out-{}", job.number));
        tree::remove(&out)?;
        fs::create_dir_all(&out)?;
        let mut earth = Command::new("earth");
        // Refuses what is not repeatable, as `--ci` does, but writes the artifact.
        earth.args(["--strict", "--artifact", "+wasm/pkg"]).arg(format!("{}/", out.display()));
        earth.current_dir(job.order.checkout);
        Ok((earth, out.join("pkg")))
    }

    fn run(&self, job: &Job, kill: Option<&Kill>) -> Result<Built> {
        let (mut earth, package) = self.command(job)?;
        let log = self.log(job.number);
        let ran = match kill {
            None => process::run(&mut earth, &log)?,
            Some(kill) => process::run_until(&mut earth, &log, &|elapsed| is_killed(kill, &log, elapsed))?,
        };
        Ok(Call::read(ran, &log)?.built(package))
    }

    fn log(&self, number: u32) -> PathBuf {
        self.machine.work.join(format!("earth-{number}"))
    }

    /// A cache mount of this work folder.
    fn id(&self, name: &str) -> String {
        let work = tree::hash(&[self.machine.work.as_os_str().as_encoded_bytes()]);
        format!("fresh-lab-{}-{name}", &work[..6])
    }

    fn epoch(&self) -> String {
        let after = if self.epoch == 0 { String::new() } else { format!("{} {}", self.salt, self.epoch) };
        format!(": {} {after}", self.first)
    }

    /// Runs a script with two cache mounts, and returns what it printed after `LAB `.
    fn with_mounts(&self, from: &str, to: &str, script: &str) -> Result<Vec<String>> {
        let unique = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
        let call = self.one_step("mounts", &format!("{} : {unique}; {script}", mounts(from, to)))?;
        if call.end != End::Success {
            bail!("the engine could not prepare its cache: {}", output::error(&call.text));
        }
        let said = call.text.lines().filter_map(|line| Some(line.split_once("| LAB ")?.1.trim().to_owned()));
        Ok(said.collect())
    }

    /// Builds a target of one step.
    fn one_step(&self, name: &str, run: &str) -> Result<Call> {
        let dir = self.machine.work.join(name);
        fs::create_dir_all(&dir)?;
        fs::write(dir.join("Earthfile"), self.project.one_step(name, run)?)?;
        self.earth(&dir, &[&format!("+{name}")], &format!("earth-{name}"))
    }

    /// Seconds for a target of one cached step.
    ///
    /// # Errors
    /// An engine that does not build it.
    pub(crate) fn floor(&self) -> Result<f64> {
        let call = self.one_step("floor", ":")?;
        if call.end != End::Success {
            bail!("the engine does not build a target of one step: {}", output::error(&call.text));
        }
        Ok(call.wall)
    }

    fn copy_mount(&self, from: &str, to: &str) -> Result<()> {
        self.with_mounts(from, to, COPY_MOUNT).map(drop)
    }

    fn fill(&self, checkout: &Path, time: SystemTime) -> Result<()> {
        tree::remove(checkout)?;
        tree::copy(&self.machine.fixture, checkout, Times::All(time))
    }

    /// The tools, whose time is not the build's, then the first build: the sources are an hour old then.
    fn build_first(&mut self, strategy: &Strategy, kept: &str) -> Result<Start> {
        eprintln!("  {} on the engine: the tools, then the first build from nothing", strategy.title);
        let checkout = self.machine.work.join("checkout-first");
        self.first = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let (id, epoch) = (self.id(&strategy.name), self.epoch());
        let job = Job { strategy, order: Order::of(&checkout), mount: &id, first: &epoch, number: 1 };

        self.fill(&checkout, UNIX_EPOCH)?;
        self.prepare(&checkout, &self.earthfile(&job)?)?;
        let tools = if strategy.is_ours() { "+src" } else { "+start" };
        let call = self.earth(&checkout, &[tools], "earth-tools")?;
        if call.end != End::Success {
            bail!("the engine does not make the tools of `{}`: {}", strategy.name, output::error(&call.text));
        }

        self.with_mounts(&id, kept, "find /from /to -mindepth 1 -delete")?;
        // The engine keeps whole seconds.
        let built = UNIX_EPOCH + Duration::from_secs(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
        self.fill(&checkout, built - Duration::from_hours(1))?;
        let done = self.run(&job, None)?;
        if let Ended::Failed(words) = done.end {
            eprintln!("  the first build of `{}` failed on the engine: {words}", strategy.name);
        }
        self.copy_mount(&id, kept)?;
        Ok(Start { built, cold: done.wall })
    }

    /// Keeps the mount of a reference for later ones, with the registry's crates alone.
    fn keep_dependencies(&self, from: &str, to: &str) -> Result<()> {
        let names = fixture::LOCAL.map(|name| {
            let name = name.replace('-', "?");
            format!("-name '{name}*' -o -name 'lib{name}*'")
        });
        let names = names.join(" -o ");
        let script = format!("cp -a /from/. /to/; find /to \\( {names} \\) -prune -exec rm -rf {{}} +");
        self.with_mounts(from, to, &script).map(drop)
    }
}

impl Call {
    fn read(ran: process::Ran, log: &Path) -> Result<Self> {
        let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
        Ok(Self { end: ran.end, text, wall: ran.wall })
    }

    /// How a build went that leaves its package there.
    fn built(self, package: PathBuf) -> Built {
        let end = match self.end {
            End::Success => Ended::Package(package),
            End::Killed => Ended::Killed,
            End::Failed(_) => Ended::Failed(output::error(&self.text)),
        };
        Built { end, compiled: output::compiled(&self.text), wall: self.wall, cpu: None }
    }
}

/// Whether a build is to be killed now. The compiler's starts are read from the client's output.
fn is_killed(kill: &Kill, log: &Path, elapsed: Duration) -> bool {
    match kill {
        Kill::After(time) => elapsed >= *time,
        Kill::AtCrate(name) => {
            let said = fs::read(log).unwrap_or_default();
            String::from_utf8_lossy(&said).contains(&format!("Compiling {name}"))
        }
    }
}

/// Two cache mounts for a step, as /from and /to.
fn mounts(from: &str, to: &str) -> String {
    let mount = |id, target| format!("--mount=type=cache,id={id},sharing=locked,target={target}");
    mount(from, "/from") + " " + &mount(to, "/to")
}

impl Backend for Engine {
    fn name(&self) -> &'static str {
        "engine"
    }

    fn start(&mut self, strategy: &Strategy) -> Result<Start> {
        (self.epoch, self.other) = (0, false);
        self.salt = format!("{:04}", (self.salt.parse::<u32>()? + 1) % 10_000);
        self.strategy.clone_from(&strategy.name);
        let id = self.id(&strategy.name);
        let kept = format!("{id}-first");
        let dir = self.machine.work.join("engine").join(&strategy.name);
        let note = dir.join("first.json");
        let key = tree::hash(&[self.machine.key(strategy)?.as_bytes(), self.project.text().as_bytes()]);
        if let Some(first) = tree::read_json::<First>(&note)
            && first.key == key
        {
            self.first = first.layers;
            self.copy_mount(&kept, &id)?;
            return Ok(first.start);
        }
        let start = self.build_first(strategy, &kept)?;
        fs::create_dir_all(&dir)?;
        tree::write_json(&note, &First { key, start, layers: self.first })?;
        Ok(start)
    }

    fn build(&mut self, strategy: &Strategy, order: Order, kill: Option<&Kill>) -> Result<Built> {
        let (id, epoch) = (self.id(&strategy.name), self.epoch());
        self.run(&Job { strategy, order, mount: &id, first: &epoch, number: 1 }, kill)
    }

    fn build_two(&mut self, strategy: &Strategy, orders: [Order; 2]) -> Result<[Built; 2]> {
        let (id, epoch) = (self.id(&strategy.name), self.epoch());
        let mut calls = Vec::new();
        for (order, number) in orders.into_iter().zip(1..) {
            let job = Job { strategy, order, mount: &id, first: &epoch, number };
            let (mut earth, package) = self.command(&job)?;
            let log = self.log(number);
            calls.push(thread::spawn(move || -> Result<Built> {
                let ran = process::run(&mut earth, &log)?;
                Ok(Call::read(ran, &log)?.built(package))
            }));
        }
        let mut built = Vec::new();
        for call in calls {
            built.push(call.join().map_err(|_| anyhow!("a build's thread ended early"))??);
        }
        <[Built; 2]>::try_from(built).map_err(|_| anyhow!("two builds were started"))
    }

    fn last_built(&self, fallback: SystemTime) -> Option<SystemTime> {
        let id = self.id(&self.strategy);
        let script = "find /to -path '*/common-*/invoked.timestamp' -printf 'LAB %T@\\n' | sort | tail -1";
        let said = self.with_mounts(&format!("{id}-first"), &id, script).ok()?;
        Some(said.last().and_then(|text| output::time(text)).unwrap_or(fallback))
    }

    fn salt(&self) -> &str {
        &self.salt
    }

    fn empty_mounts(&mut self) -> Result<()> {
        let id = self.id(&self.strategy);
        self.with_mounts(&format!("{id}-none"), &id, "find /to -mindepth 1 -delete").map(drop)
    }

    fn empty_layers(&mut self) -> Result<()> {
        self.epoch += 1;
        Ok(())
    }

    fn sees_every_edit(&self) -> bool {
        false
    }

    fn has_places(&self) -> bool {
        false
    }

    fn can_age(&self, strategy: &Strategy) -> bool {
        strategy.is_ours() || strategy.text.contains(MOUNT)
    }

    fn age(&mut self) -> Result<()> {
        let id = self.id(&self.strategy);
        self.with_mounts(&format!("{id}-first"), &id, AGE).map(drop)
    }

    fn other_toolchain(&mut self, _: &Strategy, other: bool) -> Result<()> {
        self.other = other;
        Ok(())
    }

    /// From nothing of the sources: the mount holds the registry's crates alone, or, the first time, nothing. What is
    /// built is a copy whose files have a time that none had before, so that the client sends every one of them.
    fn build_from_nothing(&mut self, reference: &Strategy, order: Order) -> Result<PathBuf> {
        let parts = [self.machine.key(reference)?, format!("{} {} {}", order.dev, self.other, self.project.text())];
        let base = tree::hash(&[parts.concat().as_bytes()]);
        let store = self.machine.work.join("engine-reference");
        fs::create_dir_all(&store)?;
        let sources = fixture::sources(order.checkout, reference)?;
        let package = store.join(tree::hash(&[base.as_bytes(), sources.as_bytes(), order.address.as_bytes()]));
        if package.is_dir() {
            return Ok(package);
        }

        let checkout = self.machine.work.join("checkout-reference");
        tree::remove(&checkout)?;
        tree::copy(order.checkout, &checkout, Times::All(SystemTime::now()))?;
        let (id, dependencies) = (self.id("reference"), self.id(&format!("dependencies-{base}")));
        self.references += 1;
        let first =
            format!("{} : reference {} {}; {COPY_MOUNT}", mounts(&dependencies, &id), self.salt, self.references);
        let order = Order { checkout: &checkout, publish: false, ..order };
        let built = self.run(&Job { strategy: reference, order, mount: &id, first: &first, number: 3 }, None)?;
        let Ended::Package(found) = built.end else {
            bail!("the reference does not build; see {}", self.log(3).display());
        };

        tree::copy(&found, &package.with_extension("new"), Times::Kept)?;
        fs::rename(package.with_extension("new"), &package)?;
        let noted = store.join(format!("dependencies-{base}"));
        if !noted.exists() {
            self.keep_dependencies(&id, &dependencies)?;
            fs::write(noted, "")?;
        }
        Ok(package)
    }
}
