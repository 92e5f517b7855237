//! `cargo unstale verify`: builds, builds again from nothing, and compares the bytes.
//!
//! Paths get into what is built: those of generated files in messages, for instance. So the second build is at the same
//! path, and what cargo has built there is set aside meanwhile. If this is interrupted, the next command puts it back.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use unstale::TargetDir;
use unstale::cargo_metadata::Artifact;

use crate::cargo_args::CargoArgs;
use crate::cli::{How, Verify};
use crate::compile::{Compilation, Messages, code};
use crate::project::{self, Project};

/// The folder of our own in a target directory, which stays where it is.
const OWN: &str = ".unstale";

pub(crate) fn run(how: &How, verify: Verify) -> anyhow::Result<u8> {
    let args = CargoArgs::parse(verify.words)?;
    let command = args.command.to_string_lossy();
    if !["build", "b", "rustc"].contains(&&*command) {
        bail!("`{command}` makes nothing to compare\n\nhelp: try `cargo unstale verify -- build …`");
    }
    if !args.values(&["--message-format"]).is_empty() {
        bail!("`--message-format` cannot be used with `verify`, which needs the list of what was built");
    }

    let project = Project::read(how, &args)?;
    let dir = project.lock()?;
    let compilation = Compilation { project: &project, dir: &dir, args: &args, messages: Messages::Artifacts };
    let compiled = compilation.run()?;
    if !compiled.status.success() {
        return Ok(code(compiled.status));
    }
    let artifacts = files(&project, &dir, &compiled.artifacts);

    let aside = Aside::begin(dir.path())?;
    let again = compilation.run_from_nothing()?;
    let different = if again.success() { aside.different(&artifacts)? } else { Vec::new() };
    aside.end()?;
    if !again.success() {
        return Ok(code(again));
    }
    if !different.is_empty() {
        dir.forget_record()?;
        let different: Vec<String> = different.iter().map(|path| format!("    {}", path.display())).collect();
        bail!(
            "{} of {} artefacts are different when they are built from nothing:\n{}\n\nhelp: a build script or a macro reads a \
             file without declaring it, or its output is never twice the same. The next build compiles all local crates",
            different.len(),
            artifacts.len(),
            different.join("\n")
        );
    }
    println!("{} artefacts have the bytes that a build from nothing gives", artifacts.len());
    Ok(0)
}

/// The files of local crates in the target directory, from there.
fn files(project: &Project, dir: &TargetDir, artifacts: &[Artifact]) -> BTreeSet<PathBuf> {
    let is_local = |artifact: &&Artifact| project.workspace.is_local(&artifact.package_id);
    let local = artifacts.iter().filter(is_local).filter(|artifact| !artifact.target.is_custom_build());
    let files = local.flat_map(|artifact| &artifact.filenames);
    let files = files.filter_map(|path| path.as_std_path().strip_prefix(dir.path()).ok());
    files.filter(|path| dir.path().join(path).is_file()).map(Path::to_owned).collect()
}

/// What was in a target directory, in a folder of our own. At each moment the folders' names say what is where:
///
/// - `moving`: what is in the target directory belongs there; the rest is here.
/// - `aside`: everything is here, and what is in the target directory is of the second build.
struct Aside {
    target: PathBuf,
}

impl Aside {
    fn begin(target: &Path) -> anyhow::Result<Self> {
        let aside = Self { target: target.to_owned() };
        make(&aside.moving())?;
        for name in aside.built()? {
            rename(&target.join(&name), &aside.moving().join(&name))?;
        }
        rename(&aside.moving(), &aside.aside())?;
        Ok(aside)
    }

    /// Deletes what the second build has made, and puts everything back.
    fn end(self) -> anyhow::Result<()> {
        recover(&self.target)
    }

    /// Which of some files are now others than those that were set aside.
    fn different(&self, artifacts: &BTreeSet<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
        let mut different = Vec::new();
        for path in artifacts {
            let before = self.aside().join(path);
            let before = fs::read(&before).with_context(|| format!("cannot read {}", before.display()))?;
            if fs::read(self.target.join(path)).ok() != Some(before) {
                different.push(path.clone());
            }
        }
        Ok(different)
    }

    fn moving(&self) -> PathBuf {
        self.target.join(OWN).join("moving")
    }

    fn aside(&self) -> PathBuf {
        self.target.join(OWN).join("aside")
    }

    /// The names of what cargo has built.
    fn built(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut names = entries(&self.target)?;
        names.retain(|name| name != Path::new(OWN) && name != Path::new("CACHEDIR.TAG"));
        Ok(names)
    }
}

/// Puts back what an interrupted check has set aside, if there is something. The directory is locked.
pub(crate) fn recover(target: &Path) -> anyhow::Result<()> {
    let aside = Aside { target: target.to_owned() };
    if aside.aside().exists() {
        for name in aside.built()? {
            delete(&target.join(name))?;
        }
        rename(&aside.aside(), &aside.moving())?;
    }
    if aside.moving().exists() {
        for name in entries(&aside.moving())? {
            // A cargo that was called meanwhile may have begun to build.
            delete(&target.join(&name))?;
            rename(&aside.moving().join(&name), &target.join(&name))?;
        }
        delete(&aside.moving())?;
    }
    Ok(())
}

impl Compilation<'_> {
    /// Builds in an empty directory, without a compiler cache.
    fn run_from_nothing(&self) -> anyhow::Result<std::process::ExitStatus> {
        let ours = self.dir.cargo_options(&self.project.workspace)?;
        let mut cargo = project::cargo_as_called(self.args, ours);
        cargo.env("RUSTC_WRAPPER", "");
        let _lent = self.dir.lend_lock()?;
        crate::compile::start(&mut cargo)
    }
}

fn entries(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    Ok(read.flatten().map(|entry| entry.file_name().into()).collect())
}

fn make(dir: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))
}

fn rename(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot move {} to {}", from.display(), to.display()))
}

fn delete(path: &Path) -> anyhow::Result<()> {
    let deleted = match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    deleted.with_context(|| format!("cannot delete {}", path.display()))
}
