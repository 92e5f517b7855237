//! Whether this program is what its own sources say: cargo compiles it by file times, like everything.

use std::{
    env,
    fs::{self, File},
    io,
    path::Path,
    process::{Command, exit},
    time::SystemTime,
};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

include!("sources.rs");

/// Set for the second try.
const AGAIN: &str = "XTASK_COMPILED_AGAIN";

/// Goes on if it is; else has cargo compile it again and hands over to the new program.
///
/// # Errors
/// Where cargo did not start this program, so that there is nobody to compile it.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let src = workspace.root.join("xtask").join("src");
    let on_disk = sources(&src).with_context(|| format!("cannot read {}", src.display()))?;
    if on_disk == include_bytes!(concat!(env!("OUT_DIR"), "/sources")) {
        return Ok(());
    }
    let Some(cargo) = env::var_os("CARGO").filter(|_| env::var_os(AGAIN).is_none()) else {
        bail!("this program was not built from the sources in {}: build it again", src.display());
    };
    let main = src.join("main.rs");
    let touched =
        File::options().write(true).open(&main).and_then(|file| file.set_modified(SystemTime::now()));
    touched.with_context(|| format!("cannot set the time of {}", main.display()))?;
    let mut again = Command::new(cargo);
    again.args(["xtask"]).args(env::args_os().skip(1)).current_dir(&workspace.root).env(AGAIN, "1");
    exit(again.status().context("cannot start cargo")?.code().unwrap_or(1))
}
