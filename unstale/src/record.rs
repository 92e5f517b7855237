//! What a target directory was last built from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::snapshot::Content;
use crate::toolchain::Toolchain;
use crate::wrapper::Remap;

/// The record of a target directory: a JSON file in it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// When the last build ended; none if it did not, or still runs.
    pub(crate) closed: Option<Closed>,
    pub(crate) context: Context,
    pub(crate) entries: BTreeMap<String, Recorded>,
}

/// The times at the end of a build, by the clock of the target directory's file system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Closed {
    pub(crate) at: SystemTime,
    /// The latest time of what cargo has built, in the folder of each profile.
    pub(crate) newest: BTreeMap<PathBuf, SystemTime>,
    /// If cargo failed: the folders of the crates of which only the build script was compiled.
    #[serde(default)]
    pub(crate) begun: BTreeSet<String>,
}

/// What decides about a build besides the checkout's entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Context {
    /// Where the checkout was.
    pub(crate) root: String,
    /// The folders of the local crates: a checkout may have several workspaces.
    #[serde(default)]
    pub(crate) crates: BTreeSet<String>,
    /// What compiled.
    pub(crate) toolchain: Toolchain,
    /// A hash of the configuration that cargo finds.
    pub(crate) configuration: String,
    /// The names of folders in what is compiled, of which cargo knows nothing.
    #[serde(default)]
    pub(crate) remap: Vec<Remap>,
}

/// An entry of the checkout as it was last built.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) content: Content,
    /// When this target directory first saw the content. What was compiled before has not read it, or was forgotten.
    pub(crate) seen: SystemTime,
}

impl Record {
    /// A record of nothing, as of a build that did not end.
    pub(crate) fn open(context: Context) -> Self {
        Self { closed: None, context, entries: BTreeMap::new() }
    }

    /// Reads a record. One that is missing or damaged is none: then nothing is known about the directory.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Writes it beside its place, then renames it.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let new = path.with_extension("new");
        let text = serde_json::to_vec(self).map_err(|error| Error::io("write", path)(error.into()))?;
        fs::write(&new, text).map_err(Error::io("write", &new))?;
        fs::rename(&new, path).map_err(Error::io("write", path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_record_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record.json");
        assert!(Record::read(&path).is_none());

        Record::open(Context::default()).write(&path).unwrap();
        assert!(Record::read(&path).unwrap().closed.is_none());

        fs::write(&path, "{\"closed\":null,\"context\"").unwrap();
        assert!(Record::read(&path).is_none());
    }
}
