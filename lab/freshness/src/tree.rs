//! Folders as a container's copies see them: contents, modes and modification times, nothing else.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// The time that Earthly's COPY and SAVE ARTIFACT give to every file: 2020-04-16T12:00:00Z.
pub(crate) fn date_2020() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(440_844)
}

/// Which modification times a copy gets.
#[derive(Clone, Copy)]
pub(crate) enum Times {
    Kept,
    All(SystemTime),
}

/// Files by relative path, each with a hash of its content.
pub(crate) type Contents = BTreeMap<String, String>;

pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(10).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// As `sha256sum` prints it.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The contents of a file or of all files below a folder.
pub(crate) fn contents(path: &Path) -> Result<Contents> {
    fn visit(root: &Path, path: &Path, found: &mut Contents) -> Result<()> {
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                visit(root, &entry?.path(), found)?;
            }
        } else {
            let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
            found.insert(name, hash(&[&fs::read(path)?]));
        }
        Ok(())
    }
    let mut found = Contents::new();
    visit(path, path, &mut found).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(found)
}

/// One hash of it all.
pub(crate) fn digest(path: &Path) -> Result<String> {
    Ok(hash(&[serde_json::to_string(&contents(path)?)?.as_bytes()]))
}

/// Copies a file, or a folder into (and over) another.
pub(crate) fn copy(from: &Path, to: &Path, times: Times) -> Result<()> {
    fn visit(from: &Path, to: &Path, times: Times) -> Result<()> {
        let meta = fs::symlink_metadata(from)?;
        if meta.is_dir() {
            fs::create_dir_all(to)?;
            for entry in fs::read_dir(from)? {
                let entry = entry?;
                visit(&entry.path(), &to.join(entry.file_name()), times)?;
            }
        } else if meta.is_symlink() {
            let _ = fs::remove_file(to);
            std::os::unix::fs::symlink(fs::read_link(from)?, to)?;
            return Ok(());
        } else {
            let _ = fs::remove_file(to);
            fs::copy(from, to)?;
        }

        let time = match times {
            Times::Kept => meta.modified()?,
            Times::All(time) => time,
        };
        set_time(to, time)
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    visit(from, to, times).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

/// Sets the modification time of a file or folder itself.
pub(crate) fn set_time(path: &Path, time: SystemTime) -> Result<()> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    file.set_modified(time).with_context(|| format!("cannot set the time of {}", path.display()))
}

/// Calls `change` with every file's and folder's time, and sets what it returns.
pub(crate) fn change_times(path: &Path, change: &dyn Fn(SystemTime) -> SystemTime) -> Result<()> {
    let meta = fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return Ok(());
    }
    if meta.is_dir() {
        for entry in fs::read_dir(path)? {
            change_times(&entry?.path(), change)?;
        }
    }
    set_time(path, change(meta.modified()?))
}

/// Removes a file or folder, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(meta) if meta.is_dir() => {
            fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))
        }
        Ok(_) => Ok(fs::remove_file(path)?),
    }
}

/// The newest modification time of the files below `path` whose path ends the way `wanted` accepts.
pub(crate) fn newest(path: &Path, wanted: &dyn Fn(&Path) -> bool) -> Option<SystemTime> {
    let mut newest = None;
    for entry in fs::read_dir(path).ok()?.flatten() {
        let path = entry.path();
        let found = if path.is_dir() {
            self::newest(&path, wanted)
        } else if wanted(&path) {
            fs::metadata(&path).and_then(|meta| meta.modified()).ok()
        } else {
            None
        };
        newest = newest.max(found);
    }
    newest
}

/// Writes a program that a shell can start.
pub(crate) fn write_script(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}

/// Reads a value that was kept as JSON, if it is there and whole.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Keeps a value as JSON.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    Ok(fs::write(path, serde_json::to_string(value)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_contents_links_and_times() {
        let dir = std::env::temp_dir().join(format!("freshness-tree-{}", std::process::id()));
        let (from, to) = (dir.join("from"), dir.join("to"));
        fs::create_dir_all(from.join("inner")).unwrap();
        fs::write(from.join("inner/file"), "text").unwrap();
        std::os::unix::fs::symlink("inner/file", from.join("link")).unwrap();
        copy(&from, &to, Times::All(date_2020())).unwrap();

        assert_eq!(contents(&to).unwrap(), contents(&from).unwrap());
        assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("inner/file"));
        assert_eq!(fs::metadata(to.join("inner/file")).unwrap().modified().unwrap(), date_2020());
        change_times(&to, &|time| time + Duration::from_hours(1)).unwrap();
        let named = |path: &Path| path.file_name() == Some("file".as_ref());
        assert_eq!(newest(&to, &named), Some(date_2020() + Duration::from_hours(1)));

        fs::write(to.join("inner/file"), "another").unwrap();
        assert_ne!(digest(&to).unwrap(), digest(&from).unwrap());
        remove(&dir).unwrap();
        remove(&dir).unwrap();
    }

    #[test]
    fn a_hash_keeps_its_parts_apart() {
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
    }
}
