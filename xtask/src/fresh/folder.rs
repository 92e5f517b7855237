//! The target folder: who builds in it, the record of what it was last built from, and how cargo is made to forget.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use super::{digest, digest::Inputs, graph::Graph, reads, wrapper};

/// What cargo asks of a folder before it deletes anything in it.
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# A target folder of cargo.\n";

/// Cargo's two profiles. Each has a record, as `cargo clean` empties one at a time.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Profile {
    /// Optimised, and the only one that may be published.
    Release,
    /// Without the optimisations, for the shortest wait; tests are compiled in it, too.
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
    ///
    /// # Errors
    /// A folder that cannot be written.
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
    /// what it builds from.
    ///
    /// # Errors
    /// Those of `work`; files that changed meanwhile; a package that is built from a file which its digest does not cover.
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
        // The record goes first, so that a build which is killed leaves none; then, from cargo's memory, what differs from it.
        let record = fs::read(self.record(profile)).unwrap_or_default();
        let record: BTreeMap<String, String> = serde_json::from_slice(&record).unwrap_or_default();
        sh.remove_path(self.record(profile))?;
        let changed: Vec<&String> = digests.keys().filter(|id| record.get(*id) != digests.get(*id)).collect();
        if !changed.is_empty() {
            reads::forget(&reads, changed.iter().map(|id| graph.root.join(&graph.locals[*id].dir)))?;
            let (target, arguments) = (self.target, self.cargo_arguments());
            let release = (profile == Profile::Release).then_some("--release");
            let clean =
                cmd!(sh, "cargo clean --quiet --target {target} --target host-tuple {release...} {arguments...}");
            clean.args(changed.iter().flat_map(|id| ["--package", id])).quiet().run()?;
        }
        let done = work(&sh, &inputs);
        ensure!(Inputs::read(graph, extra)? == inputs, "files changed while they were built: build again");
        // What did not compile has no fingerprint, so what is recorded of it does no harm. A compiler that is still at work
        // does: cargo was killed, and what it left behind is not known.
        if wrapper::begun(&reads)?.is_empty() {
            fs::write(self.record(profile), serde_json::to_vec(&digests)?)?;
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
