//! The target folder: who builds in it, the record of what it was last built from, and how cargo is made to forget.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use super::{digest, digest::Inputs, graph::Graph, reads, wrapper};

/// Cargo wants this in a folder before it deletes anything there.
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# A target folder of cargo.\n";

/// Cargo's two profiles. Each has a record, as `cargo clean` empties one at a time.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Profile {
    /// Optimised, and the only one that may be published.
    Release,
    /// Not optimised, for the shortest wait. Tests are compiled in it.
    Dev,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        if self == Self::Release { "release" } else { "dev" }
    }
}

/// A target folder that is locked. All that builds in it goes through `run`.
pub(crate) struct Folder {
    pub(crate) dir: PathBuf,
    target: &'static str,
    _lock: File,
}

impl Folder {
    /// Makes the folder in `parent` that belongs to one checkout and one toolchain, and waits until nobody builds there.
    /// `toolchain` is what identifies it: two cargos lay out one folder in two ways, and neither sees the other's.
    pub(crate) fn lock(parent: &Path, root: &Path, toolchain: &str, target: &'static str) -> Result<Self> {
        let dir = parent.join(&digest::hash_of(format!("{}\n{toolchain}", root.display()).as_bytes())[..12]);
        let created = fs::create_dir_all(&dir).and_then(|()| fs::write(dir.join("CACHEDIR.TAG"), TAG));
        let lock = created.and_then(|()| File::create(dir.join("lock")));
        let lock = lock.with_context(|| format!("cannot write to the target folder, {}", dir.display()))?;
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

    /// Forgets what changed, does the work, and writes the record. `work` is given the shell in which it calls cargo, and
    /// what it builds from. Fails as `work` does, if files changed meanwhile, and if a package was built from a file that its
    /// digest does not cover.
    pub(crate) fn run<T>(
        &self,
        profile: Profile,
        graph: &Graph,
        extra: &[&str],
        work: impl FnOnce(&Shell, &Inputs) -> Result<T>,
    ) -> Result<T> {
        let sh = Shell::new()?;
        sh.change_dir(&graph.root);
        let (inputs, reads) = (Inputs::read(graph, extra)?, self.dir.join(format!("reads-{}", profile.name())));
        wrapper::install(&sh, &graph.root, &self.dir, &reads)?;
        let digests = graph.locals.keys().map(|id| (id.clone(), digest::of(&inputs.covered(id, profile))));
        let digests: BTreeMap<String, String> = digests.collect();
        let record = fs::read(self.record(profile)).unwrap_or_default();
        let mut record: BTreeMap<String, String> = serde_json::from_slice(&record).unwrap_or_default();
        // After a build that was killed, nobody knows from which contents the compilers that it started read.
        let started: Vec<PathBuf> = wrapper::started(&reads)?.into_values().collect();
        record.retain(|id, digest| {
            digests.get(id) == Some(digest) && !started.contains(&graph.root.join(&graph.locals[id].dir))
        });
        let changed: Vec<&String> = digests.keys().filter(|id| !record.contains_key(*id)).collect();
        if !changed.is_empty() {
            reads::forget(&reads, changed.iter().map(|id| graph.root.join(&graph.locals[*id].dir)))?;
            let (target, arguments) = (self.target, self.cargo_arguments());
            let release = (profile == Profile::Release).then_some("--release");
            let clean =
                cmd!(sh, "cargo clean --quiet --target {target} --target host-tuple {release...} {arguments...}");
            clean.args(changed.iter().flat_map(|id| ["--package", id])).quiet().run()?;
        }
        // What a build that is killed leaves behind. No compiler is started for a build script that runs again.
        record.retain(|id, _| !graph.locals[id].has_build_script);
        fs::write(self.record(profile), serde_json::to_vec(&record)?)?;
        wrapper::forget(&reads)?;
        let done = work(&sh, &inputs);
        ensure!(Inputs::read(graph, extra)? == inputs, "files changed while they were built: build again");
        // A crate that did not compile has no fingerprint, so its record does no harm. If a compiler has not ended, cargo was
        // killed.
        if wrapper::have_ended(&reads)? {
            fs::write(self.record(profile), serde_json::to_vec(&digests)?)?;
            wrapper::forget(&reads)?;
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
