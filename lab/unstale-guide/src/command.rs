//! Programs that are called.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

/// What a program said.
pub(crate) struct Said {
    /// Its standard output, then its standard error.
    pub(crate) text: String,
    pub(crate) seconds: f32,
}

/// Runs a program, which has to succeed.
pub(crate) fn run(command: &mut Command) -> Result<Said> {
    let began = Instant::now();
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let seconds = began.elapsed().as_secs_f32();

    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed:\n{text}");
    Ok(Said { text, seconds })
}

/// Splits words at their spaces, which none of them has.
pub(crate) fn words(text: &str) -> Command {
    let mut words = text.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

impl Said {
    /// The crates that were compiled and that lie in a folder.
    pub(crate) fn compiled(&self, folder: &str) -> std::collections::BTreeSet<&str> {
        let place = format!("({folder}");
        let lines = self.text.lines().filter(|line| line.contains(&place));
        // A container's line begins with other words.
        lines.filter_map(|line| line.split_once("Compiling ")?.1.split(' ').next()).collect()
    }
}
