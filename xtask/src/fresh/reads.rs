//! What was read: each file that a local package is built from has to be in its digest.
//!
//! rustc lists what it opened for a crate, and our wrapper keeps these lists. What a build script declares by
//! `rerun-if-changed` is in the list that cargo makes of the finished library. Nobody, not even cargo, sees what a build
//! script reads and does not declare.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use path_clean::PathClean;
use walkdir::WalkDir;

use super::digest::{Files, is_hidden};
use super::graph::{Graph, Local, cargo_home, relative};

/// Checks all lists in `reads`, and cargo's own `list`, against the `files` of each package; `dir` is the target folder. An
/// error names each package that was built from a file which its digest does not cover, the file, and the line to add.
pub(super) fn check(graph: &Graph, files: impl Fn(&str) -> Files, dir: &Path, reads: &Path, list: &Path) -> Result<()> {
    let covered: BTreeMap<&String, Files> = graph.locals.keys().map(|id| (id, files(id))).collect();
    let (mut errors, mut opened) = (BTreeSet::new(), BTreeSet::new());
    // A folder means all files in it. What the build itself writes is not a source.
    let mut look = |locals: &[(&String, &Local)], path: &Path| {
        let is_source = |path: &Path| path.is_file() && !path.starts_with(dir) && !path.starts_with(cargo_home());
        let walk = WalkDir::new(path).follow_links(true).into_iter();
        for entry in walk.filter_entry(|it| it.depth() == 0 || !is_hidden(it.path())).filter_map(Result::ok) {
            let name = relative(&graph.root, entry.path()).unwrap_or_default();
            if is_source(entry.path()) && !locals.iter().any(|(id, _)| covered[id].contains_key(&name)) {
                let names: Vec<_> = locals.iter().map(|(_, local)| format!("`{}`", local.package.name)).collect();
                errors.insert(uncovered(graph, &names.join(" or "), path));
            }
        }
    };
    for list in lists(reads)? {
        let local = graph.locals.iter().find(|(_, local)| graph.root.join(&local.dir) == list.package);
        for path in list.files {
            local.iter().for_each(|local| look(&[*local], &path));
            opened.insert(path);
        }
    }
    let scripts: Vec<_> = graph.locals.iter().filter(|(_, local)| local.has_build_script()).collect();
    let declared = fs::read_to_string(list).unwrap_or_default();
    let declared = declared.lines().filter_map(|line| line.split_once(": ")).flat_map(|(_, files)| paths(files));
    let declared = declared.map(|path| graph.root.join(path).clean());
    declared.filter(|path| !opened.contains(path)).for_each(|path| look(&scripts, &path));
    if !errors.is_empty() {
        bail!("{}", errors.into_iter().collect::<Vec<_>>().join("\n"));
    }
    Ok(())
}

/// What to do about a file that a digest does not cover.
fn uncovered(graph: &Graph, names: &str, path: &Path) -> String {
    match relative(&graph.root, path) {
        Some(inside) => format!(
            "{names} is built from {inside}, which its digest does not cover: an edit could be missed. Add to its \
             Cargo.toml:\n    [package.metadata.digest]\n    include = [\"{inside}\"]"
        ),
        None => format!("{names} is built from {}, which is outside of the checkout: move it inside", path.display()),
    }
}

/// Deletes the lists of packages, by their folders.
pub(super) fn forget(reads: &Path, packages: impl Iterator<Item = PathBuf>) -> Result<()> {
    let packages: BTreeSet<PathBuf> = packages.collect();
    let mut lists = lists(reads)?.into_iter().filter(|list| packages.contains(&list.package));
    Ok(lists.try_for_each(|list| fs::remove_file(list.path))?)
}

struct List {
    path: PathBuf,
    package: PathBuf,
    files: Vec<PathBuf>,
}

fn lists(reads: &Path) -> Result<Vec<List>> {
    let mut lists = Vec::new();
    for entry in fs::read_dir(reads).with_context(|| format!("cannot read {}", reads.display()))? {
        let path = entry?.path();
        if path.extension() == Some("d".as_ref()) {
            let text = fs::read_to_string(&path)?;
            let mut lines = text.lines();
            let [package, ran_in] = [lines.next(), lines.next()].map(|line| PathBuf::from(line.unwrap_or_default()));
            // Each file has a line of its own, which ends in a colon. Clippy adds the workspace's manifest, where it reads
            // the Rust version.
            let files = lines.filter(|line| !line.starts_with('#') && *line != "Cargo.toml:");
            let files = files.filter_map(|line| line.strip_suffix(':'));
            let files = files.flat_map(paths).map(|file| ran_in.join(file).clean()).collect();
            lists.push(List { path, package, files });
        }
    }
    Ok(lists)
}

/// The paths in a list that separates them by spaces, and writes a space in a path as `\ `.
fn paths(list: &str) -> Vec<PathBuf> {
    let list = list.replace("\\ ", "\0");
    list.split(' ').filter(|path| !path.is_empty()).map(|path| PathBuf::from(path.replace('\0', " "))).collect()
}
