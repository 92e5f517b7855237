//! What an owner gets wrong in the first year: each is told what to do, and it helps.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

use crate::{answers::Answers, command, generator::Lab, project};

/// Brings xtask/Cargo.lock up to date.
const UPDATE_XTASK: &str = "cargo update --workspace --manifest-path xtask/Cargo.toml";

pub(crate) fn check(lab: &Lab) -> Result<()> {
    let project = lab.generate("stumbles", &Answers::new("engine", &[]))?;
    project::share_target(lab, &project)?;

    conflict_in_the_lock(lab, &project)?;
    add_to_xtask(lab, &project)?;
    bless_a_dev_package(lab, &project)?;
    add_files(&project)?;
    test_the_package(lab, &project)
}

/// Git leaves marks in Cargo.lock.
fn conflict_in_the_lock(lab: &Lab, project: &Path) -> Result<()> {
    let path = project.join("Cargo.lock");
    let whole = fs::read_to_string(&path)?;
    fs::write(&path, format!("<<<<<<< HEAD\n{whole}"))?;
    fails_with(lab, project, "cargo xtask build", "git checkout --theirs Cargo.lock")?;
    fs::write(path, whole)?;
    Ok(())
}

/// A new dependency of xtask is not in its lock file. Cargo only says that a flag forbids it: the owner looks for that flag.
fn add_to_xtask(lab: &Lab, project: &Path) -> Result<()> {
    let manifest = project.join("xtask/Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    fs::write(manifest, text.replace("\n[dependencies]\n", "\n[dependencies]\nitoa = \"1\"\n"))?;
    fails_with(lab, project, "cargo xtask digest", "--locked")?;

    for file in ["CONTRIBUTING.md", ".cargo/config.toml"] {
        ensure!(fs::read_to_string(project.join(file))?.contains(UPDATE_XTASK), "{file} does not say `{UPDATE_XTASK}`");
    }
    project::run_line(lab, project, UPDATE_XTASK)?;
    project::run_line(lab, project, "cargo xtask digest")
}

/// A stylesheet that bundlers would drop, and a worker that Node.js cannot load.
fn add_files(project: &Path) -> Result<()> {
    let npm = project.join("wasm-client/npm");
    fs::write(npm.join("style.css"), "p {\n  color: red;\n}\n")?;
    fs::write(npm.join("worker.js"), "addEventListener(\"message\", () => {});\n")?;
    fs::write(npm.join("worker.d.ts"), "export {};\n")?;

    let manifest = npm.join("package.json");
    let text = fs::read_to_string(&manifest)?;
    let exports = "\"./style.css\": \"./style.css\",\n    \"./worker\": \"./worker.js\",\n    \"./package.json\"";
    fs::write(manifest, text.replacen("\"./package.json\"", exports, 1))?;
    Ok(())
}

/// A package of `build --dev` is no measure of the sizes, which `BLESS=1` would keep.
fn bless_a_dev_package(lab: &Lab, project: &Path) -> Result<()> {
    let budget = project.join("wasm-client/tests/package/budget.json");
    let before = fs::read(&budget)?;
    project::run_line(lab, project, "cargo xtask build --dev")?;

    fails_with(lab, project, "BLESS=1 cargo xtask test runtime", "run `cargo xtask build`")?;
    ensure!(fs::read(budget)? == before, "the budget was raised to the size of a package that is not optimised");
    Ok(())
}

fn test_the_package(lab: &Lab, project: &Path) -> Result<()> {
    project::run_line(lab, project, "cargo xtask build --dev")?;
    let printed = command::failure(&mut lab.shell("cargo xtask test runtime", project))?;
    for said in ["to \"sideEffects\"", "worker.js does not load in Node.js"] {
        ensure!(printed.contains(said), "the check should say `{said}`:\n{printed}");
    }
    Ok(())
}

fn fails_with(lab: &Lab, project: &Path, line: &str, said: &str) -> Result<()> {
    let printed = command::failure(&mut lab.shell(line, project))?;
    ensure!(printed.contains(said), "`{line}` should say `{said}`:\n{printed}");
    Ok(())
}
