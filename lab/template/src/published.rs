//! The move from the folder `unstale` to the crate that is published: with a registry on disk that has it.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{
    command,
    generator::{Lab, remove},
};

/// What README says to write below `[dependencies]`.
const DEPENDENCY: &str = "unstale = \"0.1\"";

pub(crate) fn check(lab: &Lab) -> Result<()> {
    let readme = fs::read_to_string(lab.root.join("unstale/README.md"))?;
    let update = "cargo update --workspace --manifest-path xtask/Cargo.toml";
    for text in [DEPENDENCY, update] {
        ensure!(readme.contains(text), "unstale/README.md does not say `{text}`");
    }

    let project = lab.dir.join("published");
    remove(&project)?;
    command::output(Command::new("git").args(["clone", "--quiet"]).arg(&lab.template).arg(&project))?;
    let registry = lab.dir.join("registry");
    fill(&registry, &project)?;
    let home = lab.dir.join("registry-home");
    use_registry(&home, &registry)?;

    let manifest = project.join("xtask/Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    let path = text.lines().find(|line| line.starts_with("unstale = ") && line.contains("path = "));
    let path = path.context("xtask/Cargo.toml has no path to unstale")?;
    fs::write(&manifest, text.replace(path, DEPENDENCY))?;
    fs::remove_dir_all(project.join("unstale"))?;

    let mut words = update.split(' ');
    let mut cargo = Command::new(words.next().unwrap_or_default());
    command::output(cargo.args(words).current_dir(&project).env("CARGO_HOME", &home))?;
    let mut xtask = Command::new("cargo");
    xtask.args(["xtask", "digest"]).current_dir(&project).env("CARGO_HOME", &home);
    command::output(&mut xtask).map(drop)
}

/// Puts all that a project depends on into a folder, and the crate as it would be published.
fn fill(registry: &Path, project: &Path) -> Result<()> {
    remove(registry)?;
    let mut vendor = Command::new("cargo");
    vendor.args(["vendor", "--locked", "--sync", "xtask/Cargo.toml"]).arg(registry);
    command::output(vendor.current_dir(project))?;

    let target = project.join("target/package-of-unstale");
    let mut package = Command::new("cargo");
    package.args(["package", "--locked", "--no-verify", "--manifest-path", "unstale/Cargo.toml", "--target-dir"]);
    command::output(package.arg(&target).current_dir(project))?;
    let archive = target.join("package/unstale-0.1.0.crate");
    command::output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(registry))?;
    let sum = command::output(Command::new("sha256sum").arg(&archive))?;
    let sum = sum.split(' ').next().unwrap_or_default();
    let checksum = format!("{{\"files\":{{}},\"package\":\"{sum}\"}}");
    fs::write(registry.join("unstale-0.1.0/.cargo-checksum.json"), checksum)?;
    Ok(())
}

/// Makes cargo find crates in the folder instead of the network.
fn use_registry(home: &Path, registry: &Path) -> Result<()> {
    remove(home)?;
    fs::create_dir_all(home)?;
    let text = format!(
        "[source.crates-io]\nreplace-with = \"disk\"\n[source.disk]\ndirectory = {:?}\n",
        registry.display().to_string()
    );
    fs::write(home.join("config.toml"), text)?;
    Ok(())
}
