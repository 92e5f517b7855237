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
    path::{Path, PathBuf},
    rc::Rc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail};

use crate::{
    backend::{Backend, Built, Ended, Order, Start},
    earthfile::{self, Step, WORKDIR},
    machine::{self, Machine},
    process::{self, End, Kill},
    strategy::Strategy,
    tree::{self, Times},
};

pub(crate) struct Folder {
    machine: Rc<Machine>,
    /// Layers, mounts and packages of the strategy that is played.
    state: PathBuf,
    /// The layers that `app` consists of now, where that is known.
    present: Option<(u32, Vec<Layer>)>,
    other: bool,
}

#[derive(Clone, PartialEq)]
struct Layer {
    key: String,
    /// Whether it holds all files, or only those that it adds.
    whole: bool,
}

/// A build on its way through the steps.
struct Walk<'a> {
    strategy: &'a Strategy,
    order: Order<'a>,
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
    key: String,
    layers: Vec<Layer>,
    saved: BTreeMap<String, PathBuf>,
}

impl Folder {
    pub(crate) fn new(machine: Rc<Machine>) -> Self {
        let state = machine.work.join("state");
        Self { machine, state, present: None, other: false }
    }

    fn app(&self, place: u32) -> PathBuf {
        let number = if place == 0 { String::new() } else { place.to_string() };
        self.machine.work.join(format!("my é app{number}"))
    }

    fn layer(&self, key: &str) -> PathBuf {
        self.state.join("layers").join(key)
    }

    fn mount(&self) -> PathBuf {
        self.state.join("mount")
    }

    fn walk<'a>(&self, strategy: &'a Strategy, order: Order<'a>, number: usize) -> Result<Walk<'a>> {
        let compiled = self.machine.work.join(format!("compiled-{number}"));
        fs::write(&compiled, "")?;
        Ok(Walk {
            strategy,
            order,
            steps: earthfile::steps(&strategy.text, strategy.target(order))
                .with_context(|| format!("strategy `{}`", strategy.name))?,
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
    fn step(&mut self, walk: &mut Walk, kill: Option<&Kill>) -> Result<()> {
        let Some(step) = walk.steps.get(walk.next).cloned() else { bail!("there is no next step") };
        walk.next += 1;
        let last = walk.next + 1 == walk.steps.len();
        if let Step::Begin { target } = &step {
            let image = if self.other { "other image" } else { "image" };
            walk.current.clone_from(target);
            let key = format!("{image} {} {}", walk.order.place, walk.order.address);
            walk.targets.insert(target.clone(), Target { key, ..Target::default() });
            return Ok(());
        }
        let target = walk.targets.get(&walk.current).context("a step before any target")?;
        let (before, mut layers) = (target.key.clone(), target.layers.clone());
        let key = match step {
            Step::Begin { .. } => return Ok(()),
            Step::Copy { keep_times, from, to } => {
                let mut parts = Vec::new();
                if let Some(name) = from.iter().find(|name| !walk.order.checkout.join(name).exists()) {
                    walk.end = Some(Ended::Failed(format!("COPY finds no {name}")));
                    return Ok(());
                }
                for name in &from {
                    parts.push((name.clone(), tree::digest(&walk.order.checkout.join(name))?));
                }
                let key = tree::hash(&[before.as_bytes(), format!("{parts:?} {to} {keep_times}").as_bytes()]);
                let times = if keep_times { Times::Kept } else { Times::All(tree::date_2020()) };
                let sources = from.iter().map(|name| walk.order.checkout.join(name)).collect();
                self.add_files(key, sources, &to, times, &mut layers)?
            }
            Step::CopyArtifact { target, name, to } => {
                let saved = walk.targets.get(&target).and_then(|target| target.saved.get(&name));
                let saved = saved.with_context(|| format!("`{target}` saves no `{name}`"))?.clone();
                let key = tree::hash(&[before.as_bytes(), to.as_bytes(), tree::digest(&saved)?.as_bytes()]);
                self.add_files(key, vec![saved], &to, Times::All(tree::date_2020()), &mut layers)?
            }
            Step::Run { mounted, script } => {
                let dev = if script.contains("dev") { walk.order.dev } else { false };
                let key = tree::hash(&[before.as_bytes(), script.as_bytes(), &[u8::from(mounted), u8::from(dev)]]);
                if !self.layer(&key).is_dir() {
                    // The last step's files are not needed, but for what is saved.
                    let kept = walk.steps.last().filter(|_| last);
                    if let Some(end) = self.execute(walk, &script, mounted, &key, kept.cloned(), &layers, kill)? {
                        walk.end = Some(end);
                        return Ok(());
                    }
                    self.present = None;
                }
                layers = vec![Layer { key: key.clone(), whole: true }];
                key
            }
            Step::Save { path } => {
                let whole = layers.iter().rev().find(|layer| layer.whole).context("nothing was run yet")?;
                let saved = self.layer(&whole.key).join(&path);
                let name = Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned();
                if walk.next == walk.steps.len() {
                    walk.end = Some(Ended::Package(saved.clone()));
                }
                if let Some(target) = walk.targets.get_mut(&walk.current) {
                    target.saved.insert(name, saved);
                }
                before
            }
        };
        if let Some(target) = walk.targets.get_mut(&walk.current) {
            (target.key, target.layers) = (key, layers);
        }
        Ok(())
    }

    /// A layer of copied files; one that is there already keeps the times that it has.
    fn add_files(
        &self,
        key: String,
        sources: Vec<PathBuf>,
        to: &str,
        times: Times,
        layers: &mut Vec<Layer>,
    ) -> Result<String> {
        let dir = self.layer(&key);
        if !dir.is_dir() {
            let new = dir.with_extension("new");
            tree::remove(&new)?;
            for source in sources {
                let name = source.file_name().unwrap_or_default();
                let into = if to.ends_with('/') { new.join(to).join(name) } else { new.join(to) };
                tree::copy(&source, &into, times)?;
            }
            fs::rename(new, &dir)?;
        }
        layers.push(Layer { key: key.clone(), whole: false });
        Ok(key)
    }

    #[allow(clippy::too_many_arguments, reason = "one place, and each is another thing")]
    fn execute(
        &mut self,
        walk: &mut Walk,
        script: &str,
        mounted: bool,
        key: &str,
        kept: Option<Step>,
        layers: &[Layer],
        kill: Option<&Kill>,
    ) -> Result<Option<Ended>> {
        self.materialise(walk.order.place, layers)?;
        let (app, mount) = (self.app(walk.order.place), self.mount());
        let shared = self.machine.work.join("shared target");
        let mounted_at = if walk.order.place == 0 { app.join("target") } else { shared.clone() };
        if mounted {
            fs::create_dir_all(&mount)?;
            fs::rename(&mount, &mounted_at)?;
        }
        // In the container the folder has a name that strategies may spell out.
        let script = script.replace(&format!("{WORKDIR}/"), "");
        let mut shell = self.machine.shell(walk.strategy, &script, &app, walk.order, &walk.compiled)?;
        if mounted && walk.order.place != 0 {
            std::os::unix::fs::symlink(&shared, app.join("target"))?;
            shell.env("CARGO_TARGET_DIR", &shared);
        }
        let ran = process::run(&mut shell, &self.machine.work.join("log"), &walk.compiled, kill);
        if mounted {
            fs::rename(&mounted_at, &mount)?;
            // The link to a shared one.
            let _ = fs::remove_file(app.join("target"));
        }
        self.present = None;
        let ran = ran?;
        walk.wall += ran.wall;
        walk.cpu += ran.cpu;
        match ran.end {
            // Where the lab works is of this machine; in the table it is the container's.
            End::Failed(words) => {
                return Ok(Some(Ended::Failed(words.replace(&*app.to_string_lossy(), WORKDIR))));
            }
            End::Killed => return Ok(Some(Ended::Killed)),
            End::Success => {}
        }
        let new = self.layer(key).with_extension("new");
        tree::remove(&new)?;
        match kept {
            Some(Step::Save { path }) => tree::copy(&app.join(&path), &new.join(&path), Times::Kept)?,
            _ => tree::copy(&app, &new, Times::Kept)?,
        }
        fs::rename(new, self.layer(key))?;
        Ok(None)
    }

    /// Makes `app` what these layers say.
    fn materialise(&mut self, place: u32, layers: &[Layer]) -> Result<()> {
        let wanted = (place, layers.to_vec());
        if self.present.as_ref() == Some(&wanted) {
            return Ok(());
        }
        let app = self.app(place);
        tree::remove(&app)?;
        fs::create_dir_all(&app)?;
        let first = layers.iter().rposition(|layer| layer.whole).unwrap_or(0);
        for layer in &layers[first..] {
            tree::copy(&self.layer(&layer.key), &app, Times::Kept)?;
        }
        self.present = Some(wanted);
        Ok(())
    }

    fn ended(walk: Walk) -> Result<Built> {
        let end = walk.end.context("the strategy saves no package")?;
        let compiled = process::compiled_crates(&walk.compiled);
        Ok(Built { end, compiled, wall: walk.wall, cpu: Some(walk.cpu) })
    }

    fn clear(&mut self) -> Result<()> {
        self.present = None;
        tree::remove(&self.state)?;
        Ok(fs::create_dir_all(self.state.join("layers"))?)
    }
}

impl Backend for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn start(&mut self, strategy: &Strategy) -> Result<Start> {
        self.other_toolchain(strategy, false)?;
        let kept = self.machine.work.join("first").join(&strategy.name);
        let key = self.machine.key(strategy)?;
        let note = kept.join("note");
        let read = || {
            let text = fs::read_to_string(&note).ok()?;
            let mut words = text.split(' ');
            (words.next()? == key).then_some(())?;
            let built = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(words.next()?.parse().ok()?);
            Some(Start { built, cold: words.next()?.parse().ok()? })
        };
        self.clear()?;
        if let Some(start) = read() {
            tree::copy(&kept.join("state"), &self.state, Times::Kept)?;
            return Ok(start);
        }
        eprintln!("  {}: the first build, from nothing", strategy.title);
        let built = SystemTime::now();
        let checkout = self.machine.work.join("checkout-first");
        tree::remove(&checkout)?;
        tree::copy(&self.machine.fixture, &checkout, Times::All(built - Duration::from_hours(1)))?;
        let first = self.build(strategy, Order::of(&checkout), None)?;
        if let Ended::Failed(words) = first.end {
            eprintln!("  the first build of `{}` failed: {words}", strategy.name);
        }
        let start = Start { built, cold: first.cpu.unwrap_or(first.wall) };
        tree::remove(&kept)?;
        tree::copy(&self.state, &kept.join("state"), Times::Kept)?;
        let seconds = built.duration_since(SystemTime::UNIX_EPOCH)?.as_secs_f64();
        fs::write(note, format!("{key} {seconds} {}", start.cold))?;
        Ok(start)
    }

    fn build(&mut self, strategy: &Strategy, order: Order, kill: Option<&Kill>) -> Result<Built> {
        let mut walk = self.walk(strategy, order, 1)?;
        while walk.end.is_none() {
            self.step(&mut walk, kill)?;
        }
        Self::ended(walk)
    }

    /// Both go on by turns: a step has the cache mount for itself, and the other build's step may come between two.
    fn build_two(&mut self, strategy: &Strategy, orders: [Order; 2]) -> Result<[Built; 2]> {
        let [first, second] = orders;
        let mut walks = [self.walk(strategy, first, 1)?, self.walk(strategy, second, 2)?];
        while walks.iter().any(|walk| walk.end.is_none()) {
            for walk in &mut walks {
                if walk.end.is_none() {
                    self.step(walk, None)?;
                }
            }
        }
        let [first, second] = walks;
        Ok([Self::ended(first)?, Self::ended(second)?])
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
        self.machine.use_other_toolchain(strategy, other)?;
        self.other = other;
        Ok(())
    }

    /// From nothing of the sources: the registry's crates are those of one build that began in an empty folder, as long
    /// as the lock file and the toolchain are the same.
    fn build_from_nothing(&mut self, reference: &Strategy, order: Order) -> Result<PathBuf> {
        let store = self.machine.work.join("reference");
        let parts = [
            self.machine.key(reference)?,
            tree::digest(&order.checkout.join("Cargo.lock"))?,
            format!("{} {}", order.dev, self.other),
        ];
        let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        let dependencies = store.join(tree::hash(&parts));
        let sources = machine::sources(order.checkout, reference)?;
        let own = format!("{} {}", order.place, order.address);
        let key = tree::hash(&[&parts.concat(), sources.as_bytes(), own.as_bytes()]);
        let package = store.join(format!("{key}-package"));
        if package.is_dir() {
            return Ok(package);
        }
        let played = std::mem::replace(&mut self.state, self.machine.work.join("reference-state"));
        let built = self.clear().and_then(|()| {
            if dependencies.is_dir() {
                tree::copy(&dependencies, &self.mount(), Times::Kept)?;
            }
            self.build(reference, Order { publish: false, ..order }, None)
        });
        let kept = built.and_then(|built| {
            let Ended::Package(found) = built.end else {
                bail!("the reference does not build; see {}", self.machine.work.join("log").display());
            };
            let new = package.with_extension("new");
            tree::remove(&new)?;
            tree::copy(&found, &new, Times::Kept)?;
            fs::rename(new, &package)?;
            if !dependencies.is_dir() {
                remove_local(&self.mount())?;
                tree::copy(&self.mount(), &dependencies, Times::Kept)?;
            }
            Ok(package)
        });
        self.present = None;
        tree::remove(&self.state)?;
        self.state = played;
        kept
    }
}

/// Removes all that was made of the workspace's own crates: files and folders with their names, and packages.
fn remove_local(target: &Path) -> Result<()> {
    for entry in fs::read_dir(target)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = name.replace('_', "-");
        let bare = name.strip_prefix("lib").unwrap_or(&name);
        if machine::LOCAL.iter().any(|local| name.starts_with(local) || bare.starts_with(local)) {
            tree::remove(&path)?;
        } else if path.is_dir() {
            remove_local(&path)?;
        }
    }
    Ok(())
}
