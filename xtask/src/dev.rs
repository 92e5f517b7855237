//! `cargo xtask dev`: Vite serves the page, and www/vite.config.ts makes it call `cargo xtask build --dev`.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use xshell::{Shell, cmd};

use crate::project::{NPM, Project};

pub(crate) fn run(project: &Project, arguments: &[String]) -> Result<()> {
    ensure!(project.has_page(), "this project has no page: www/package.json is missing");
    let sh = page_shell(project)?;
    let mut vite = Command::from(cmd!(sh, "node node_modules/vite/bin/vite.js {arguments...}"));
    // Vite replaces this process, so a signal to this process ends Vite.
    #[cfg(unix)]
    let ended = std::os::unix::process::CommandExt::exec(&mut vite).to_string();
    #[cfg(not(unix))]
    let ended = vite.status()?.to_string();
    bail!("the page's server ended: {ended}")
}

/// A shell in the page's folder, with the modules that package-lock.json names. No package's own script runs.
pub(crate) fn page_shell(project: &Project) -> Result<Shell> {
    let sh = project.shell()?;
    // npm links the package's folder, which has to be there.
    sh.create_dir(project.package_dir())?;
    sh.change_dir("www");
    let install = cmd!(sh, "{NPM} install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error");
    install.quiet().ignore_stdout().run().context("cannot install the page's npm packages; see above")?;
    Ok(sh)
}
