//! Files with the hashes of their contents: their digest, their listing, and how two sets differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::error::{Error, Result};

/// Files by path, each with the SHA-256 of its content as 64 hexadecimal digits. Paths are relative and use `/`.
///
/// Times, owners and modes do not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileSet(BTreeMap<String, String>);

/// A difference between two sets of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the later set has the file.
    Added(String),
    /// The file has another content.
    Changed(String),
    /// Only the earlier set has the file.
    Removed(String),
}

impl FileSet {
    /// Reads every file below a folder, by path from it. Follows links.
    ///
    /// # Errors
    /// A file that cannot be read, or whose path is not UTF-8.
    pub fn of_dir(dir: &Path) -> Result<Self> {
        let mut files = Self::default();
        for entry in WalkDir::new(dir).follow_links(true) {
            let entry = entry.map_err(|error| Error::io("read", dir)(error.into()))?;
            if !entry.file_type().is_file() {
                continue;
            }

            let path = entry.path();
            let inside = path.strip_prefix(dir).ok().and_then(to_slashes);
            let inside = inside.ok_or_else(|| Error::Name { path: path.to_owned() })?;
            files.0.insert(inside, hash_file(path)?);
        }
        Ok(files)
    }

    /// The SHA-256 of the [listing](Self::listing): one value for all contents.
    #[must_use]
    pub fn digest(&self) -> String {
        hash(self.listing().as_bytes())
    }

    /// A line for each file, sorted by the bytes of the paths, as `sha256sum` prints it: the hash, two spaces, the path.
    #[must_use]
    pub fn listing(&self) -> String {
        let mut listing = String::new();
        for (path, hash) in &self.0 {
            listing.extend([hash, "  ", path, "\n"]);
        }
        listing
    }

    /// What is different in a later set, sorted by path.
    #[must_use]
    pub fn diff(&self, later: &Self) -> Vec<Change> {
        let paths: BTreeSet<&String> = self.0.keys().chain(later.0.keys()).collect();
        let mut changes = Vec::new();
        for path in paths {
            match (self.0.get(path), later.0.get(path)) {
                (Some(before), Some(after)) if before == after => {}
                (Some(_), Some(_)) => changes.push(Change::Changed(path.clone())),
                (Some(_), None) => changes.push(Change::Removed(path.clone())),
                (None, _) => changes.push(Change::Added(path.clone())),
            }
        }
        changes
    }

    /// Whether a file is in the set.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// The paths, sorted by their bytes.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Each path with its hash, sorted by the bytes of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, hash)| (path.as_str(), hash.as_str()))
    }

    /// Adds a file.
    pub fn insert(&mut self, path: String, hash: String) {
        self.0.insert(path, hash);
    }

    /// Takes a file out of the set.
    pub fn remove(&mut self, path: &str) {
        self.0.remove(path);
    }

    /// Adds all files of another set.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().map(|(path, hash)| (path.clone(), hash.clone())));
    }

    /// The files whose path is wanted.
    #[must_use]
    pub fn filtered(&self, is_wanted: impl Fn(&str) -> bool) -> Self {
        let wanted = self.0.iter().filter(|(path, _)| is_wanted(path));
        Self(wanted.map(|(path, hash)| (path.clone(), hash.clone())).collect())
    }
}

impl Change {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Added(path) | Self::Changed(path) | Self::Removed(path) => path,
        }
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(path) => write!(f, "{path} (added)"),
            Self::Changed(path) => write!(f, "{path} (changed)"),
            Self::Removed(path) => write!(f, "{path} (removed)"),
        }
    }
}

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(crate) fn hash_file(path: &Path) -> Result<String> {
    Ok(hash(&std::fs::read(path).map_err(Error::io("read", path))?))
}

/// A relative path with `/`; `None` if it is not UTF-8.
pub(crate) fn to_slashes(path: &Path) -> Option<String> {
    Some(path.to_str()?.replace(std::path::MAIN_SEPARATOR, "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(files: &[(&str, &str)]) -> FileSet {
        FileSet(files.iter().map(|(path, content)| ((*path).to_owned(), hash(content.as_bytes()))).collect())
    }

    #[test]
    fn a_listing_is_what_sha256sum_prints() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(set(&[("b", ""), ("a b", "")]).listing(), format!("{empty}  a b\n{empty}  b\n"));
    }

    #[test]
    fn a_digest_depends_on_names_and_contents() {
        let digest = set(&[("a", "1"), ("b", "2")]).digest();
        for other in [set(&[("a", "2"), ("b", "1")]), set(&[("a", "1")]), set(&[("a", "1"), ("c", "2")])] {
            assert_ne!(other.digest(), digest);
        }
        assert_eq!(set(&[("b", "2"), ("a", "1")]).digest(), digest);
    }

    #[test]
    fn a_diff_names_each_difference_once() {
        let before = set(&[("changed", "1"), ("gone", "1"), ("same", "1")]);
        let after = set(&[("changed", "2"), ("new", "1"), ("same", "1")]);
        let said: Vec<String> = before.diff(&after).iter().map(ToString::to_string).collect();
        assert_eq!(said, ["changed (changed)", "gone (removed)", "new (added)"]);
        assert_eq!(after.diff(&after), []);
    }
}
