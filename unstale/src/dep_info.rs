//! Dep-info: which files a unit was compiled from, as rustc lists them, and which a build script declares.

use std::fs;
use std::path::{Path, PathBuf};

use path_clean::PathClean;

use crate::error::{Error, Result};

/// The files in rustc's dep-info, which is a makefile. `cwd` is the folder that rustc ran in.
///
/// A line that ends in a colon names one file. rustc writes a space in a path as `\ `.
pub(crate) fn files(dep_info: &str, cwd: &Path) -> Vec<PathBuf> {
    let lines = dep_info.lines().filter(|line| !line.starts_with("# "));
    let names = lines.filter_map(|line| line.strip_suffix(':'));
    names.map(|name| resolve(&cwd.join(name.replace("\\ ", " ")))).collect()
}

/// What a build script, whose `OUT_DIR` this is, has declared by `rerun-if-changed`: files, and folders with all that is
/// in them. `dir` is the package's folder.
///
/// # Errors
/// Cargo has not kept the build script's output at a place that we know.
pub(crate) fn declared(out_dir: &Path, dir: &Path) -> Result<Vec<PathBuf>> {
    let mut declared = Vec::new();
    for line in output(out_dir, dir)?.lines() {
        let line = line.trim();
        let path =
            line.strip_prefix("cargo::rerun-if-changed=").or_else(|| line.strip_prefix("cargo:rerun-if-changed="));
        declared.extend(path.map(|path| resolve(&dir.join(path))));
    }
    Ok(declared)
}

/// Whether a build script has declared nothing, neither files nor variables. Cargo then looks at all files of its package.
///
/// # Errors
/// As [`declared`].
pub(crate) fn is_silent(out_dir: &Path, dir: &Path) -> Result<bool> {
    let declares =
        |line: &str| ["cargo::rerun-if-", "cargo:rerun-if-"].iter().any(|start| line.trim().starts_with(start));
    Ok(out_dir.exists() && !output(out_dir, dir)?.lines().any(declares))
}

/// What a build script has said to cargo.
fn output(out_dir: &Path, dir: &Path) -> Result<String> {
    if !out_dir.exists() {
        // Cargo's configuration has the output: then no script is run.
        return Ok(String::new());
    }
    let parent = out_dir.parent().unwrap_or(out_dir);
    // The first is that of cargo up to 1.99.
    let places = [parent.join("output"), parent.join("run").join("stdout")];
    let output = places.iter().find_map(|place| fs::read(place).ok());
    let output = output.ok_or_else(|| {
        let [place, _] = places;
        Error::NoDepInfo { package: dir.display().to_string(), path: place }
    })?;

    Ok(String::from_utf8_lossy(&output).into_owned())
}

/// A path without `..`. Behind a link, `..` leads elsewhere than the path's text says.
pub(crate) fn resolve(path: &Path) -> PathBuf {
    let clean = path.clean();
    match (path.canonicalize(), clean.canonicalize()) {
        (Ok(real), Ok(same)) if real == same => clean,
        (Ok(real), _) => real,
        (Err(_), _) => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_have_spaces() {
        let dep_info = "/t/libx.rmeta: src/lib.rs src/a\\ b.rs ../words.txt\n\n/t/x.d: src/lib.rs\n\n\
                        src/lib.rs:\nsrc/a\\ b.rs:\n../words.txt:\n/abs/d\u{e9}.rs:\n\n# env-dep:NAME=value:\n";
        let found = files(dep_info, Path::new("/w/x"));
        assert_eq!(found, ["/w/x/src/lib.rs", "/w/x/src/a b.rs", "/w/words.txt", "/abs/d\u{e9}.rs"].map(PathBuf::from));
    }

    #[test]
    fn a_folder_may_begin_like_a_comment() {
        let found = files("/t/x.d: #a/lib.rs\n\n#a/lib.rs:\n\n# env-dep:NAME=value:\n", Path::new("/w"));
        assert_eq!(found, [PathBuf::from("/w/#a/lib.rs")]);
    }

    #[test]
    fn a_build_scripts_output_is_read_in_both_layouts() {
        for place in ["output", "run/stdout"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(place);
            fs::create_dir_all(folder.path().join("out")).unwrap();
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "hello\ncargo::rerun-if-changed=../n.txt\ncargo:rerun-if-changed=data\ncargo:x=y\n")
                .unwrap();

            let found = declared(&folder.path().join("out"), Path::new("/w/x")).unwrap();
            assert_eq!(found, [PathBuf::from("/w/n.txt"), PathBuf::from("/w/x/data")]);
        }
    }

    #[test]
    fn without_a_build_scripts_output_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let out_dir = folder.path().join("out");
        fs::create_dir(&out_dir).unwrap();
        let error = declared(&out_dir, Path::new("/w/x")).unwrap_err();
        assert!(error.to_string().contains("output is missing"), "{error}");
    }
}
