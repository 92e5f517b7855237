//! The package as others get it: what npm packs of it, installed in a project.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use walkdir::WalkDir;
use xshell::cmd;

use super::BuildInfo;
use crate::project::{NPM, Project};
use crate::tools::Tools;

/// Packs and installs a package, outside of this tree's node_modules, and checks that its files find each other.
///
/// # Errors
/// A file that imports one which npm does not pack; a package that cannot be imported or required.
pub(crate) fn check(project: &Project, tools: &Tools, package: &Path, info: &BuildInfo) -> Result<()> {
    let sh = project.shell()?;
    let dir = project.target_dir().join("fresh/consumer");
    sh.remove_path(&dir)?;
    sh.write_file(dir.join("package.json"), "{ \"private\": true }\n")?;
    sh.change_dir(package);
    let tarball = cmd!(sh, "{NPM} pack --ignore-scripts --loglevel=error --pack-destination {dir}").quiet().read()?;
    sh.change_dir(&dir);
    let install =
        cmd!(sh, "{NPM} install --offline --ignore-scripts --no-audit --no-fund --loglevel=error ./{tarball}");
    install.quiet().ignore_stdout().run()?;
    let manifest: Value = serde_json::from_str(&sh.read_file(package.join("package.json"))?)?;
    let name = manifest["name"].as_str().context("package.json has no name")?;
    let files = WalkDir::new(dir.join("node_modules").join(name)).into_iter().filter_map(Result::ok);
    let scripts = files.map(walkdir::DirEntry::into_path).filter(|path| path.extension().is_some_and(|it| it == "js"));
    let esbuild = &tools.esbuild;
    let bundle = cmd!(
        sh,
        "node {esbuild}/bin/esbuild --bundle --format=esm --external:node:* --loader:.wasm=empty --outdir=bundled"
    );
    bundle.arg("--log-level=warning").args(scripts).quiet().run().context(
        "a file of the package imports one that npm does not pack: `files` in wasm-client/npm/package.json has to name it",
    )?;
    for (kind, import) in
        [("module", format!("import * as it from '{name}'")), ("commonjs", format!("const it = require('{name}')"))]
    {
        let program = format!("{import}; console.log(it.buildInfo().digest)");
        let answer = cmd!(sh, "node --no-warnings --input-type={kind} --eval {program}").quiet().read()?;
        ensure!(
            answer == info.module,
            "imported as {kind}, the package answers the digest {answer}, and {} was built",
            info.module
        );
    }
    Ok(())
}
