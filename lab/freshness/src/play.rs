//! What can happen in a scenario, with one strategy on one back end. Every package on the way is judged.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};

use crate::{
    backend::{Backend, Built, Ended, Order, Start},
    machine::Machine,
    process::Kill,
    results::Outcome,
    strategy::Strategy,
    tree::{self, Times},
};

/// The files that scenarios change.
pub(crate) const ANSWER: &str = "common/src/answer.rs";
pub(crate) const SPARE: &str = "common/src/spare.rs";
pub(crate) const TABLE: &str = "common/data/table.txt";
pub(crate) const INPUT: &str = "common/data/input.txt";
pub(crate) const VIEW: &str = "wasm-client/src/view.rs";
pub(crate) const MIDDLE: &str = "crates/libmiddle/src/middle.rs";
pub(crate) const LABEL: &str = "crates/labels/src/label.rs";
/// What each of them says before it is changed.
const AS_IT_WAS: &str = "as it was";

/// How `xtask verify --rebuild` and `cargo unstale verify` refuse what should be published.
const REFUSALS: [&str; 2] = ["the same sources give another package", "are different when they are built from nothing"];

/// Why a back end cannot play a scenario that needs two places.
pub(crate) const ONE_PLACE: &str = "everything is built at one path there";

/// The modification time that a change leaves behind.
#[derive(Clone, Copy)]
pub(crate) enum When {
    Now,
    /// A minute before the last build began: an archive unpacked, a commit checked out with kept times.
    Older,
    /// The very time that cargo compares with.
    LastBuild,
    /// The one that the file had before.
    AsBefore,
}

/// A scenario while it is played.
pub(crate) struct Play<'a> {
    backend: &'a mut dyn Backend,
    machine: &'a Machine,
    strategy: &'a Strategy,
    reference: &'a Strategy,
    start: Start,
    checkouts: BTreeMap<u32, PathBuf>,
    present: u32,
    address: String,
    /// Whether each checkout has a path of its own.
    has_places: bool,
    edits: u32,
    last_build: SystemTime,
    outcome: Outcome,
    why: Option<String>,
    noticed: Option<String>,
    /// Of the last build that was judged.
    last: Option<Built>,
}

/// The worst that was seen, and why it is.
pub(crate) struct Judgement {
    pub(crate) outcome: Outcome,
    pub(crate) why: Option<String>,
}

/// How a scenario went.
pub(crate) struct Played {
    pub(crate) outcome: Outcome,
    pub(crate) why: Option<String>,
    /// Of the last build: the crates that were compiled, and its time by the measure that the back end reports.
    pub(crate) compiled: usize,
    pub(crate) seconds: f64,
    /// Of the first build, from nothing.
    pub(crate) cold_seconds: f64,
}

impl<'a> Play<'a> {
    /// The first build is done; the sources are as they were then.
    pub(crate) fn begin(
        backend: &'a mut dyn Backend,
        machine: &'a Machine,
        strategy: &'a Strategy,
        reference: &'a Strategy,
    ) -> Result<Self> {
        let start = backend.start(strategy)?;
        let mut play = Play {
            backend,
            machine,
            strategy,
            reference,
            start,
            checkouts: BTreeMap::new(),
            present: 1,
            address: String::new(),
            has_places: false,
            edits: 0,
            last_build: start.built,
            outcome: Outcome::Right,
            why: None,
            noticed: None,
            last: None,
        };
        play.check_out(1)?;
        Ok(play)
    }

    /// What came of it.
    ///
    /// # Errors
    /// The toolchain cannot be put back.
    pub(crate) fn end(self) -> Result<Played> {
        self.backend.other_toolchain(self.strategy, false)?;
        let last = self.last.as_ref();
        Ok(Played {
            outcome: self.outcome,
            why: self.why.or(self.noticed),
            compiled: last.map_or(0, |built| built.compiled.len()),
            seconds: last.map_or(0.0, |built| built.cpu.unwrap_or(built.wall)),
            cold_seconds: self.start.cold,
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.checkouts[&self.present]
    }

    /// The checkout that is worked in.
    pub(crate) fn present(&self) -> u32 {
        self.present
    }

    /// Whether an edit that changes neither length nor time reaches the builder at all.
    pub(crate) fn can_hide_edits(&self) -> bool {
        self.backend.sees_every_edit()
    }

    /// The worst since the last call.
    pub(crate) fn take_outcome(&mut self) -> Judgement {
        Judgement { outcome: std::mem::replace(&mut self.outcome, Outcome::Right), why: self.why.take() }
    }

    /// Goes to another checkout; a new one has the untouched sources, an hour older than the first build.
    pub(crate) fn check_out(&mut self, number: u32) -> Result<()> {
        self.present = number;
        if !self.checkouts.contains_key(&number) {
            let dir = self.machine.work.join(format!("checkout-{number}"));
            tree::remove(&dir)?;
            let time = self.start.built - Duration::from_hours(1);
            tree::copy(&self.machine.fixture, &dir, Times::All(time))?;
            self.checkouts.insert(number, dir);
        }
        Ok(())
    }

    /// Writes a file whole.
    pub(crate) fn write(&mut self, file: &str, text: &str, when: When) -> Result<()> {
        let path = self.root().join(file);
        let before = fs::metadata(&path).and_then(|meta| meta.modified()).ok();
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        let time = match when {
            When::Now => SystemTime::now(),
            When::Older => self.last_build - Duration::from_mins(1),
            When::LastBuild => self.backend.last_built(self.last_build).unwrap_or(self.last_build),
            When::AsBefore => before.unwrap_or(self.start.built),
        };
        tree::set_time(&path, time)
    }

    pub(crate) fn read(&self, file: &str) -> Result<String> {
        let path = self.root().join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Changes what a file says to something new.
    pub(crate) fn edit(&mut self, file: &str, when: When) -> Result<()> {
        self.edits += 1;
        self.edit_to(file, self.edits, when)
    }

    /// Changes what a file says to one of several things.
    pub(crate) fn edit_to(&mut self, file: &str, number: u32, when: When) -> Result<()> {
        let text =
            self.original(file)?.replace(AS_IT_WAS, &format!("as of edit {number}, run {}", self.backend.salt()));
        self.write(file, &text, when)
    }

    /// The same without a change of length.
    pub(crate) fn edit_same_length(&mut self, file: &str, when: When) -> Result<()> {
        let text = self.original(file)?.replace(AS_IT_WAS, &format!("as is{}", self.backend.salt()));
        self.write(file, &text, when)
    }

    /// Brings a file back as it was, with the time that it had.
    pub(crate) fn revert(&mut self, file: &str) -> Result<()> {
        let text = self.original(file)?;
        self.write(file, &text, When::Now)?;
        tree::set_time(&self.root().join(file), self.start.built - Duration::from_hours(1))
    }

    /// Letters for an edit that is not made by `edit`.
    pub(crate) fn salt(&self) -> String {
        self.backend.salt().to_owned()
    }

    pub(crate) fn original(&self, file: &str) -> Result<String> {
        Ok(fs::read_to_string(self.machine.fixture.join(file))?)
    }

    pub(crate) fn remove(&mut self, file: &str) -> Result<()> {
        tree::remove(&self.root().join(file))
    }

    /// Makes a link name something else.
    pub(crate) fn link(&mut self, link: &str, to: &str) -> Result<()> {
        let path = self.root().join(link);
        tree::remove(&path)?;
        std::os::unix::fs::symlink(to, &path).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Changes a part of a file to something else, now.
    pub(crate) fn replace(&mut self, file: &str, from: &str, to: &str) -> Result<()> {
        let text = self.original(file)?;
        ensure!(text.contains(from), "{file} has no `{from}`");
        self.write(file, &text.replace(from, to), When::Now)
    }

    /// Gives a folder another name, or a file.
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let [from, to] = [from, to].map(|name| self.root().join(name));
        fs::rename(&from, &to).with_context(|| format!("cannot rename {}", from.display()))
    }

    /// Gives a folder a time that is older than the last build.
    pub(crate) fn date_back(&mut self, folder: &str) -> Result<()> {
        tree::set_time(&self.root().join(folder), self.last_build - Duration::from_mins(1))
    }

    /// Gives every file one time.
    pub(crate) fn date_all(&mut self, time: SystemTime) -> Result<()> {
        tree::change_times(self.root(), &|_| time)
    }

    /// Builds, and judges the package.
    pub(crate) fn build(&mut self) -> Result<()> {
        self.build_as(|order| order)
    }

    pub(crate) fn build_dev(&mut self) -> Result<()> {
        self.build_as(|order| Order { dev: true, ..order })
    }

    /// Builds what npm would publish. To refuse is right where the sources say something else.
    pub(crate) fn publish(&mut self) -> Result<()> {
        self.build_as(|order| Order { publish: true, ..order })
    }

    fn build_as(&mut self, change: impl FnOnce(Order) -> Order) -> Result<()> {
        let (checkout, address) = self.inputs();
        let order = change(self.order(&checkout, &address));
        let built = self.backend.build(self.strategy, order, None)?;
        self.judge(order, built)
    }

    /// What a build is of. Its time is remembered: a build begins.
    fn inputs(&mut self) -> (PathBuf, String) {
        self.last_build = SystemTime::now();
        (self.root().to_owned(), self.address.clone())
    }

    fn order<'b>(&self, checkout: &'b Path, address: &'b str) -> Order<'b> {
        Order { address, place: if self.has_places { self.present } else { 0 }, ..Order::of(checkout) }
    }

    /// Builds, judges, and returns the build's seconds on the wall.
    pub(crate) fn build_timed(&mut self) -> Result<f64> {
        self.build()?;
        Ok(self.last.as_ref().map_or(0.0, |built| built.wall))
    }

    /// Builds a second checkout beside this one, both at once, and judges both.
    pub(crate) fn build_both(&mut self, other: u32) -> Result<()> {
        let (mine, address) = self.inputs();
        let theirs = self.checkouts[&other].clone();
        let orders = [self.order(&mine, &address), self.order(&theirs, &address)];
        let built = self.backend.build_two(self.strategy, orders)?;
        for (order, built) in orders.into_iter().zip(built) {
            self.judge(order, built)?;
        }
        Ok(())
    }

    /// A build of sources that do not compile.
    pub(crate) fn build_broken(&mut self) -> Result<()> {
        if let Ended::Package(_) = self.build_unjudged(None)? {
            self.note(Outcome::Stale, "a package out of sources that do not compile");
        }
        Ok(())
    }

    /// A build that is killed as soon as the compiler starts on a crate.
    pub(crate) fn build_killed(&mut self, krate: &str) -> Result<()> {
        if !matches!(self.build_unjudged(Some(&Kill::AtCrate(krate.to_owned())))?, Ended::Killed) {
            self.note(Outcome::Cannot, "the build was over before it could be killed");
        }
        Ok(())
    }

    /// A build that is killed after a time, if it takes that long.
    pub(crate) fn build_killed_after(&mut self, time: Duration) -> Result<()> {
        self.build_unjudged(Some(&Kill::After(time))).map(drop)
    }

    fn build_unjudged(&mut self, kill: Option<&Kill>) -> Result<Ended> {
        let (checkout, address) = self.inputs();
        let order = self.order(&checkout, &address);
        Ok(self.backend.build(self.strategy, order, kill)?.end)
    }

    pub(crate) fn empty_mounts(&mut self) -> Result<()> {
        self.backend.empty_mounts()
    }

    pub(crate) fn empty_layers(&mut self) -> Result<()> {
        self.backend.empty_layers()
    }

    /// Sets the clock a day back: all that was there before is a day newer than it was.
    pub(crate) fn clock_back(&mut self) -> Result<()> {
        if !self.backend.can_age(self.strategy) {
            self.note(Outcome::Cannot, "the times in the engine's store cannot be set from outside");
            return Ok(());
        }
        self.backend.age()?;
        tree::change_times(self.root(), &|time| time + Duration::from_hours(24))
    }

    pub(crate) fn other_toolchain(&mut self) -> Result<()> {
        self.backend.other_toolchain(self.strategy, true)
    }

    /// Sets the variable that the client reads when it is compiled.
    pub(crate) fn set_address(&mut self, address: String) {
        self.address = address;
    }

    /// From now on each checkout is built at a path of its own.
    pub(crate) fn use_places(&mut self) {
        self.has_places = self.backend.has_places();
        if !self.has_places {
            self.note(Outcome::Cannot, ONE_PLACE);
        }
    }

    fn judge(&mut self, order: Order, built: Built) -> Result<()> {
        let built = self.heed(order, built)?;
        match &built.end {
            Ended::Failed(words) if order.publish && REFUSALS.iter().any(|refusal| words.contains(refusal)) => {
                self.noticed = Some(format!("refused before it was published: {words}"));
            }
            Ended::Failed(words) => self.note(Outcome::Failed, words),
            Ended::Killed => self.note(Outcome::Failed, "the build was killed by a signal"),
            Ended::Package(package) => {
                let expected = self.backend.build_from_nothing(self.reference, order)?;
                if let Some(name) = difference(package, &expected)? {
                    self.note(Outcome::Stale, &format!("differs from one built from nothing: {name}"));
                }
            }
        }
        self.last = Some(built);
        Ok(())
    }

    /// A strategy that notices itself what it was not given says what to do: that is done, once.
    fn heed(&mut self, order: Order, built: Built) -> Result<Built> {
        match &built.end {
            Ended::Failed(words) if words.contains("`touch`") => {
                self.noticed = Some(format!("refused at first, and right once the file was touched: {words}"));
                self.date_all(SystemTime::now())?;
                self.backend.build(self.strategy, order, None)
            }
            _ => Ok(built),
        }
    }

    /// The worst counts.
    fn note(&mut self, outcome: Outcome, why: &str) {
        if outcome > self.outcome {
            self.outcome = outcome;
            self.why = Some(why.to_owned());
        }
    }
}

/// The first file in which two packages differ.
fn difference(found: &Path, expected: &Path) -> Result<Option<String>> {
    let (found, expected) = (tree::contents(found)?, tree::contents(expected)?);
    let mut names = expected.keys().chain(found.keys());
    Ok(names.find(|name| found.get(*name) != expected.get(*name)).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_first_file_that_differs() {
        let dir = std::env::temp_dir().join(format!("freshness-play-{}", std::process::id()));
        for (package, files) in [("one", ["a", "b"]), ("same", ["a", "b"]), ("more", ["a", "c"])] {
            fs::create_dir_all(dir.join(package)).unwrap();
            for file in files {
                fs::write(dir.join(package).join(file), "text").unwrap();
            }
        }
        let difference = |found: &str| difference(&dir.join(found), &dir.join("one")).unwrap();
        assert_eq!(difference("same"), None);
        assert_eq!(difference("more"), Some("b".to_owned()));
        fs::write(dir.join("same/a"), "another").unwrap();
        assert_eq!(difference("same"), Some("a".to_owned()));
        tree::remove(&dir).unwrap();
    }
}
