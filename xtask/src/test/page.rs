//! The page's own checks.

use anyhow::Result;
use xshell::cmd;

use super::{Report, quiet};
use crate::dev::page_shell;
use crate::project::{NPM, Project};
use crate::tools::Tools;
use crate::verify;

/// Runs the page's tests. They print which browsers they could not run, and those lines are passed on.
pub(super) fn run(project: &Project, _: &Tools, report: &mut Report) -> Result<()> {
    verify::check(project)?;
    let sh = page_shell(project)?;
    let printed = quiet(cmd!(sh, "{NPM} test --silent"))?;
    // www/tests/playwright.config.js prints them.
    let not_run = printed.lines().filter_map(|line| line.strip_prefix("NOT RUN: "));
    report.not_run.extend(not_run.map(str::to_owned));
    Ok(())
}
