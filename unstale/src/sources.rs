//! What this crate was compiled from, for programs that carry it in their checkout.

use std::fs;
use std::path::{Path, PathBuf};

struct Source {
    name: &'static str,
    text: &'static str,
}

macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        [$(Source { name: $name, text: include_str!($name) }),*]
    };
}

static SOURCES: [Source; 14] = sources![
    "build.rs",
    "check.rs",
    "dep_info.rs",
    "error.rs",
    "file_set.rs",
    "lib.rs",
    "record.rs",
    "snapshot.rs",
    "sources.rs",
    "status.rs",
    "target_dir.rs",
    "toolchain.rs",
    "workspace.rs",
    "wrapper.rs",
];

/// The first file of this crate in `src` that is not as it was when the crate was compiled; none if they are the same or if
/// there is no such folder. Cargo goes by file times when it compiles this crate, too.
#[doc(hidden)]
#[must_use]
pub fn changed_source(src: &Path) -> Option<PathBuf> {
    if !src.is_dir() {
        return None;
    }
    let changed =
        SOURCES.iter().find(|source| fs::read_to_string(src.join(source.name)).ok().as_deref() != Some(source.text));
    changed.map(|source| src.join(source.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_compared() {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut names: Vec<_> = fs::read_dir(&src).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, SOURCES.iter().map(|source| source.name).collect::<Vec<_>>());
        assert_eq!(changed_source(&src), None);
    }

    #[test]
    fn a_source_that_changed_is_named() {
        let dir = tempfile::tempdir().unwrap();
        for source in &SOURCES {
            fs::write(dir.path().join(source.name), source.text).unwrap();
        }
        assert_eq!(changed_source(dir.path()), None);
        fs::write(dir.path().join("record.rs"), "").unwrap();
        assert_eq!(changed_source(dir.path()), Some(dir.path().join("record.rs")));
    }
}
