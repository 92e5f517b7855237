//! `cargo xtask pack` and `publish`: the only way in which a package reaches npm.
//!
//! What is uploaded was built from nothing in a locked folder, and has the bytes of the package in wasm-client/pkg. That
//! package is private, so npm publishes nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use crate::package;
use crate::project::{NPM, Project, step};
use crate::tools::Tools;
use crate::verify::{self, Rebuilt};

/// Makes the tarball in `dist`.
pub(crate) fn pack(project: &Project) -> Result<()> {
    let tools = Tools::ensure(project)?;
    let rebuilt = rebuild(project, &tools)?;
    let tarball = make_tarball(project, &rebuilt)?;

    println!("{}", keep(project, &tarball)?.display());
    Ok(())
}

/// Makes the tarball and gives it to npm, to publish or to stage it.
pub(crate) fn run(project: &Project, stage: bool, arguments: &[String]) -> Result<()> {
    let tools = Tools::ensure(project)?;
    let rebuilt = rebuild(project, &tools)?;
    let tarball = make_tarball(project, &rebuilt)?;

    let sh = Shell::new()?;
    sh.change_dir(&rebuilt.dir);
    let stage = stage.then_some("stage");
    let publish = cmd!(sh, "{NPM} {stage...} publish {tarball} {arguments...}");
    publish.quiet().run().context("npm did not publish the package; the output above says why")?;
    keep(project, &tarball)?;
    Ok(())
}

fn rebuild<'a>(project: &'a Project, tools: &'a Tools) -> Result<Rebuilt<'a>> {
    let start = Instant::now();
    // If this fails, nobody may take an earlier tarball for the new one.
    package::remove_tarballs(project)?;
    let info = verify::check(project)?;
    let rebuilt = verify::rebuild_and_compare(project, tools, &info)?;
    step("verify", start, "built from nothing, the package has the same bytes");
    Ok(rebuilt)
}

/// Packs what was rebuilt, beside it.
fn make_tarball(project: &Project, rebuilt: &Rebuilt) -> Result<PathBuf> {
    let manifest = rebuilt.dir.join("package.json");
    let published = package::published_manifest(&fs::read_to_string(&manifest)?)?;
    fs::write(&manifest, published)?;

    let out = rebuilt.dir.with_file_name("tarball");
    let sh = project.shell()?;
    sh.remove_path(&out)?;
    sh.create_dir(&out)?;
    sh.change_dir(&rebuilt.dir);
    // Whatever scripts an owner adds: what is packed was compared.
    let pack = cmd!(sh, "{NPM} pack --ignore-scripts --loglevel=error --pack-destination {out}");
    pack.quiet().ignore_stdout().run().context("npm cannot pack the package; the output above says why")?;
    only_file(&out)
}

/// The one file in a folder. What `npm pack` prints has another form in each of its versions.
fn only_file(dir: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?;
    ensure!(entries.len() == 1, "npm has packed {} tarballs instead of one", entries.len());
    Ok(entries[0].path())
}

/// Copies the tarball into `dist`.
fn keep(project: &Project, tarball: &Path) -> Result<PathBuf> {
    let dir = package::tarball_dir(project);
    fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;

    let kept = dir.join(tarball.file_name().unwrap_or_default());
    let new = kept.with_extension("new");
    fs::copy(tarball, &new).with_context(|| format!("cannot write {}", new.display()))?;
    fs::rename(&new, &kept).with_context(|| format!("cannot write {}", kept.display()))?;
    Ok(kept)
}
