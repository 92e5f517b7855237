//! A build: what is done before cargo runs, and after it.
//!
//! Cargo knows which unit has read which file, and compiles a unit again if one of its files is newer than the unit. Only
//! the times are wrong: those of archives, checkouts and copies say nothing about when a target directory saw a content.
//! So each target directory has a record of what it was last built from, and a build does this:
//!
//! 1. **Compare** the checkout with the record, by content.
//! 2. **Open the record**: it says that a build has begun. If that build does not end, the next one trusts nothing.
//! 3. **Date** what changed: it gets the present time, so that cargo finds everybody who reads it. In a copy, such as a
//!    container's, all else gets the time at which this directory first saw it.
//! 4. **Forget** each crate whose own files changed, by `cargo clean --package`, whatever the clocks say.
//! 5. The caller runs **cargo**.
//! 6. **Close the record**, without what changed meanwhile.
//!
//! Where the record cannot be trusted, all local crates are forgotten: see [`Distrust`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cargo_metadata::PackageId;

use crate::check;
use crate::error::{Error, Result};
use crate::file_set::FileSet;
use crate::record::{Closed, Context, Record, Recorded};
use crate::snapshot::{Entry, FileId, Kind, Scope, Snapshot, Stat};
use crate::target_dir::{TargetDir, WORKERS, Workers};
use crate::toolchain::Toolchain;
use crate::workspace::{LocalCrate, Workspace};
use crate::wrapper::{self, KeptUnit, Remap, Settings, Unit};

/// How a build is done.
pub struct Options<'a> {
    /// What a snapshot leaves out.
    pub scope: Scope<'a>,
    /// Whose times may be changed.
    pub times: Times,
    /// What compiles.
    pub toolchain: Toolchain,
    /// Folders whose paths do not get into what is compiled.
    pub remap: Vec<Remap>,
    /// Whether crates that are not local are compiled through the user's `rustc-wrapper`.
    pub compiler_cache: bool,
}

/// Whose times may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The checkout is somebody's working tree: times only become later, and at most the present one.
    OfCheckout,
    /// The checkout is a copy for this build: what did not change gets its old time back, however it was copied.
    OfCopy,
}

/// Why nothing that was built from local sources is trusted, so that all local crates are compiled again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Distrust {
    /// There is no record of an earlier build.
    Unknown,
    /// An earlier build did not end, so nobody knows which contents its compilers have read.
    Unfinished,
    /// The checkout was elsewhere: its path may be in what was built.
    Moved,
    /// Another toolchain has built here.
    Toolchain,
    /// A manifest above a crate or cargo's configuration has changed. Both reach code through variables.
    Settings,
    /// Something was built, restored or deleted here since, without this crate.
    ForeignBuild,
    /// The clock is not ahead of the last build: a file that is dated now would not be newer than what was built.
    Clock,
    /// A file cannot be dated, because it belongs to another user or is read-only.
    Undatable,
}

/// A build between [`begin`](Self::begin) and [`finish`](Self::finish).
pub struct Build<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) dir: &'a TargetDir,
    options: &'a Options<'a>,
    pub(crate) snapshot: Snapshot,
    /// What was compiled in earlier builds.
    pub(crate) units: Vec<KeptUnit>,
    /// The folders of the crates whose build scripts declared nothing then.
    silent: BTreeSet<String>,
    _workers: Workers,
    /// The record of the last build.
    before: Option<Record>,
    /// What is written when the build ends.
    record: Record,
    distrust: Option<Distrust>,
    began: SystemTime,
}

/// What happened to the checkout during a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// Files that crates were built from, and whose content changed: what was built may be from before or after. Build
    /// again.
    pub changed: Vec<String>,
    /// Other files that changed, from which no crate was built as far as cargo knows: a log, for instance, or the source
    /// of a crate that did not compile. The next build compares them.
    pub unread: Vec<String>,
    /// Files that were written with the bytes that they had. A build script may do that each time; if somebody else did,
    /// another content may have been there for a moment. The next build compiles their crates again.
    pub rewritten: Vec<String>,
}

impl<'a> Build<'a> {
    /// Does what has to be done before cargo runs. `snapshot` was taken of this workspace, with the scope in `options`.
    ///
    /// # Errors
    /// The target directory cannot be written.
    pub fn begin(
        workspace: &'a Workspace,
        snapshot: Snapshot,
        dir: &'a TargetDir,
        options: &'a Options<'a>,
    ) -> Result<Self> {
        let mut build = Self::look(workspace, snapshot, dir, options)?;
        if let Some(before) = build.before.as_ref().filter(|before| is_useless(before, options)) {
            // The record names the earlier context until nothing of it is left.
            dir.write_record(&Record::open(before.context.clone()))?;
            dir.clear()?;
        }

        let changes = build.compare();
        build.dir.write_record(&build.record)?;
        build.distrust = build.find_distrust(&changes);
        if build.distrust.is_some() {
            dir.date_future(build.began);
        }

        build.date();
        wrapper::install(dir, &build.wrapper_settings())?;
        build.forget(&changes)?;
        Ok(build)
    }

    /// Locks the directory and reads its record, but changes no source and nothing that was built.
    pub(crate) fn look(
        workspace: &'a Workspace,
        mut snapshot: Snapshot,
        dir: &'a TargetDir,
        options: &'a Options<'a>,
    ) -> Result<Self> {
        let workers = Workers::lock(dir)?;
        // Without the list of what was compiled, a record does not say what has to be compared.
        let before = dir.record().filter(|_| dir.own(wrapper::UNITS).is_dir());
        snapshot.add(before.iter().flat_map(|before| before.entries.keys()));
        let record = Record::open(context(workspace, options));
        let began = dir.now()?;
        let units = Unit::read_all(&dir.own(wrapper::UNITS))?;
        let silent = check::silent_crates(workspace, &units);
        snapshot.add(&check::hidden_of(&silent, workspace));

        Ok(Self {
            workspace,
            dir,
            options,
            snapshot,
            units,
            silent,
            _workers: workers,
            before,
            record,
            distrust: None,
            began,
        })
    }

    /// Why all local crates are compiled again, if they are.
    #[must_use]
    pub fn distrust(&self) -> Option<Distrust> {
        self.distrust
    }

    /// The files of the checkout as they were when the build began.
    #[must_use]
    pub fn files(&self) -> FileSet {
        self.snapshot.files()
    }

    /// Makes a command call cargo so that the build is seen. Cargo has to be given [`TargetDir::cargo_options`], too.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, PathBuf)> {
        vec![("RUSTC_WRAPPER".to_owned(), wrapper::link(self.dir))]
    }

    /// Closes the record, once cargo has ended, whether it succeeded or not: a unit that failed has left no fingerprint, so
    /// cargo compiles it again. A build script may have run before, and is run again.
    ///
    /// # Errors
    /// The checkout cannot be read any more, or the record cannot be written.
    pub fn finish(mut self, has_succeeded: bool) -> Result<Finished> {
        // Before the checkout is read: whoever builds here from now on may have seen something else.
        let newest = self.dir.newest(self.dir.now()?);
        let mut after = Snapshot::take(self.workspace, self.options.scope)?;
        after.add(&self.snapshot.elsewhere);
        let mut finished = self.drop_changed(&after);

        let units = Unit::read_all(&self.dir.own(wrapper::UNITS))?;
        finished.unread = self.take_unread(&mut finished.changed, &units);
        let mut begun = check::begun_crates(self.workspace, &units);
        self.record_elsewhere(&mut after, &units, &begun);
        self.check_layout(&units)?;

        if has_succeeded {
            // Only documentation was asked for, which is no unit of rustc's.
            begun.clear();
        }
        // If cargo was killed and a compiler runs on, what it writes will be newer than this.
        self.record.closed = Some(Closed { at: self.dir.now()?, newest, begun });
        self.dir.write_record(&self.record)?;
        Ok(finished)
    }

    /// Makes sure that the next build can make cargo forget what this one has compiled.
    fn check_layout(&self, units: &[KeptUnit]) -> Result<()> {
        for kept in units {
            let dir = &kept.unit.dir;
            if dir.exists() && self.dir.profile_dir_of(dir).is_none() {
                return Err(Error::Layout { dir: dir.clone() });
            }
        }
        Ok(())
    }

    /// Takes what changed during the build out of the record.
    fn drop_changed(&mut self, after: &Snapshot) -> Finished {
        let mut finished = Finished::default();
        let names: BTreeSet<&String> = self.snapshot.entries.keys().chain(after.entries.keys()).collect();
        for name in names {
            if self.snapshot.elsewhere.contains(name) {
                // The record keeps what was there when the build began, so the next one finds the change, if it stays.
                continue;
            }

            let (before, after) = (self.snapshot.entries.get(name), after.entries.get(name));
            if before.map(|entry| &entry.content) != after.map(|entry| &entry.content) {
                self.record.entries.remove(name);
                if [before, after].iter().flatten().any(|entry| entry.content.kind != Kind::Dir) {
                    finished.changed.push(name.clone());
                }
            } else if let Some(after) = after.filter(|after| before != Some(after)) {
                if after.content.kind == Kind::Dir && after.content.link.is_none() {
                    // An entry may have come and gone. Whoever declares the folder is newer than that, or runs again.
                    self.record.entries.entry(name.clone()).and_modify(|recorded| recorded.seen = after.stat.modified);
                } else {
                    self.record.entries.remove(name);
                    finished.rewritten.push(name.clone());
                }
            }
        }
        finished
    }

    /// Adds what this build has read for the first time although a snapshot leaves it out, such as `.git/HEAD`. What was
    /// written during the build may be another content than the one that was read: cargo sees that by its time, unless that
    /// was set back. Then a later build adds it.
    ///
    /// Leaves out what nobody reads any more, unless that may be one of the crates that were only `begun`.
    fn record_elsewhere(&mut self, after: &mut Snapshot, units: &[KeptUnit], begun: &BTreeSet<String>) {
        let mut names = self.read_elsewhere(units);
        let known = &self.snapshot.elsewhere;
        if begun.is_empty() {
            self.record.entries.retain(|name, _| !known.contains(name) || names.contains(name));
        }

        names.retain(|name| !known.contains(name));
        after.add(&names);
        for name in names {
            let Some(entry) = after.entries.get(&name) else { continue };
            let is_dated_back = !entry.stat.is_before(self.began) && entry.stat.modified < self.began;
            if !is_dated_back {
                let recorded = Recorded { content: entry.content.clone(), seen: entry.stat.modified };
                self.record.entries.insert(name, recorded);
            }
        }
    }

    /// The names of the entries that are new, gone or have another content than in the last build.
    pub(crate) fn compare(&self) -> Vec<String> {
        let mut changes = Vec::new();
        let Some(before) = &self.before else { return changes };
        for (name, entry) in &self.snapshot.entries {
            let recorded = before.entries.get(name).map(|recorded| &recorded.content);
            if recorded != Some(&entry.content) {
                changes.push(name.clone());
            }
        }
        for name in before.entries.keys() {
            if !self.snapshot.entries.contains_key(name) {
                changes.push(name.clone());
            }
        }
        changes
    }

    pub(crate) fn find_distrust(&self, changes: &[String]) -> Option<Distrust> {
        let Some(before) = &self.before else { return Some(Distrust::Unknown) };
        let Some(closed) = &before.closed else { return Some(Distrust::Unfinished) };
        let context = &self.record.context;
        let is_setting = |name: &String| self.workspace.is_setting(name);

        if before.context.root != context.root {
            Some(Distrust::Moved)
        } else if before.context.toolchain != context.toolchain {
            Some(Distrust::Toolchain)
        } else if before.context.configuration != context.configuration || changes.iter().any(is_setting) {
            Some(Distrust::Settings)
        } else if self.began <= closed.at {
            Some(Distrust::Clock)
        } else if self.is_foreign(closed) {
            Some(Distrust::ForeignBuild)
        } else {
            None
        }
    }

    /// Whether a profile's folder is not as the last build left it: somebody has built there, or restored an earlier copy.
    fn is_foreign(&self, closed: &Closed) -> bool {
        let is_as_left = |dir: &PathBuf, newest: SystemTime| {
            let left = closed.newest.get(dir).copied();
            // Some archives keep whole seconds.
            left == Some(newest) || left.map(whole_seconds) == Some(newest)
        };
        !self.dir.newest(self.began).into_iter().all(|(dir, newest)| is_as_left(&dir, newest))
    }

    /// Gives the entries their times, and notes them in the record.
    fn date(&mut self) {
        let times = self.times();
        let mut dated = BTreeSet::new();
        for (name, entry) in &self.snapshot.entries {
            let mut seen = times.get(&entry.stat.file(name)).copied().unwrap_or(self.began);
            match self.set_time(name, entry, seen) {
                Ok(true) => drop(dated.insert(entry.stat.file(name))),
                Ok(false) => {}
                Err(_) => {
                    // Once all is forgotten, no time can be too early.
                    if entry.stat.modified < seen {
                        self.distrust = self.distrust.or(Some(Distrust::Undatable));
                    }
                    seen = entry.stat.modified;
                }
            }
            self.record.entries.insert(name.clone(), Recorded { content: entry.content.clone(), seen });
        }
        self.snapshot.update_stats(&dated);
    }

    /// When this directory first saw the content of each file. A file may have several names, by links, but only one time.
    fn times(&self) -> BTreeMap<FileId, SystemTime> {
        let before = self.before.as_ref();
        let closed = before.and_then(|before| before.closed.as_ref()).map(|closed| closed.at);
        let mut times = BTreeMap::new();
        for (name, entry) in &self.snapshot.entries {
            let recorded = before.and_then(|before| before.entries.get(name));
            let recorded = recorded.filter(|recorded| recorded.content == entry.content);
            let seen = if is_outside(name) {
                entry.stat.modified
            } else {
                recorded.map_or_else(|| self.first_seen(entry, closed, self.began), |recorded| recorded.seen)
            };
            let of_file = times.entry(entry.stat.file(name)).or_insert(seen);
            *of_file = seen.max(*of_file);
        }
        times
    }

    /// Sets the time of an entry, if it has to be another one. Returns whether it had to.
    fn set_time(&self, name: &str, entry: &Entry, seen: SystemTime) -> std::io::Result<bool> {
        let path = self.snapshot.path(name);
        let modified = entry.stat.modified;
        if entry.content.kind == Kind::BrokenLink || is_outside(name) {
            return Ok(false);
        }
        // Cargo looks at a link's own time, too, which in a copy is that of the copying. If it stays, cargo compiles more.
        let is_wrong = |link: &Stat| self.options.times == Times::OfCopy || link.modified > self.began;
        if entry.link_stat.as_ref().is_some_and(is_wrong) {
            let _ = filetime::set_symlink_file_times(&path, seen.into(), seen.into());
        }

        let time = match self.options.times {
            Times::OfCopy => seen,
            // A file of the future would be newer than whatever is built from it.
            Times::OfCheckout => modified.max(seen).min(self.began),
        };
        if time != modified {
            filetime::set_file_mtime(&path, time.into())?;
        }
        Ok(time != modified)
    }

    /// When this directory first sees a content: later than all that was built here, and not later than what will be.
    fn first_seen(&self, entry: &Entry, closed: Option<SystemTime>, now: SystemTime) -> SystemTime {
        let is_later = |time: SystemTime| time <= now && closed.is_none_or(|closed| time > closed);
        let modified = entry.stat.modified;
        if self.options.times == Times::OfCheckout && is_later(modified) {
            return modified;
        }
        // Some archives keep whole seconds of what was built, which must not become older than its sources.
        let whole = whole_seconds(now);
        if is_later(whole) { whole } else { now }
    }

    fn forget(&self, changes: &[String]) -> Result<()> {
        let crates = self.forgotten(changes, self.distrust);
        self.dir.forget(self.workspace, &crates)?;
        if !changes.is_empty() || self.distrust.is_some() {
            self.dir.forget_docs(self.workspace)?;
        }

        for kept in &self.units {
            let is_forgotten = self.owner_of(&kept.unit).is_none_or(|local| crates.contains(&local.id));
            // Cargo compiles a unit again that has read what changed, if it is still asked for.
            if is_forgotten || self.has_read(&kept.unit, changes) {
                fs::remove_file(&kept.path).map_err(Error::io("delete", &kept.path))?;
            }
        }
        Ok(())
    }

    /// What an entry was at the last build.
    pub(crate) fn recorded(&self, name: &str) -> Option<Kind> {
        self.before.as_ref()?.entries.get(name).map(|recorded| recorded.content.kind)
    }

    /// The crates that cargo is made to forget.
    pub(crate) fn forgotten(&self, changes: &[String], distrust: Option<Distrust>) -> BTreeSet<&'a PackageId> {
        let workspace: &'a Workspace = self.workspace;
        if distrust.is_some() {
            return workspace.crates.values().map(|local| &local.id).collect();
        }

        let overwritten = check::overwritten_crates(workspace, &self.units);
        let overwritten = overwritten.iter().filter_map(|dir| workspace.crates.get(dir));
        let mut crates: BTreeSet<&'a PackageId> = overwritten.map(|local| &local.id).collect();
        crates.extend(workspace.crates.values().filter(|local| self.is_unknown(local)).map(|local| &local.id));
        for name in changes {
            crates.extend(workspace.compiled_from(name, self.options.scope).map(|local| &local.id));
            // A build script that declares nothing may have read it. What is gone has no time, and cargo does not look at
            // what a manifest excludes.
            let is_silent = |owner: &&LocalCrate| self.silent.contains(&owner.dir);
            crates.extend(workspace.owner(name).filter(is_silent).map(|owner| &owner.id));
        }

        // What a snapshot leaves out is compared only as long as somebody is known to read it, and what is outside of the
        // checkout is not dated.
        let mut elsewhere = changes.to_vec();
        elsewhere.retain(|name| !self.snapshot.has_walked(name));
        let readers = self.units.iter().filter(|kept| self.has_read(&kept.unit, &elsewhere));
        crates.extend(readers.filter_map(|kept| self.owner_of(&kept.unit)).map(|local| &local.id));
        crates
    }

    /// The crate that a unit is of, if it is still there.
    pub(crate) fn owner_of(&self, unit: &Unit) -> Option<&'a LocalCrate> {
        let workspace: &'a Workspace = self.workspace;
        workspace.relative(&unit.package).and_then(|dir| workspace.owner(&dir))
    }

    /// Whether nobody knows what a crate was built from: it was none of the workspace's in the last build, or cargo failed
    /// then, after its build script.
    fn is_unknown(&self, local: &LocalCrate) -> bool {
        let Some(before) = &self.before else { return true };
        let is_begun = before.closed.as_ref().is_some_and(|closed| closed.begun.contains(&local.dir));
        is_begun || !before.context.crates.contains(&local.dir)
    }

    fn wrapper_settings(&self) -> Settings {
        let users = || users_wrapper(self.workspace.metadata.workspace_root.as_std_path());
        Settings {
            root: self.workspace.root.clone(),
            remap: self.options.remap.clone(),
            next: self.options.compiler_cache.then(users).flatten(),
            units: self.dir.own(wrapper::UNITS),
            workers: self.dir.own(WORKERS),
        }
    }
}

impl Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "nothing was built here yet",
            Self::Unfinished => "the last build did not end",
            Self::Moved => "the checkout was moved",
            Self::Toolchain => "the toolchain is another one",
            Self::Settings => "a manifest above the crates or cargo's configuration changed",
            Self::ForeignBuild => "cargo was called here without the record",
            Self::Clock => "the clock went back",
            Self::Undatable => "a file that changed cannot be dated",
        })
    }
}

/// Whether an entry's name is a whole path, as it has none in the checkout.
fn is_outside(name: &str) -> bool {
    Path::new(name).is_absolute()
}

/// Whether nothing that was built can be used, not even crates of a registry: another build of the same version of the
/// standard library has come, or folders have other names in what is compiled.
fn is_useless(before: &Record, options: &Options) -> bool {
    let (toolchain, before) = (&options.toolchain, &before.context);
    let is_rebuilt = before.toolchain.version == toolchain.version && before.toolchain.libraries != toolchain.libraries;
    is_rebuilt || before.remap != options.remap
}

fn context(workspace: &Workspace, options: &Options) -> Context {
    Context {
        root: workspace.root.display().to_string(),
        crates: workspace.crates.keys().cloned().collect(),
        toolchain: options.toolchain.clone(),
        configuration: workspace.configuration.clone(),
        remap: options.remap.clone(),
    }
}

/// The wrapper that the user has configured. Cargo takes an empty one for none. Within a build, it would be ours. A
/// configuration that only cargo can read, as it has accepted it, costs no more than a compiler cache.
fn users_wrapper(dir: &Path) -> Option<PathBuf> {
    let config = cargo_config2::Config::load_with_cwd(dir).ok()?;
    let is_users = |wrapper: &PathBuf| !wrapper.as_os_str().is_empty() && !wrapper::is_wrapper(wrapper);
    config.build.rustc_wrapper.filter(is_users)
}

fn whole_seconds(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}
