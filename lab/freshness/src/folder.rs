//! The back end of plain folders: a small BuildKit, as far as freshness goes.
//!
//! - Everything is built at one fixed path, whose name has a space and a letter beyond ASCII; what is not copied there is
//!   not there.
//! - A step whose key is known is not run: its files come back with the times they had then. A key is made of the
//!   step, of the keys before it and of the contents of what it copies; never of times.
//! - The cache mount lies outside all layers and keys, persists, and belongs to one step at a time.
//! - COPY dates files 2020-04-16T12:00Z unless told to keep their times; so does SAVE ARTIFACT.
//!
//! It has no upload: a file that an engine's client would not send, for its size and time did not change, is seen.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    rc::Rc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::{
    backend::{Backend, Built, Ended, ODD_PLACE, Order, Start},
    earthfile::{self, Copy, CopyArtifact, Run, Step, WORKDIR},
    fixture,
    machine::{Machine, Shell},
    process::{self, End, Kill, Ran},
    strategy::Strategy,
    tree::{self, Times},
};

pub(crate) struct Folder {
    machine: Rc<Machine>,
    /// Layers, mounts and packages of the strategy that is played.
    state: PathBuf,
    /// What `app` holds now, where that is known.
    present: Option<Present>,
    other: bool,
}

/// A place and the layers in it.
#[derive(PartialEq)]
struct Present {
    place: u32,
    layers: Vec<Layer>,
}

#[derive(Clone, PartialEq)]
struct Layer {
    key: String,
    /// Whether it holds all files, or only those that it adds.
    whole: bool,
}

/// A build on its way through the steps.
struct Build<'a> {
    strategy: &'a Strategy,
    order: Order<'a>,
    kill: Option<&'a Kill>,
    steps: Vec<Step>,
    next: usize,
    targets: BTreeMap<String, Target>,
    current: String,
    wall: f64,
    cpu: f64,
    end: Option<Ended>,
    compiled: PathBuf,
}

#[derive(Default)]
struct Target {
    /// Of all that led here.
    key: String,
    layers: Vec<Layer>,
    saved: BTreeMap<String, PathBuf>,
}

/// Files for a layer.
struct Files {
    key: String,
    sources: Vec<PathBuf>,
    to: String,
    times: Times,
}

/// A first build that is kept, with the key of what it was built from.
#[derive(Serialize, Deserialize)]
struct First {
    key: String,
    start: Start,
}

impl Build<'_> {
    fn target(&mut self) -> Result<&mut Target> {
        self.targets.get_mut(&self.current).context("a step before any target")
    }

    /// What the build leaves, where the next step is its last: nothing but what is saved.
    fn left(&self) -> Option<&str> {
        match self.steps.get(self.next..) {
            Some([Step::Save(path)]) => Some(path),
            _ => None,
        }
    }

    /// Whether the build is to be killed now, that long after its step began.
    fn is_killed(kill: &Kill, compiled: &Path, elapsed: Duration) -> bool {
        match kill {
            Kill::AtCrate(name) => process::compiled_crates(compiled).contains(name),
            Kill::After(time) => elapsed >= *time,
        }
    }

    fn ended(self) -> Result<Built> {
        let end = self.end.context("the strategy saves no package")?;
        let compiled = process::compiled_crates(&self.compiled);
        Ok(Built { end, compiled, wall: self.wall, cpu: Some(self.cpu) })
    }
}

impl Folder {
    pub(crate) fn new(machine: Rc<Machine>) -> Self {
        let state = machine.work.join("state");
        Self { machine, state, present: None, other: false }
    }

    fn app(&self, place: u32) -> PathBuf {
        self.machine.work.join(folder_name(place))
    }

    fn layer(&self, key: &str) -> PathBuf {
        self.state.join("layers").join(key)
    }

    fn mount(&self) -> PathBuf {
        self.state.join("mount")
    }

    /// A build before its first step. Those that go on by turns have different numbers.
    fn begin<'a>(&self, strategy: &'a Strategy, order: Order<'a>, number: usize) -> Result<Build<'a>> {
        let compiled = self.machine.work.join(format!("compiled-{number}"));
        fs::write(&compiled, "")?;
        let steps = earthfile::steps(&strategy.text, order.target(strategy));
        Ok(Build {
            strategy,
            order,
            kill: None,
            steps: steps.with_context(|| format!("strategy `{}`", strategy.name))?,
            next: 0,
            targets: BTreeMap::new(),
            current: String::new(),
            wall: 0.0,
            cpu: 0.0,
            end: None,
            compiled,
        })
    }

    /// Goes one step on.
    fn step(&mut self, build: &mut Build) -> Result<()> {
        let step = build.steps.get(build.next).context("there is no next step")?.clone();
        build.next += 1;
        match step {
            Step::Begin(target) => {
                let image = if self.other { "other image" } else { "image" };
                let key = format!("{image} {} {}", build.order.place, build.order.address);
                build.targets.insert(target.clone(), Target { key, ..Target::default() });
                build.current = target;
                Ok(())
            }
            Step::Copy(copy) => self.copy(build, &copy),
            Step::CopyArtifact(copy) => self.copy_artifact(build, &copy),
            Step::Run(run) => self.run(build, &run),
            Step::Save(path) => self.save(build, &path),
        }
    }

    fn copy(&self, build: &mut Build, copy: &Copy) -> Result<()> {
        let checkout = build.order.checkout;
        if let Some(name) = copy.from.iter().find(|name| !checkout.join(name).exists()) {
            build.end = Some(Ended::Failed(format!("COPY finds no {name}")));
            return Ok(());
        }
        let sources: Vec<PathBuf> = copy.from.iter().map(|name| checkout.join(name)).collect();
        let digests: Vec<String> = sources.iter().map(|source| tree::digest(source)).collect::<Result<_>>()?;

        let target = build.target()?;
        let step = format!("{:?} {digests:?} {} {}", copy.from, copy.to, copy.keep_times);
        let key = tree::hash(&[target.key.as_bytes(), step.as_bytes()]);
        let times = if copy.keep_times { Times::Kept } else { Times::All(tree::date_2020()) };
        self.add(target, Files { key, sources, to: copy.to.clone(), times })
    }

    fn copy_artifact(&self, build: &mut Build, copy: &CopyArtifact) -> Result<()> {
        let saved = build.targets.get(&copy.target).and_then(|target| target.saved.get(&copy.name));
        let saved = saved.with_context(|| format!("`{}` saves no `{}`", copy.target, copy.name))?.clone();

        let target = build.target()?;
        let key = tree::hash(&[target.key.as_bytes(), copy.to.as_bytes(), tree::digest(&saved)?.as_bytes()]);
        let times = Times::All(tree::date_2020());
        self.add(target, Files { key, sources: vec![saved], to: copy.to.clone(), times })
    }

    /// Adds a layer of copied files; one that is there already keeps the times that it has.
    fn add(&self, target: &mut Target, files: Files) -> Result<()> {
        let dir = self.layer(&files.key);
        if !dir.is_dir() {
            let new = dir.with_extension("new");
            tree::remove(&new)?;
            for source in &files.sources {
                let to = new.join(&files.to);
                let name = source.file_name().unwrap_or_default();
                let to = if files.to.ends_with('/') { to.join(name) } else { to };
                tree::copy(source, &to, files.times)?;
            }
            fs::rename(new, &dir)?;
        }
        target.layers.push(Layer { key: files.key.clone(), whole: false });
        target.key = files.key;
        Ok(())
    }

    fn run(&mut self, build: &mut Build, run: &Run) -> Result<()> {
        let before = build.target()?.key.clone();
        let dev = build.order.dev && run.script.contains("dev");
        let flags = [u8::from(run.mounted), u8::from(dev)];
        let key = tree::hash(&[before.as_bytes(), run.script.as_bytes(), &flags]);

        if !self.layer(&key).is_dir() {
            let ran = self.execute(build, run)?;
            build.wall += ran.wall;
            build.cpu += ran.cpu;
            let app = self.app(build.order.place);
            match ran.end {
                End::Success => self.keep(&app, &key, build.left())?,
                End::Killed => build.end = Some(Ended::Killed),
                // Where the lab works is of this machine; in the table it is the container's.
                End::Failed(words) => {
                    build.end = Some(Ended::Failed(words.replace(&*app.to_string_lossy(), WORKDIR)));
                }
            }
            if build.end.is_some() {
                return Ok(());
            }
        }

        let target = build.target()?;
        target.layers = vec![Layer { key: key.clone(), whole: true }];
        target.key = key;
        Ok(())
    }

    /// Runs a script in `app`, with or without the mount.
    fn execute(&mut self, build: &mut Build, run: &Run) -> Result<Ran> {
        let place = build.order.place;
        let layers = build.target()?.layers.clone();
        self.materialise(Present { place, layers })?;
        // The script changes it.
        self.present = None;

        let (app, mount) = (self.app(place), self.mount());
        let shared = self.machine.work.join("shared target");
        let is_shared = run.mounted && ![0, ODD_PLACE].contains(&place);
        let mounted_at = if is_shared { shared.clone() } else { app.join("target") };
        if run.mounted {
            fs::create_dir_all(&mount)?;
            fs::rename(&mount, &mounted_at)?;
        }
        // In the container the folder has a name that strategies may spell out.
        let script = run.script.replace(&format!("{WORKDIR}/"), "");
        let Build { strategy, order, compiled, .. } = build;
        let mut shell = self.machine.shell(&Shell { strategy, order: *order, script: &script, dir: &app, compiled })?;
        if is_shared {
            symlink(&shared, app.join("target"))?;
            shell.env("CARGO_TARGET_DIR", &shared);
        }

        let log = self.machine.work.join("log");
        let ran = match build.kill {
            None => process::run(&mut shell, &log),
            Some(kill) => {
                process::run_until(&mut shell, &log, &|elapsed| Build::is_killed(kill, &build.compiled, elapsed))
            }
        };

        if run.mounted {
            fs::rename(&mounted_at, &mount)?;
        }
        if is_shared {
            // A build may have removed it.
            let _ = fs::remove_file(app.join("target"));
        }
        ran
    }

    /// Keeps what a script left in `app` as a layer: all of it, or one path of it.
    fn keep(&self, app: &Path, key: &str, part: Option<&str>) -> Result<()> {
        let new = self.layer(key).with_extension("new");
        tree::remove(&new)?;
        match part {
            Some(path) => tree::copy(&app.join(path), &new.join(path), Times::Kept)?,
            None => tree::copy(app, &new, Times::Kept)?,
        }
        Ok(fs::rename(new, self.layer(key))?)
    }

    fn save(&self, build: &mut Build, path: &str) -> Result<()> {
        let is_last = build.next == build.steps.len();
        let target = build.target()?;
        let whole = target.layers.iter().rev().find(|layer| layer.whole).context("nothing was run yet")?;
        let saved = self.layer(&whole.key).join(path);
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
        target.saved.insert(name, saved.clone());
        if is_last {
            build.end = Some(Ended::Package(saved));
        }
        Ok(())
    }

    /// Makes `app` what these layers say.
    fn materialise(&mut self, wanted: Present) -> Result<()> {
        if self.present.as_ref() == Some(&wanted) {
            return Ok(());
        }
        let app = self.app(wanted.place);
        tree::remove(&app)?;
        fs::create_dir_all(&app)?;
        let first = wanted.layers.iter().rposition(|layer| layer.whole).unwrap_or(0);
        for layer in &wanted.layers[first..] {
            tree::copy(&self.layer(&layer.key), &app, Times::Kept)?;
        }
        self.present = Some(wanted);
        Ok(())
    }

    fn clear(&mut self) -> Result<()> {
        self.present = None;
        tree::remove(&self.state)?;
        Ok(fs::create_dir_all(self.state.join("layers"))?)
    }

    /// The first build, from nothing: the sources are an hour old then.
    fn build_first(&mut self, strategy: &Strategy) -> Result<Start> {
        eprintln!("  {}: the first build, from nothing", strategy.title);
        let built = SystemTime::now();
        let checkout = self.machine.work.join("checkout-first");
        tree::remove(&checkout)?;
        tree::copy(&self.machine.fixture, &checkout, Times::All(built - Duration::from_hours(1)))?;
        let first = self.build(strategy, Order::of(&checkout), None)?;
        if let Ended::Failed(words) = first.end {
            eprintln!("  the first build of `{}` failed: {words}", strategy.name);
        }
        Ok(Start { built, cold: first.cpu.unwrap_or(first.wall) })
    }

    /// Builds from nothing but the registry's crates, which are those of one build that began in an empty folder.
    fn build_reference(&mut self, reference: &Strategy, order: Order, dependencies: &Path) -> Result<PathBuf> {
        self.clear()?;
        if dependencies.is_dir() {
            tree::copy(dependencies, &self.mount(), Times::Kept)?;
        }
        let built = self.build(reference, Order { publish: false, ..order }, None)?;
        let Ended::Package(found) = built.end else {
            bail!("the reference does not build; see {}", self.machine.work.join("log").display());
        };
        if !dependencies.is_dir() {
            remove_local(&self.mount())?;
            tree::copy(&self.mount(), dependencies, Times::Kept)?;
        }
        Ok(found)
    }
}

impl Backend for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn start(&mut self, strategy: &Strategy) -> Result<Start> {
        self.other_toolchain(strategy, false)?;
        self.clear()?;
        let kept = self.machine.work.join("first").join(&strategy.name);
        let (state, note) = (kept.join("state"), kept.join("first.json"));
        let key = self.machine.key(strategy)?;
        if let Some(first) = tree::read_json::<First>(&note)
            && first.key == key
        {
            tree::copy(&state, &self.state, Times::Kept)?;
            return Ok(first.start);
        }
        let start = self.build_first(strategy)?;
        tree::remove(&kept)?;
        tree::copy(&self.state, &state, Times::Kept)?;
        tree::write_json(&note, &First { key, start })?;
        Ok(start)
    }

    fn build(&mut self, strategy: &Strategy, order: Order, kill: Option<&Kill>) -> Result<Built> {
        let mut build = Build { kill, ..self.begin(strategy, order, 1)? };
        while build.end.is_none() {
            self.step(&mut build)?;
        }
        build.ended()
    }

    /// Both go on by turns: a step has the cache mount for itself, and the other build's step may come between two.
    fn build_two(&mut self, strategy: &Strategy, orders: [Order; 2]) -> Result<[Built; 2]> {
        let [first, second] = orders;
        let mut builds = [self.begin(strategy, first, 1)?, self.begin(strategy, second, 2)?];
        while builds.iter().any(|build| build.end.is_none()) {
            for build in &mut builds {
                if build.end.is_none() {
                    self.step(build)?;
                }
            }
        }
        let [first, second] = builds;
        Ok([first.ended()?, second.ended()?])
    }

    fn last_built(&self, fallback: SystemTime) -> Option<SystemTime> {
        let invoked = |path: &Path| {
            let parent = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            path.file_name() == Some("invoked.timestamp".as_ref()) && parent.starts_with("common-")
        };
        Some(tree::newest(&self.state, &invoked).unwrap_or(fallback))
    }

    fn salt(&self) -> &'static str {
        "0000"
    }

    fn empty_mounts(&mut self) -> Result<()> {
        tree::remove(&self.mount())
    }

    fn empty_layers(&mut self) -> Result<()> {
        self.present = None;
        tree::remove(&self.state.join("layers"))?;
        Ok(fs::create_dir_all(self.state.join("layers"))?)
    }

    fn sees_every_edit(&self) -> bool {
        true
    }

    fn has_places(&self) -> bool {
        true
    }

    fn can_age(&self, _: &Strategy) -> bool {
        true
    }

    fn age(&mut self) -> Result<()> {
        self.present = None;
        tree::change_times(&self.state, &|time| {
            // What COPY has dated has no other date tomorrow.
            if time == tree::date_2020() { time } else { time + Duration::from_hours(24) }
        })
    }

    fn other_toolchain(&mut self, strategy: &Strategy, other: bool) -> Result<()> {
        self.machine.toolchain(strategy)?.use_other(other)?;
        self.other = other;
        Ok(())
    }

    /// From nothing of the sources. A package that was built so once is kept.
    fn build_from_nothing(&mut self, reference: &Strategy, order: Order) -> Result<PathBuf> {
        let store = self.machine.work.join("reference");
        let lock = tree::digest(&order.checkout.join("Cargo.lock"))?;
        let base = format!("{} {lock} {} {}", self.machine.key(reference)?, order.dev, self.other);
        let sources = fixture::sources(order.checkout, reference)?;
        let own = format!("{base} {sources} {} {}", order.place, order.address);
        let package = store.join(format!("{}-package", tree::hash(&[own.as_bytes()])));
        if package.is_dir() {
            return Ok(package);
        }

        let played = std::mem::replace(&mut self.state, self.machine.work.join("reference-state"));
        let built = self.build_reference(reference, order, &store.join(tree::hash(&[base.as_bytes()])));
        let kept = built.and_then(|found| {
            let new = package.with_extension("new");
            tree::remove(&new)?;
            tree::copy(&found, &new, Times::Kept)?;
            Ok(fs::rename(new, &package)?)
        });
        self.present = None;
        tree::remove(&self.state)?;
        self.state = played;
        kept.map(|()| package)
    }
}

/// The first is a plain one, and the last a hard one: an accent of its own, as macOS writes it, a letter of four bytes,
/// and what templates take for a variable.
fn folder_name(place: u32) -> String {
    match place {
        0 => "my é app".to_owned(),
        ODD_PLACE => "my cafe\u{301} 🦀 {{project}}".to_owned(),
        _ => format!("my é app{place}"),
    }
}

/// Removes all that was made of the workspace's own crates: files and folders with their names, and packages.
fn remove_local(target: &Path) -> Result<()> {
    for entry in fs::read_dir(target)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = name.replace('_', "-");
        let bare = name.strip_prefix("lib").unwrap_or(&name);
        if fixture::LOCAL.iter().any(|local| name.starts_with(local) || bare.starts_with(local)) {
            tree::remove(&path)?;
        } else if path.is_dir() {
            remove_local(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_registrys_crates_stay() {
        let dir = std::env::temp_dir().join(format!("freshness-folder-{}", std::process::id()));
        let made = ["deps/libcommon-1.rlib", "deps/wasm_client-2.wasm", "deps/libitoa-3.rlib", "build/common-4/out/x"];
        for file in made {
            fs::create_dir_all(dir.join(file).parent().unwrap()).unwrap();
            fs::write(dir.join(file), "").unwrap();
        }
        remove_local(&dir).unwrap();
        let left: Vec<&str> = made.into_iter().filter(|file| dir.join(file).exists()).collect();
        assert_eq!(left, ["deps/libitoa-3.rlib"]);
        tree::remove(&dir).unwrap();
    }

    #[test]
    fn a_build_is_killed_when_it_is_time() {
        let is_killed = |kill, elapsed| Build::is_killed(&kill, Path::new("/dev/null"), Duration::from_secs(elapsed));
        assert!(!is_killed(Kill::After(Duration::from_secs(2)), 1));
        assert!(is_killed(Kill::After(Duration::from_secs(2)), 2));
        assert!(!is_killed(Kill::AtCrate("common".to_owned()), 9));
    }
}
