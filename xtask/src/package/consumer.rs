//! The package as others get it: what npm packs of it, installed in a project.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xshell::cmd;

use super::BuildInfo;
use crate::project::{NPM, Project};

/// Packs and installs the package outside of this tree's node_modules, and imports all of it but the entry for workerd.
///
/// # Errors
/// A package that cannot be imported or required: it may lack a file that npm does not pack.
pub(crate) fn check(project: &Project, info: &BuildInfo) -> Result<()> {
    let (sh, package) = (project.shell()?, project.package_dir());
    let dir = project.target_dir().join("fresh/consumer");
    let manifest: Value = serde_json::from_str(&sh.read_file(package.join("package.json"))?)?;
    let name = manifest["name"].as_str().context("package.json has no name")?;
    sh.remove_path(&dir)?;
    sh.write_file(dir.join("package.json"), "{ \"private\": true }\n")?;
    sh.change_dir(package);
    // npm says to all that it calls what it was told: `npm pack --dry-run` must not keep this one from packing.
    sh.set_var("npm_config_dry_run", "false");
    let tarball = cmd!(sh, "{NPM} pack --ignore-scripts --loglevel=error --pack-destination {dir}").quiet().read()?;
    sh.change_dir(dir);
    let install = cmd!(sh, "{NPM} install --offline --ignore-scripts --no-audit --no-fund --loglevel=error");
    install.arg(format!("./{tarball}")).quiet().ignore_stdout().run()?;
    for (kind, import) in [("module", "await import"), ("commonjs", "require")] {
        let program = format!("{import}('{name}/init'); console.log(({import}('{name}')).buildInfo().digest)");
        let answer = cmd!(sh, "node --no-warnings --input-type={kind} --eval {program}").quiet().read();
        let answer = answer.context("does `files` in wasm-client/npm/package.json name all that it imports?")?;
        ensure!(answer == info.module, "imported as {kind}, the package answers another digest: {answer}");
    }
    Ok(())
}
