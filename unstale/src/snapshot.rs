//! What is in the checkout at one moment.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, Result};
use crate::file_set::{FileSet, hash, hash_file, to_slashes};
use crate::workspace::{Workspace, cargo_home, is_inside};

/// Every file, folder and link of a checkout, with what a build can see of it.
///
/// Left out are hidden entries except `.cargo`, `node_modules`, folders that a `CACHEDIR.TAG` marks as a cache, such as
/// cargo's target directories, and what the caller leaves out. What `include` in a manifest names is always there, and so is
/// the folder of each local crate and of the workspace.
pub struct Snapshot {
    root: PathBuf,
    pub(crate) entries: BTreeMap<String, Entry>,
    /// The entries that were left out, or are outside of the checkout, but that a build has read.
    pub(crate) elsewhere: BTreeSet<String>,
}

/// One entry of a snapshot.
#[derive(Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) content: Content,
    /// Tells whether an entry was written in between, even if its content is the same again.
    pub(crate) stat: Stat,
    /// The same for a link itself.
    pub(crate) link_stat: Option<Stat>,
}

/// What a build can see of an entry. Two contents are equal if a build cannot tell them apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) kind: Kind,
    /// The SHA-256 of a file's bytes, or of the names in a folder; empty for a link to nowhere.
    pub(crate) hash: String,
    /// Where a link points.
    pub(crate) link: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Kind {
    File,
    Dir,
    BrokenLink,
}

/// A file's identity and times, in the system's own units.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Stat {
    pub(crate) modified: SystemTime,
    len: u64,
    inode: Option<Inode>,
    /// When the system last changed anything about the file; programs cannot set it.
    changed: (i64, i64),
}

/// What a snapshot leaves out.
#[derive(Clone, Copy, Default)]
pub struct Scope<'a> {
    /// Files and folders from the root that are not read, such as what a build writes.
    pub skipped: &'a [&'a str],
    /// Files and folders from the root that are read, although no crate is compiled from them.
    pub not_compiled: &'a [&'a str],
}

impl Snapshot {
    /// Reads the checkout of a workspace.
    ///
    /// # Errors
    /// A crate's file that cannot be read, or whose path cannot be a line of a digest; an `include` that names nothing.
    pub fn take(workspace: &Workspace, scope: Scope) -> Result<Self> {
        let mut snapshot = Self { root: workspace.root.clone(), entries: BTreeMap::new(), elsewhere: BTreeSet::new() };
        let is_skipped = |path: &str| scope.skipped.iter().any(|skipped| is_inside(path, skipped));
        let is_wanted = |path: &str, entry: &DirEntry| {
            let is_vendored = || workspace.owner(path).is_some_and(|local| local.is_vendored);
            !is_skipped(path) && (!(is_left_out(entry) || leads_into_cache(entry, &workspace.root)) || is_vendored())
        };
        snapshot.walk("", workspace, &is_wanted)?;
        // Where the workspace or a crate is, nothing is left out only because of a folder above.
        for dir in workspace.dirs() {
            if !snapshot.entries.contains_key(&dir) && !is_skipped(&dir) {
                snapshot.walk(&dir, workspace, &is_wanted)?;
            }
        }

        for local in workspace.crates.values() {
            for path in &local.include {
                let refuse = |problem: String| Error::Include { package: local.name.clone(), problem };
                let path = path.trim_end_matches('/');
                if Path::new(path).is_absolute() || path.split('/').any(|part| ["", ".", ".."].contains(&part)) {
                    return Err(refuse(format!("names `{path}`, which must be a path from the root of the checkout")));
                }
                if !workspace.root.join(path).exists() {
                    return Err(refuse(format!("names `{path}`, which does not exist")));
                }
                snapshot.walk(path, workspace, &|_, _| true)?;
            }
        }
        snapshot.hash_dirs();
        Ok(snapshot)
    }

    /// Adds entries that were left out, because a build has read them. Those outside of the checkout go by their whole
    /// paths. What is not there is not added.
    pub(crate) fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) {
        for name in names {
            if self.entries.contains_key(name) {
                continue;
            }
            if let Ok(Some(entry)) = look_elsewhere(&self.path(name)) {
                self.entries.insert(name.clone(), entry);
                self.elsewhere.insert(name.clone());
            }
        }
    }

    /// The files, and what links lead to; no folders.
    #[must_use]
    pub fn files(&self) -> FileSet {
        let mut files = FileSet::default();
        for (path, entry) in &self.entries {
            if entry.content.kind == Kind::File && !self.elsewhere.contains(path) {
                files.insert(path.clone(), entry.content.hash.clone());
            }
        }
        files
    }

    /// Whether an entry is there without a build having read it.
    pub(crate) fn has_walked(&self, name: &str) -> bool {
        self.entries.contains_key(name) && !self.elsewhere.contains(name)
    }

    /// Whether an entry is a folder. One that is gone is none.
    pub(crate) fn is_dir(&self, name: &str) -> bool {
        self.entries.get(name).is_some_and(|entry| entry.content.kind == Kind::Dir)
    }

    /// Where an entry is on disk.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Notes that we ourselves changed the times of files.
    pub(crate) fn update_stats(&mut self, files: &BTreeSet<FileId>) {
        let root = self.root.clone();
        for (name, entry) in &mut self.entries {
            if files.contains(&entry.stat.file(name))
                && let Ok(metadata) = fs::metadata(root.join(name))
            {
                entry.stat = Stat::of(&metadata);
            }
            if entry.link_stat.is_some()
                && let Ok(own) = fs::symlink_metadata(root.join(name))
            {
                entry.link_stat = Some(Stat::of(&own));
            }
        }
    }

    fn walk(&mut self, start: &str, workspace: &Workspace, is_wanted: &dyn Fn(&str, &DirEntry) -> bool) -> Result<()> {
        let root = self.root.clone();
        let name_of = |path: &Path| path.strip_prefix(&root).ok().and_then(to_slashes);
        let walk = WalkDir::new(root.join(start)).follow_links(true).into_iter().filter_entry(|entry| {
            let name = name_of(entry.path());
            entry.depth() == 0 || name.is_none_or(|name| is_wanted(&name, entry))
        });

        for entry in walk {
            let path = match &entry {
                Ok(entry) => entry.path().to_owned(),
                Err(error) => error.path().unwrap_or(&root).to_owned(),
            };
            let name = name_of(&path).filter(|name| !name.contains(['\n', '\r', '\\']));
            let is_of_crate = workspace.owner(&path.strip_prefix(&root).unwrap_or(&path).to_string_lossy()).is_some();
            let Some(name) = name else {
                // No build can be told of such a file outside of a crate, as no digest can have it.
                if is_of_crate {
                    return Err(Error::Name { path });
                }
                continue;
            };
            if name.rsplit('/').next().is_some_and(is_hidden_name) && entry.is_err() {
                // Emacs marks a file that is being edited by a hidden link to nowhere.
                continue;
            }
            match self.look_at(&name, entry.as_ref().ok()) {
                // What an editor has written for a moment may be gone.
                Err(error) if is_of_crate && !error.is_not_found() => return Err(error),
                found => drop(found.ok().flatten().map(|found| self.entries.insert(name, found))),
            }
        }
        Ok(())
    }

    /// An entry's content and times; none for a socket and the like. `entry` is missing for a link to nowhere or in a circle.
    fn look_at(&self, name: &str, entry: Option<&DirEntry>) -> Result<Option<Entry>> {
        let path = self.path(name);
        let own = || fs::symlink_metadata(&path).map_err(Error::io("read", &path));
        let target = || fs::read_link(&path).map_err(Error::io("read", &path));

        let Some(entry) = entry else {
            let own = own()?;
            if !own.is_symlink() {
                return Ok(None);
            }
            let link = Some(target()?.to_string_lossy().into_owned());
            let content = Content { kind: Kind::BrokenLink, hash: String::new(), link };
            return Ok(Some(Entry { content, stat: Stat::of(&own), link_stat: None }));
        };
        let metadata = entry.metadata().map_err(|error| Error::io("read", &path)(error.into()))?;
        let (kind, hash) = if metadata.is_dir() {
            (Kind::Dir, String::new())
        } else if metadata.is_file() {
            (Kind::File, hash_file(&path)?)
        } else {
            return Ok(None);
        };

        let (mut link, mut link_stat) = (None, None);
        if entry.path_is_symlink() {
            link = Some(target()?.to_string_lossy().into_owned());
            link_stat = Some(Stat::of(&own()?));
        }
        Ok(Some(Entry { content: Content { kind, hash, link }, stat: Stat::of(&metadata), link_stat }))
    }

    /// Sets each folder's hash, which is that of the names in it.
    fn hash_dirs(&mut self) {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for name in self.entries.keys().filter(|name| !name.is_empty()) {
            let (dir, last) = name.rsplit_once('/').unwrap_or(("", name));
            let all = names.entry(dir.to_owned()).or_default();
            all.push_str(last);
            all.push('\n');
        }
        for (name, entry) in &mut self.entries {
            if entry.content.kind == Kind::Dir {
                entry.content.hash = hash(names.get(name).map_or("", String::as_str).as_bytes());
            }
        }
    }
}

/// An entry that no walk has come to; none for a pipe and the like.
fn look_elsewhere(path: &Path) -> Result<Option<Entry>> {
    let metadata = fs::metadata(path).map_err(Error::io("read", path))?;
    let (kind, hash) = if metadata.is_dir() {
        let entries = fs::read_dir(path).map_err(Error::io("read", path))?;
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        let names: Vec<_> = names.iter().map(|name| name.to_string_lossy()).collect();
        (Kind::Dir, hash(names.join("\n").as_bytes()))
    } else if metadata.is_file() {
        (Kind::File, hash_file(path)?)
    } else {
        return Ok(None);
    };
    Ok(Some(Entry { content: Content { kind, hash, link: None }, stat: Stat::of(&metadata), link_stat: None }))
}

/// What all names of one file have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileId {
    Inode(Inode),
    /// On a system without inodes, each name counts as a file.
    Name(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Inode {
    /// A folder of the checkout may be a mount.
    device: u64,
    number: u64,
}

impl Stat {
    pub(crate) fn file(&self, name: &str) -> FileId {
        self.inode.map_or_else(|| FileId::Name(name.to_owned()), FileId::Inode)
    }

    /// Whether the entry was last written before a time.
    pub(crate) fn is_before(&self, time: SystemTime) -> bool {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let changed = u64::try_from(self.changed.0).unwrap_or_default();
        let nanos = u32::try_from(self.changed.1).unwrap_or_default();
        self.modified < time && Duration::new(changed, nanos) < since
    }

    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let (inode, changed) = {
            use std::os::unix::fs::MetadataExt;
            let inode = Inode { device: metadata.dev(), number: metadata.ino() };
            (Some(inode), (metadata.ctime(), metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (inode, changed) = (None, (0, 0));
        // A record has no earlier times, and nothing was built before.
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH).max(SystemTime::UNIX_EPOCH);
        Self { modified, len: metadata.len(), inode, changed }
    }
}

/// Whether builds do not read an entry: hidden ones are left behind by editors, systems and tools.
fn is_left_out(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_dir = entry.file_type().is_dir();
    if !is_dir {
        return is_hidden_name(&name);
    }
    // Some CI systems keep cargo's home in the checkout.
    let is_in_cargo_home = || entry.path().parent() == Some(&cargo_home());
    let is_cache = || entry.path().join("CACHEDIR.TAG").is_file() || is_in_cargo_home();
    (is_hidden_name(&name) && name != ".cargo") || name == "node_modules" || is_cache()
}

/// Whether a link leads into a folder that is marked as a cache, as one to a program in the target directory does.
fn leads_into_cache(entry: &DirEntry, root: &Path) -> bool {
    if !entry.path_is_symlink() {
        return false;
    }
    let (Ok(real), Ok(root)) = (entry.path().canonicalize(), root.canonicalize()) else { return false };
    // The checkout may be in a cache itself.
    let mut dirs = real.ancestors().take_while(|dir| !root.starts_with(dir));
    dirs.any(|dir| dir.join("CACHEDIR.TAG").is_file())
}

fn is_hidden_name(name: &str) -> bool {
    name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Editors write into a new file beside the old one.
    #[test]
    fn files_may_come_and_go_while_they_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let src = root.join("src");
        fs::create_dir(&src).unwrap();
        fs::write(root.join("Cargo.toml"), "[package]\nname = \"app\"\nversion = \"0.1.0\"\n").unwrap();
        fs::write(src.join("lib.rs"), "").unwrap();
        let workspace = Workspace::read(&root, &root, &["--offline".to_owned()]).unwrap();

        let is_over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    for name in 0..50 {
                        let path = src.join(format!("{name}.new"));
                        fs::write(&path, "").unwrap();
                        fs::remove_file(&path).unwrap();
                    }
                }
            });
            let taken: Vec<_> = (0..1000).map(|_| Snapshot::take(&workspace, Scope::default())).collect();
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
            for snapshot in taken {
                assert!(snapshot.unwrap().entries.contains_key("src/lib.rs"));
            }
        });
    }
}
