//! What a build would find and compile, without building.

use std::collections::BTreeSet;

use cargo_metadata::PackageId;

use crate::build::{Build, Distrust, Options};
use crate::error::Result;
use crate::file_set::Change;
use crate::snapshot::{Kind, Snapshot};
use crate::target_dir::TargetDir;
use crate::workspace::{LocalCrate, Workspace};

/// What is different since the last build in a target directory.
pub struct Status<'a> {
    /// Why all local crates would be compiled again, if they would.
    pub distrust: Option<Distrust>,
    /// Files that are new, gone, or have another content. A file outside of the checkout goes by its whole path.
    pub changes: Vec<Change>,
    /// The local crates that were built here and would be compiled again, if the same is asked for.
    pub crates: Vec<&'a LocalCrate>,
}

impl<'a> Status<'a> {
    /// Looks at a target directory. `snapshot` was taken of this workspace, with the scope in `options`.
    ///
    /// # Errors
    /// The target directory cannot be written.
    pub fn read(
        workspace: &'a Workspace,
        snapshot: Snapshot,
        dir: &'a TargetDir,
        options: &'a Options<'a>,
    ) -> Result<Self> {
        let build = Build::look(workspace, snapshot, dir, options)?;
        let changes = build.compare();
        let distrust = build.find_distrust(&changes);

        let mut dirty = build.forgotten(&changes, distrust);
        let mut known = BTreeSet::new();
        for kept in &build.units {
            let Some(owner) = build.owner_of(&kept.unit) else { continue };
            known.insert(&owner.id);
            if build.has_read(&kept.unit, &changes) {
                dirty.insert(&owner.id);
            }
        }
        workspace.add_dependents(&mut dirty);

        let is_compiled = |local: &&LocalCrate| dirty.contains(&local.id) && known.contains(&local.id);
        let crates = workspace.crates.values().filter(is_compiled).collect();
        Ok(Self { distrust, changes: build.changed_files(&changes), crates })
    }
}

impl Build<'_> {
    fn changed_files(&self, changes: &[String]) -> Vec<Change> {
        let mut files = Vec::new();
        for name in changes {
            let before = self.recorded(name);
            if self.snapshot.is_dir(name) || before == Some(Kind::Dir) {
                continue;
            }
            files.push(match (before.is_some(), self.snapshot.entries.contains_key(name)) {
                (true, true) => Change::Changed(name.clone()),
                (true, false) => Change::Removed(name.clone()),
                (false, _) => Change::Added(name.clone()),
            });
        }
        files.sort_by(|a, b| a.path().cmp(b.path()));
        files
    }
}

impl Workspace {
    /// Adds all local crates that depend on one of some crates.
    fn add_dependents<'a>(&'a self, crates: &mut BTreeSet<&'a PackageId>) {
        let nodes = self.metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        let nodes: Vec<_> = nodes.collect();
        loop {
            let before = crates.len();
            for node in &nodes {
                if node.deps.iter().any(|dep| crates.contains(&dep.pkg)) {
                    crates.insert(&node.id);
                }
            }
            if crates.len() == before {
                return;
            }
        }
    }
}
