//! The package's hand-written JavaScript. It is checked here and not in the page, which a project may not have.

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use super::quiet;
use crate::project::BINDING;
use crate::tools::Tools;

/// It is formatted, and its types fit those of the package.
pub(super) fn check(sh: &Shell, tools: &Tools) -> Result<()> {
    let modules = &tools.npm.modules;
    let prettier = modules.join("prettier/bin/prettier.cjs");
    let files = format!("{BINDING}/{{npm,src,tests}}/**/*.{{js,ts}}");
    let advice = || format!("this formats it:\n    node {} --write \"{files}\"", prettier.display());
    quiet(cmd!(sh, "node {prettier} --check {files}")).with_context(advice)?;

    let compiler = modules.join("typescript/bin/tsc");
    let types = modules.join("@types");
    quiet(cmd!(sh, "node {compiler} --project {BINDING}/tests --typeRoots {types}"))?;
    Ok(())
}
