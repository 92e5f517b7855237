//! Child processes.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs to the end and returns what it printed on stdout; on failure all that it printed is in the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let (printed, success) = attempt(command)?;
    if !success {
        bail!("`{}` failed:\n{printed}", words(command));
    }
    Ok(printed)
}

/// Runs to the end, expects it to fail, and returns what it printed.
pub(crate) fn failure(command: &mut Command) -> Result<String> {
    let (printed, success) = attempt(command)?;
    if success {
        bail!("`{}` should have failed, and printed:\n{printed}", words(command));
    }
    Ok(printed)
}

/// What it printed (all of it on failure, else stdout), and whether it succeeded.
fn attempt(command: &mut Command) -> Result<(String, bool)> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{}`", words(command)))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok((stdout, true));
    }
    Ok((stdout + &String::from_utf8_lossy(&output.stderr), false))
}

fn words(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
