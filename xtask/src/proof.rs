//! What the compiler has really read, held against the digests: believed is nothing.
//!
//! rustc writes for each unit a dep-info file with every source file it opened and every environment variable it was
//! asked for. Each local unit must have been compiled under its digest's present value, from files that the digest
//! covers. Cargo's folders are searched, not addressed: their layout changes between versions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Artifact, BuildScript, TargetKind};

use crate::{
    digest::{self, Files, Inputs},
    workspace::{Crate, Workspace},
};

/// What one cargo call built or found built.
#[derive(Default)]
pub(crate) struct Built {
    artifacts: Vec<Artifact>,
    pub(crate) scripts: Vec<BuildScript>,
    /// Names of the crates that were compiled, not found fresh; one may be for the host and for WebAssembly.
    pub(crate) compiled: BTreeSet<String>,
}

impl Built {
    pub(crate) fn add(&mut self, artifact: Artifact) {
        // A build script is a part of its crate, which is compiled whenever that is.
        if !artifact.fresh && !artifact.target.is_kind(TargetKind::CustomBuild) {
            self.compiled.insert(artifact.target.name.replace('_', "-"));
        }
        self.artifacts.push(artifact);
    }

    /// The WebAssembly module of the last unit that has one.
    pub(crate) fn module(&self) -> Option<PathBuf> {
        let files = self.artifacts.iter().rev().flat_map(|artifact| &artifact.filenames);
        files
            .map(|file| file.as_std_path())
            .find(|file| file.extension() == Some("wasm".as_ref()))
            .map(Path::to_owned)
    }

    /// The test programs.
    pub(crate) fn executables(&self) -> impl Iterator<Item = &Path> {
        self.artifacts.iter().filter_map(|artifact| Some(artifact.executable.as_ref()?.as_std_path()))
    }
}

/// Checks every local unit of a build in `cargo_dir`.
///
/// # Errors
/// A unit that was not compiled under its digest, or read a file that the digest does not cover, or whose build
/// script does not ask for the digest: the crate, the file and the line to add.
pub(crate) fn check(workspace: &Workspace, inputs: &Inputs, cargo_dir: &Path, built: &Built) -> Result<()> {
    let dep_infos = dep_infos(cargo_dir)?;
    let variables = inputs.variables(workspace);
    for artifact in &built.artifacts {
        let Some(krate) = crate_of(workspace, artifact.manifest_path.as_std_path()) else { continue };
        let is_test =
            [TargetKind::Test, TargetKind::Bench].iter().any(|kind| artifact.target.is_kind(kind.clone()));
        let own = (krate.variable(), &inputs.crates[&krate.name]);
        // A build script may ask for its crate's digest instead, which covers more.
        let digests = if is_test {
            vec![(digest::TESTS.to_owned(), &inputs.tests)]
        } else if artifact.target.is_kind(TargetKind::CustomBuild) {
            vec![(digest::BUILD_SCRIPTS.to_owned(), &inputs.build_scripts), own]
        } else {
            vec![own]
        };
        let found = dep_infos.get(&stem(artifact)?).into_iter().flatten().find_map(|text| {
            let has = |variable: &str| {
                let line = format!("# env-dep:{variable}={}", variables[variable]);
                text.lines().any(|has| has == line)
            };
            let asked: Vec<&Files> =
                digests.iter().filter(|(name, _)| has(name)).map(|(_, files)| *files).collect();
            (!asked.is_empty()).then_some((text, asked))
        });
        let Some((dep_info, mut covered)) = found else {
            bail!(
                "`{}` was compiled without its digest, so a change of it may go unseen: {} needs the line\n    \
                 const _: Option<&str> = option_env!(\"{}\");",
                krate.name,
                artifact.target.src_path,
                digests[0].0
            );
        };
        if is_test {
            // What a test takes from the crate's sources changes with the library that it is linked to.
            covered.push(&inputs.crates[&krate.name]);
        }
        let files = uncovered(workspace, dep_info, &covered);
        if !files.is_empty() {
            let names: Vec<String> = files.into_iter().collect();
            bail!(
                "`{}` reads {} when it is compiled, {}",
                krate.name,
                names.join(", "),
                not_covered(workspace, krate, &names)
            );
        }
    }
    check_scripts(workspace, inputs, built)
}

/// A build script runs again by file times unless it asks for the digest, which has to cover what it reads.
fn check_scripts(workspace: &Workspace, inputs: &Inputs, built: &Built) -> Result<()> {
    for script in &built.scripts {
        let Some(krate) = workspace.crates.iter().find(|krate| {
            let dir = workspace.root.join(&krate.dir);
            script.package_id.repr.contains(&format!("{}#", dir.to_string_lossy().replace('\\', "/")))
        }) else {
            continue;
        };
        let output = script
            .out_dir
            .parent()
            .map(|dir| dir.join("output"))
            .context("a build script without a folder")?;
        let output = fs::read_to_string(&output).with_context(|| format!("cannot read {output}"))?;
        let line = format!("rerun-if-env-changed={}", krate.variable());
        let said = || output.lines().map(|has| has.trim_start_matches("cargo:").trim_start_matches(':'));
        if !said().any(|has| has == line) {
            bail!(
                "the build script of `{}` does not follow its digest: it needs the line\n    \
                 println!(\"cargo::{line}\");",
                krate.name
            );
        }
        let files = &inputs.crates[&krate.name];
        for name in said().filter_map(|has| has.strip_prefix("rerun-if-changed=")) {
            let path = workspace.root.join(&krate.dir).join(name);
            let path = dunce::canonicalize(&path).unwrap_or(path);
            let known = workspace.relative(&path).is_some_and(|path| {
                let below = format!("{path}/");
                files.keys().any(|file| *file == path || file.starts_with(&below))
            });
            if !known {
                bail!(
                    "the build script of `{}` reads {name}, {}",
                    krate.name,
                    not_covered(workspace, krate, &[format!("{}/{name}", krate.dir)])
                );
            }
        }
    }
    Ok(())
}

/// What to do about files, by their paths from the root, that a crate's digest lacks.
fn not_covered(workspace: &Workspace, krate: &Crate, names: &[String]) -> String {
    let inside = names.iter().map(|name| {
        let path = dunce::canonicalize(workspace.root.join(name)).ok()?;
        workspace.relative(&path)
    });
    match inside.collect::<Option<Vec<String>>>() {
        Some(paths) => format!(
            "and its digest does not cover that: add to {}/Cargo.toml\n    [package.metadata.digest]\n    \
             include = {paths:?}",
            krate.dir
        ),
        None => "which lies outside of the workspace, where no digest covers it: bring it in".to_owned(),
    }
}

fn crate_of<'a>(workspace: &'a Workspace, manifest: &Path) -> Option<&'a Crate> {
    let dir = dunce::canonicalize(manifest.parent()?).ok()?;
    workspace.crates.iter().find(|krate| workspace.root.join(&krate.dir) == dir)
}

/// The name that a unit's dep-info file has without its ending.
fn stem(artifact: &Artifact) -> Result<String> {
    let files = artifact.executable.iter().chain(&artifact.filenames);
    let file =
        files.into_iter().next().with_context(|| format!("no file built for `{}`", artifact.target.name))?;
    if artifact.target.is_kind(TargetKind::CustomBuild) {
        // …/build/common-0123456789abcdef/build-script-build
        let hash = file.parent().and_then(|dir| dir.file_name()).and_then(|name| name.rsplit('-').next());
        return Ok(format!("build_script_build-{}", hash.unwrap_or_default()));
    }
    let stem = file.file_stem().unwrap_or_default();
    let library = ["rlib", "rmeta"].iter().any(|ending| file.extension() == Some(ending));
    Ok(if library { stem.trim_start_matches("lib") } else { stem }.to_owned())
}

/// The dep-info files of a target folder, by name.
fn dep_infos(dir: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    fn visit(dir: &Path, found: &mut BTreeMap<String, Vec<String>>) -> Result<()> {
        for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
            let path = entry?.path();
            if path.is_dir() && path.file_name() != Some("incremental".as_ref()) {
                visit(&path, found)?;
            } else if path.extension() == Some("d".as_ref()) {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let text =
                    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                found.entry(stem).or_default().push(text);
            }
        }
        Ok(())
    }
    let mut found = BTreeMap::new();
    visit(dir, &mut found)?;
    Ok(found)
}

/// The files in a dep-info that none of the sets covers, as far as they are not made by the build itself.
fn uncovered(workspace: &Workspace, dep_info: &str, covered: &[&Files]) -> BTreeSet<String> {
    let target = dunce::canonicalize(workspace.target_dir()).unwrap_or_else(|_| workspace.target_dir());
    let mut files = BTreeSet::new();
    // Each file read stands alone before a colon; a space in a name is escaped.
    for name in
        dep_info.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.strip_suffix(':'))
    {
        let name = name.replace("\\ ", " ");
        let path = workspace.root.join(&name);
        let path = dunce::canonicalize(&path).unwrap_or(path);
        let relative = workspace.relative(&path);
        let known = relative.is_some_and(|path| covered.iter().any(|files| files.contains_key(&path)));
        if !known && !path.starts_with(&target) {
            files.insert(name);
        }
    }
    files
}
