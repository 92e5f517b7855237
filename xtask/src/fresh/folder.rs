//! The target folder: its lock, the record of what was last built in it, and how cargo is made to forget.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use super::{digest, digest::Inputs, graph::Graph, reads, wrapper};

/// Cargo deletes nothing in a folder without this tag.
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# A target folder of cargo.\n";

/// Cargo's two profiles. Each has a record, because `cargo clean` cleans one at a time.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Profile {
    /// Optimised, and the only one that may be published.
    Release,
    /// Not optimised, so that it compiles fast. Tests are compiled in it.
    Dev,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        if self == Self::Release { "release" } else { "dev" }
    }
}

/// A locked target folder. Every build in it goes through `run`.
pub(crate) struct Folder {
    pub(crate) dir: PathBuf,
    target: &'static str,
    _lock: File,
}

impl Folder {
    /// Makes the folder in `parent` for one workspace and one toolchain, and waits until no other build runs there.
    /// `toolchain` identifies the toolchain: two versions of cargo may lay out a folder in different ways.
    pub(crate) fn lock(parent: &Path, workspace: &Path, toolchain: &str, target: &'static str) -> Result<Self> {
        let dir = parent.join(&digest::hash_of(format!("{}\n{toolchain}", workspace.display()).as_bytes())[..12]);
        let created = fs::create_dir_all(&dir).and_then(|()| fs::write(dir.join("CACHEDIR.TAG"), TAG));
        let lock = created.and_then(|()| File::create(dir.join("lock")));
        let lock = lock.with_context(|| format!("cannot write to the target folder {}", dir.display()))?;
        if lock.try_lock().is_err() {
            eprintln!("waiting for another build in {}", dir.display());
            lock.lock()?;
        }
        Ok(Self { dir, target, _lock: lock })
    }

    /// The arguments of every cargo call in the folder.
    pub(crate) fn cargo_arguments(&self) -> Vec<OsString> {
        let build_dir = format!("build.build-dir={:?}", self.dir.display().to_string());
        ["--locked".into(), "--target-dir".into(), (&self.dir).into(), "--config".into(), build_dir.into()].to_vec()
    }

    /// Makes cargo forget what changed, does the work, and writes the record. `work` gets the shell to call cargo in.
    /// Fails if `work` fails, if files changed since `inputs` was read from them, with `extra`, or if a package was built
    /// from a file that its digest does not cover.
    pub(crate) fn run<T>(
        &self,
        profile: Profile,
        graph: &Graph,
        inputs: &Inputs,
        extra: &[&str],
        work: impl FnOnce(&Shell) -> Result<T>,
    ) -> Result<T> {
        let sh = Shell::new()?;
        sh.change_dir(&graph.metadata.workspace_root);
        let reads = self.dir.join(format!("reads-{}", profile.name()));
        wrapper::install(&sh, &graph.root, &self.dir, &reads)?;
        let digests = graph.locals.keys().map(|id| (id.clone(), digest::of(&inputs.covered(id, profile))));
        let digests: BTreeMap<String, String> = digests.collect();
        let record = fs::read(self.record(profile)).unwrap_or_default();
        let mut record: BTreeMap<String, String> = serde_json::from_slice(&record).unwrap_or_default();
        // After a build was killed, nobody knows which contents its compilers have read.
        let started = wrapper::started(&reads)?;
        let is_started = |id: &String| started.values().any(|dir| *dir == graph.root.join(&graph.locals[id].dir));
        record.retain(|id, digest| digests.get(id) == Some(digest) && !is_started(id));
        let changed: Vec<&String> = digests.keys().filter(|id| !record.contains_key(*id)).collect();
        if !changed.is_empty() {
            reads::forget(&reads, changed.iter().map(|id| graph.root.join(&graph.locals[*id].dir)))?;
            let (target, arguments) = (self.target, self.cargo_arguments());
            let release = (profile == Profile::Release).then_some("--release");
            let clean =
                cmd!(sh, "cargo clean --quiet --target {target} --target host-tuple {release...} {arguments...}");
            clean.args(changed.iter().flat_map(|id| ["--package", id])).quiet().run()?;
        }
        // If this build is killed, this record stays. It leaves out packages with a build script: cargo may run the
        // script again without starting a compiler, and then there is no mark.
        record.retain(|id, _| !graph.locals[id].has_build_script());
        fs::write(self.record(profile), serde_json::to_vec(&record)?)?;
        wrapper::forget(&started);
        let done = work(&sh);
        ensure!(Inputs::read(graph, extra)? == *inputs, "files changed while they were built: build again");
        // A crate that did not compile has no fingerprint, so its record does no harm. If a compiler has not ended,
        // cargo was killed.
        let started = wrapper::started(&reads)?;
        if wrapper::have_ended(&started) {
            fs::write(self.record(profile), serde_json::to_vec(&digests)?)?;
            wrapper::forget(&started);
        }
        let done = done?;
        let library = graph.package.targets.iter().find(|it| it.is_lib() || it.is_cdylib());
        let library = library.map_or("", |it| &it.name).replace('-', "_");
        let built = self.dir.join(self.target).join(if profile == Profile::Dev { "debug" } else { "release" });
        reads::check(graph, |id| inputs.covered(id, profile), &self.dir, &reads, &built.join(library + ".d"))?;
        Ok(done)
    }

    /// Makes the next `run` compile every local package.
    pub(crate) fn forget_all(&self, profile: Profile) -> Result<()> {
        Ok(Shell::new()?.remove_path(self.record(profile))?)
    }

    fn record(&self, profile: Profile) -> PathBuf {
        self.dir.join(format!("record-{}.json", profile.name()))
    }
}
