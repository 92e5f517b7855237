//! The back end of the real engine: `earth`, with the strategies' own Earthfiles; ours is the project's Earthfile.
//!
//! Around a strategy's text come the targets of the project's Earthfile that install the tools, and a `start`, for `base`, with the
//! registry's crates at hand. Cache mounts have the lab's own ids. Before each scenario the mount becomes a copy of
//! the one that the first build left, and each edit says something that no earlier run has said, so that no layer of
//! an earlier run is found. wasm-opt is the lab's, which copies: for all strategies alike.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};

use crate::{
    backend::{Backend, Built, Ended, Order, Start},
    earthfile::MOUNT,
    machine::{self, Machine},
    process::{self, End, Kill},
    strategy::Strategy,
    tree::{self, Times},
};

/// Targets of the project's Earthfile that every strategy stands on.
const SHARED: [&str; 2] = ["rust", "node"];

/// What the project's Earthfile calls its cache mount.
const OUR_ID: &str = "id=fresh-wasm-target";
const OUR_MOUNT: &str = "--mount=type=cache,id=fresh-wasm-target,target=/work/target,sharing=locked";
const OUR_SRC: &str = "src:\n    FROM +deps\n";

/// Another standard library: one message of it differs by a letter, as on plain folders.
const OTHER_STD: &str = r"    RUN sed -i 's/\(on a .\)None\(. value\)/\1none\2/g' $(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib/libcore-*.rlib
";

const OUR_BUILD: &str = "build --by-content ${digest:+--expect $digest}";

/// All crates of the registry that any scenario needs.
const FETCHED: &str = "    COPY .lab/older /fetch/older
    COPY .lab/newer /fetch/newer
    RUN for dir in older newer; do cd /fetch/$dir && cargo fetch --locked || exit 1; done
    ENV CARGO_NET_OFFLINE=true
    WORKDIR /app
";

/// Makes the mount at /to the same as that at /from.
const COPY_MOUNT: &str = "find /to -mindepth 1 -delete; cp -a /from/. /to/";

pub(crate) struct Engine {
    machine: Rc<Machine>,
    project_earthfile: String,
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

impl Engine {
    /// Finds the engine.
    ///
    /// # Errors
    /// Why the Earthfile cannot be run here.
    pub(crate) fn find(machine: Rc<Machine>) -> Result<Self> {
        process::output(Command::new("earth").arg("--version")).context("`earth` is not on PATH")?;
        let path = machine.project.join("Earthfile");
        let project_earthfile = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for part in [OUR_MOUNT, OUR_SRC, OUR_BUILD, "    ARG digest\n"] {
            if !project_earthfile.contains(part) {
                bail!("the lab looks for `{}` in the project's Earthfile and does not find it", part.trim());
            }
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() % 10_000;
        Ok(Self {
            machine,
            project_earthfile,
            salt: format!("{now:04}"),
            strategy: String::new(),
            first: 0,
            epoch: 0,
            other: false,
            references: 0,
        })
    }

    /// The Earthfile of a strategy, with the lab's cache id. What `first` runs comes before its own steps, which are
    /// not found in the layers of a build with another.
    fn earthfile(&self, strategy: &Strategy, order: Order, id: &str, first: &str) -> Result<String> {
        let other = if self.other { OTHER_STD } else { "" };
        let lines = format!(
            "{other}    COPY .lab/wasm-opt /usr/local/bin/wasm-opt\n    ENV API_URL=\"{}\"\n    RUN {first}\n",
            order.address
        );
        if strategy.is_ours() {
            let mut ask = Command::new(self.machine.xtask());
            let digest = process::output(ask.args(["digest", "--package"]).current_dir(order.checkout))?;
            let mut text = self.project_earthfile.replace(OUR_ID, &format!("id={id}"));
            text = text.replace(OUR_SRC, &format!("{OUR_SRC}{lines}"));
            text = text.replace("    ARG digest\n", &format!("    ARG digest={}\n", digest.trim()));
            if order.dev {
                text = text.replace(OUR_BUILD, &format!("{OUR_BUILD} --dev"));
            }
            if order.publish {
                text = text.replace(OUR_BUILD, &format!("{OUR_BUILD} && xtask verify --rebuild"));
            }
            return Ok(text);
        }
        let needs = strategy.needs.iter().map(|(krate, version, _)| format!("{krate}@{version}"));
        let install = [
            format!("--debug wasm-pack@{}", self.machine.wasm_pack()?),
            format!("wasm-bindgen-cli@{}", self.machine.wasm_bindgen()?),
        ];
        let install = install.into_iter().chain(needs).map(|pin| format!("    RUN cargo install --locked {pin}\n"));
        let mut parts = vec![self.head()];
        for name in SHARED {
            parts.push(self.shared_target(name)?);
        }
        parts.push("\nstart:\n    FROM +rust\n    COPY +node/local /usr/local\n".to_owned());
        parts.extend(install);
        parts.push(FETCHED.to_owned());
        parts.push(lines);
        let dev = if order.dev { "--dev" } else { "" };
        let mount = format!("--mount=type=cache,id={id},sharing=locked,target=/app/target");
        // The language keeps the name `base` for itself.
        let begin = format!("    FROM +start\n    ARG dev={dev}\n");
        parts.push(strategy.text.replace(MOUNT, &mount).replace("    FROM +base\n", &begin));
        Ok(parts.concat())
    }

    /// The version of the language and the images' names.
    fn head(&self) -> String {
        let images = self.project_earthfile.split_inclusive('\n').filter(|line| line.starts_with("ARG --global"));
        std::iter::once("VERSION 0.8\n").chain(images).collect()
    }

    /// A target of the project's Earthfile, as it stands there.
    fn shared_target(&self, name: &str) -> Result<String> {
        let head = format!("{name}:\n");
        let mut lines = self.project_earthfile.split_inclusive('\n').skip_while(|line| *line != head);
        let first = lines.next().with_context(|| format!("the project's Earthfile has no target `{name}`"))?;
        Ok(std::iter::once(first)
            .chain(lines.take_while(|line| line.starts_with(' ') || line.trim().is_empty()))
            .collect())
    }

    /// What the client finds beside the sources: a strategy's Earthfile and the lab's own files.
    fn prepare(&self, checkout: &Path, text: &str) -> Result<()> {
        let lab = checkout.join(".lab");
        for (dir, lock) in [("older", "Cargo.lock.older"), ("newer", "Cargo.lock.newer")] {
            let to = lab.join(dir);
            let from = &self.machine.fixture;
            for part in [".cargo", "Cargo.toml", "common", "crates", "schema", "vendor", "wasm-client"] {
                tree::copy(&from.join(part), &to.join(part), Times::All(tree::date_2020()))?;
            }
            tree::copy(&from.join(lock), &to.join("Cargo.lock"), Times::All(tree::date_2020()))?;
        }
        tree::copy(&self.machine.wasm_opt(), &lab.join("wasm-opt"), Times::All(tree::date_2020()))?;
        fs::write(checkout.join("Earthfile"), text)?;
        Ok(())
    }

    fn earth(&self, checkout: &Path, arguments: &[&str], log: &str, kill: Option<&Kill>) -> Result<Call> {
        let mut earth = Command::new("earth");
        earth.args(arguments).current_dir(checkout);
        let log = self.machine.work.join(log);
        // The compiler's starts are read from the client's output.
        let ran = match kill {
            Some(Kill::AtCrate(name)) => process::run_until(&mut earth, &log, &format!("Compiling {name}"))?,
            kill => process::run(&mut earth, &log, Path::new("/dev/null"), kill)?,
        };
        let text = fs::read(&log).map(|text| String::from_utf8_lossy(&text).into_owned())?;
        Ok(Call { end: ran.end, text, wall: ran.wall })
    }

    fn build_as(
        &self,
        strategy: &Strategy,
        order: Order,
        id: &str,
        first: &str,
        number: u32,
        kill: Option<&Kill>,
    ) -> Result<Built> {
        self.prepare(order.checkout, &self.earthfile(strategy, order, id, first)?)?;
        let out = self.machine.work.join(format!("out-{number}"));
        tree::remove(&out)?;
        fs::create_dir_all(&out)?;
        let to = format!("{}/", out.display());
        // Refuses what is not repeatable, as `--ci` does, but writes the artifact.
        let arguments = ["--strict", "--artifact", "+wasm/pkg", &to];
        let call = self.earth(order.checkout, &arguments, &format!("earth-{number}"), kill)?;
        let end = match call.end {
            End::Success => Ended::Package(out.join("pkg")),
            End::Killed => Ended::Killed,
            End::Failed(_) => Ended::Failed(words(&call.text)),
        };
        Ok(Built { end, compiled: compiled(&call.text), wall: call.wall, cpu: None })
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
        let dir = self.machine.work.join("mounts");
        fs::create_dir_all(&dir)?;
        let unique = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
        let text = format!(
            "{}{}\nmounts:\n    FROM +rust\n    RUN {} : {unique}; {script}\n",
            self.head(),
            self.shared_target("rust")?,
            mounts(from, to)
        );
        fs::write(dir.join("Earthfile"), text)?;
        let call = self.earth(&dir, &["+mounts"], "earth-mounts", None)?;
        if !matches!(call.end, End::Success) {
            bail!("the engine could not prepare its cache: {}", words(&call.text));
        }
        let said = call.text.lines().filter_map(|line| Some(line.split_once("| LAB ")?.1.trim().to_owned()));
        Ok(said.collect())
    }

    /// Seconds for a target of one cached step.
    pub(crate) fn floor(&self) -> Result<f64> {
        let dir = self.machine.work.join("floor");
        fs::create_dir_all(&dir)?;
        let text = format!("{}{}\nfloor:\n    FROM +rust\n    RUN :\n", self.head(), self.shared_target("rust")?);
        fs::write(dir.join("Earthfile"), text)?;
        let call = self.earth(&dir, &["+floor"], "earth-floor", None)?;
        match call.end {
            End::Success => Ok(call.wall),
            _ => bail!("the engine does not build a target of one step: {}", words(&call.text)),
        }
    }

    fn copy_mount(&self, from: &str, to: &str) -> Result<()> {
        self.with_mounts(from, to, COPY_MOUNT).map(drop)
    }

    fn fill(&self, checkout: &Path, time: SystemTime) -> Result<()> {
        tree::remove(checkout)?;
        tree::copy(&self.machine.fixture, checkout, Times::All(time))
    }
}

/// Two cache mounts for a step, as /from and /to.
fn mounts(from: &str, to: &str) -> String {
    let mount = |id, target| format!("--mount=type=cache,id={id},sharing=locked,target={target}");
    mount(from, "/from") + " " + &mount(to, "/to")
}

/// The crates that cargo named as it compiled them.
fn compiled(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines() {
        // The client shows a line while it grows: only a whole one counts.
        if let Some((_, rest)) = line.split_once("   Compiling ")
            && let Some((name, version)) = rest.split_once(' ')
            && version.starts_with('v')
        {
            found.insert(name.to_owned());
        }
    }
    found
}

/// A time as `find` prints it, in seconds, to the nanosecond: a rounded one would be newer or older.
fn time(text: &str) -> Option<SystemTime> {
    let (seconds, fraction) = text.split_once('.')?;
    let nanoseconds = fraction.get(..9)?.parse().ok()?;
    Some(UNIX_EPOCH + Duration::new(seconds.parse().ok()?, nanoseconds))
}

/// The line of the client's output that says why.
fn words(text: &str) -> String {
    let lines = || text.lines().filter_map(|line| Some(line.split_once("| ")?.1.trim()));
    let line = lines()
        .find(|line| line.starts_with("error"))
        .or_else(|| lines().find(|line| line.contains("ERROR")))
        .or(text.lines().last())
        .unwrap_or_default();
    // The client may show a line while it grows, and the whole of it only later.
    let whole = lines().filter(|grown| grown.starts_with(line)).max_by_key(|grown| grown.len());
    whole.unwrap_or(line).chars().take(400).collect()
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
        let first = format!("{id}-first");
        let kept = self.machine.work.join("engine").join(&strategy.name);
        let key = tree::hash(&[self.machine.key(strategy)?.as_bytes(), self.project_earthfile.as_bytes()]);
        let read = || {
            let text = fs::read_to_string(kept.join("note")).ok()?;
            let mut words = text.split(' ');
            (words.next()? == key).then_some(())?;
            let built = UNIX_EPOCH + Duration::from_secs(words.next()?.parse().ok()?);
            let start = Start { built, cold: words.next()?.parse().ok()? };
            Some((start, words.next()?.parse().ok()?))
        };
        if let Some((start, layers)) = read() {
            self.first = layers;
            self.copy_mount(&first, &id)?;
            return Ok(start);
        }
        eprintln!("  {} on the engine: the tools, then the first build from nothing", strategy.title);
        let checkout = self.machine.work.join("checkout-first");
        let order = Order::of(&checkout);
        self.first = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        self.fill(&checkout, UNIX_EPOCH)?;
        // The tools' time is not the build's.
        self.prepare(&checkout, &self.earthfile(strategy, order, &id, &self.epoch())?)?;
        let tools = if strategy.is_ours() { "+src" } else { "+start" };
        let call = self.earth(&checkout, &[tools], "earth-tools", None)?;
        if !matches!(call.end, End::Success) {
            bail!("the engine does not make the tools of `{}`: {}", strategy.name, words(&call.text));
        }
        self.with_mounts(&id, &first, "find /from /to -mindepth 1 -delete")?;
        let built = UNIX_EPOCH + Duration::from_secs(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
        self.fill(&checkout, built - Duration::from_hours(1))?;
        let done = self.build_as(strategy, order, &id, &self.epoch(), 1, None)?;
        if let Ended::Failed(words) = done.end {
            eprintln!("  the first build of `{}` failed on the engine: {words}", strategy.name);
        }
        self.copy_mount(&id, &first)?;
        fs::create_dir_all(&kept)?;
        let seconds = built.duration_since(UNIX_EPOCH)?.as_secs();
        fs::write(kept.join("note"), format!("{key} {seconds} {} {}", done.wall, self.first))?;
        Ok(Start { built, cold: done.wall })
    }

    fn build(&mut self, strategy: &Strategy, order: Order, kill: Option<&Kill>) -> Result<Built> {
        self.build_as(strategy, order, &self.id(&strategy.name), &self.epoch(), 1, kill)
    }

    fn build_two(&mut self, strategy: &Strategy, orders: [Order; 2]) -> Result<[Built; 2]> {
        let (id, epoch) = (self.id(&strategy.name), self.epoch());
        let [mine, theirs] = orders;
        let texts = [self.earthfile(strategy, mine, &id, &epoch)?, self.earthfile(strategy, theirs, &id, &epoch)?];
        let mut calls = Vec::new();
        for (number, (order, text)) in orders.iter().zip(&texts).enumerate() {
            self.prepare(order.checkout, text)?;
            let out = self.machine.work.join(format!("out-{}", number + 1));
            tree::remove(&out)?;
            fs::create_dir_all(&out)?;
            let mut earth = Command::new("earth");
            earth.args(["--strict", "--artifact", "+wasm/pkg"]).arg(format!("{}/", out.display()));
            earth.current_dir(order.checkout);
            let log = self.machine.work.join(format!("earth-{}", number + 1));
            calls.push(thread::spawn(move || -> Result<Built> {
                let ran = process::run(&mut earth, &log, Path::new("/dev/null"), None)?;
                let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
                let end = match ran.end {
                    End::Success => Ended::Package(out.join("pkg")),
                    _ => Ended::Failed(words(&text)),
                };
                Ok(Built { end, compiled: compiled(&text), wall: ran.wall, cpu: None })
            }));
        }
        let mut built = Vec::new();
        for call in calls {
            built.push(call.join().map_err(|_| anyhow::anyhow!("a build's thread ended early"))??);
        }
        <[Built; 2]>::try_from(built).map_err(|_| anyhow::anyhow!("two builds were started"))
    }

    fn last_built(&self, fallback: SystemTime) -> Option<SystemTime> {
        let id = self.id(&self.strategy);
        let script = "find /to -path '*/common-*/invoked.timestamp' -printf 'LAB %T@\\n' | sort | tail -1";
        let said = self.with_mounts(&format!("{id}-first"), &id, script).ok()?;
        Some(said.last().and_then(|text| time(text)).unwrap_or(fallback))
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
        // To the nanosecond: cut to seconds, files would be older than those that they were made from. A file of two
        // names once: it would be two days older than those of one.
        let script = "find /to -printf '%i %p\\n' | sort -nuk 1,1 | cut -d ' ' -f 2- | while read -r f; do \
                      t=$(stat -c %.9Y \"$f\"); touch -hd @$((${t%.*} + 86400)).${t#*.} \"$f\"; done";
        self.with_mounts(&format!("{id}-first"), &id, script).map(drop)
    }

    fn other_toolchain(&mut self, _: &Strategy, other: bool) -> Result<()> {
        self.other = other;
        Ok(())
    }

    /// From nothing of the sources: the mount holds the registry's crates alone, or, the first time, nothing. What is
    /// built is a copy whose files have a time that none had before, so that the client sends every one of them.
    fn build_from_nothing(&mut self, reference: &Strategy, order: Order) -> Result<PathBuf> {
        let parts = [self.machine.key(reference)?, format!("{} {} {}", order.dev, self.other, self.project_earthfile)];
        let base = tree::hash(&[parts.concat().as_bytes()]);
        let store = self.machine.work.join("engine-reference");
        fs::create_dir_all(&store)?;
        let sources = machine::sources(order.checkout, reference)?;
        let package = store.join(tree::hash(&[base.as_bytes(), sources.as_bytes(), order.address.as_bytes()]));
        if package.is_dir() {
            return Ok(package);
        }
        let (id, dependencies) = (self.id("reference"), self.id(&format!("dependencies-{base}")));
        self.references += 1;
        let mounts = mounts(&dependencies, &id);
        let first = format!("{mounts} : reference {} {}; {COPY_MOUNT}", self.salt, self.references);
        let checkout = self.machine.work.join("checkout-reference");
        tree::remove(&checkout)?;
        tree::copy(order.checkout, &checkout, Times::All(SystemTime::now()))?;
        let order = Order { checkout: &checkout, publish: false, ..order };
        let built = self.build_as(reference, order, &id, &first, 3, None)?;
        let Ended::Package(found) = built.end else {
            bail!("the reference does not build; see {}", self.machine.work.join("earth-3").display());
        };
        tree::copy(&found, &package.with_extension("new"), Times::Kept)?;
        fs::rename(package.with_extension("new"), &package)?;
        let noted = store.join(format!("dependencies-{base}"));
        if !noted.exists() {
            let names = machine::LOCAL.map(|name| {
                let name = name.replace('-', "?");
                format!("-name '{name}*' -o -name 'lib{name}*'")
            });
            let names = names.join(" -o ");
            let script = format!("cp -a /from/. /to/; find /to \\( {names} \\) -prune -exec rm -rf {{}} +");
            self.with_mounts(&id, &dependencies, &script)?;
            fs::write(noted, "")?;
        }
        Ok(package)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_to_the_nanosecond() {
        assert_eq!(time("1764028800.1234567890"), Some(UNIX_EPOCH + Duration::new(1_764_028_800, 123_456_789)));
        assert_eq!(time("1764028800"), None);
    }

    #[test]
    fn counts_each_crate_that_a_whole_line_names() {
        let text = "+wasm |    Compiling\n+wasm |    Compiling wasm-cl\n+wasm |    Compiling wasm-client v0.1.0 (/app)\n\
                    +wasm | [INFO]: Compiling to Wasm...\n+wasm |    compile  wasm-pack (2.49 s)\n";
        assert_eq!(compiled(text), BTreeSet::from(["wasm-client".to_owned()]));
    }

    #[test]
    fn reads_the_whole_of_an_error_that_was_shown_while_it_grew() {
        let text = "+wasm | error:\n+wasm | error: other sources: `touch` them\n+wasm | ERROR Earthfile line 20\n";
        assert_eq!(words(text), "error: other sources: `touch` them");
        assert_eq!(words("+wasm | ERROR Earthfile line 20\n"), "ERROR Earthfile line 20");
        assert_eq!(words("no route to the engine"), "no route to the engine");
    }
}
