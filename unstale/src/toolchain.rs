//! What identifies a toolchain: what its programs say, and the contents of its standard libraries.
//!
//! The same version of the standard library may be built twice. Crates that were compiled with different ones do not mix, and
//! cargo does not notice. An installer dates files as it likes, often with the present time, so contents have to be compared.
//! That takes up to a second: the result is kept for as long as names, sizes and times stay.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::file_set::{hash, hash_file};
use crate::target_dir::TargetDir;

/// Where the hash of the libraries' contents is kept.
const KEPT: &str = "libraries.json";

/// What identifies a toolchain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchain {
    /// What `rustc -vV` and `cargo -V` say.
    pub version: String,
    /// What tells two builds of the standard library apart: a hash of the libraries' contents.
    pub libraries: String,
}

/// The hash of the libraries' contents, and what it was computed from.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// A hash of names, sizes and times.
    listing: String,
    contents: String,
}

/// A file of a standard library.
struct Library {
    path: PathBuf,
    /// Its path, size and time.
    line: String,
}

impl Toolchain {
    /// Looks at the standard libraries of all targets that are installed, as the next build may be for another one.
    /// `version` is what `rustc -vV` and `cargo -V` say, and `libdir` what `rustc --print target-libdir` says, for any target.
    ///
    /// # Errors
    /// A library cannot be read.
    pub fn read(version: String, libdir: &Path, dir: &TargetDir) -> Result<Self> {
        let libraries = libraries_beside(libdir)?;
        let lines: String = libraries.iter().map(|library| library.line.as_str()).collect();
        let listing = hash(lines.as_bytes());

        let path = dir.own(KEPT);
        let kept: Option<Kept> = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
        if let Some(kept) = kept.filter(|kept| kept.listing == listing) {
            return Ok(Self { version, libraries: kept.contents });
        }

        let mut hashes = String::new();
        for library in &libraries {
            hashes += &hash_file(&library.path)?;
        }
        let kept = Kept { listing, contents: hash(hashes.as_bytes()) };
        let text = serde_json::to_vec(&kept).map_err(|error| Error::io("write", &path)(error.into()))?;
        fs::write(&path, text).map_err(Error::io("write", &path))?;
        Ok(Self { version, libraries: kept.contents })
    }
}

/// The libraries of all targets, which have their folders side by side.
fn libraries_beside(libdir: &Path) -> Result<Vec<Library>> {
    let rustlib = libdir.ancestors().nth(2).unwrap_or(libdir);
    let mut libraries = Vec::new();
    for target in fs::read_dir(rustlib).map_err(Error::io("read", rustlib))?.flatten() {
        // There are other folders, such as that of the standard library's source.
        let Ok(entries) = fs::read_dir(target.path().join("lib")) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            let metadata = fs::metadata(&path).map_err(Error::io("read", &path))?;
            if metadata.is_file() {
                let modified = metadata.modified().map_err(Error::io("read", &path))?;
                let line = format!("{} {} {modified:?}\n", path.display(), metadata.len());
                libraries.push(Library { path, line });
            }
        }
    }
    libraries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(libraries)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn two_builds_of_a_library_are_told_apart_by_their_contents() {
        let parent = tempfile::tempdir().unwrap();
        let dir = TargetDir::lock(&parent.path().join("target"), || ()).unwrap();
        let libdir = parent.path().join("rustlib/host/lib");
        let of_wasm = parent.path().join("rustlib/wasm/lib/libstd.rlib");
        let write = |content: &str, age: Duration| {
            fs::write(&of_wasm, content).unwrap();
            filetime::set_file_mtime(&of_wasm, (SystemTime::now() - age).into()).unwrap();
        };
        let read = || Toolchain::read("1.95".to_owned(), &libdir, &dir).unwrap();
        fs::create_dir_all(&libdir).unwrap();
        fs::create_dir_all(of_wasm.parent().unwrap()).unwrap();

        write("one", Duration::from_mins(1));
        let first = read();
        write("one", Duration::from_secs(50));
        assert_eq!(read(), first, "another time alone is not another library");
        write("two", Duration::from_secs(40));
        assert_ne!(read(), first);

        fs::write(dir.own(KEPT), "not JSON").unwrap();
        write("one", Duration::from_mins(1));
        assert_eq!(read(), first);
    }
}
