//! What is said, in cargo's manner. All of it but answers goes to the standard error, as cargo's own.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{env, io, thread};

use anyhow::Context;

/// How long something may take before that is said.
const PATIENCE: Duration = Duration::from_secs(2);

/// Writes an answer to the standard output. Its reader, such as `head`, may have enough of it.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to the standard output")
        }
        _ => Ok(()),
    }
}

pub(crate) fn note(text: impl Display) {
    say("note", "1;36", text);
}

/// Does some work, and says what it is if that takes long.
pub(crate) fn patiently<T>(what: String, work: impl FnOnce() -> T) -> T {
    let (working, ended) = mpsc::channel::<()>();
    thread::spawn(move || {
        if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            note(what);
        }
    });
    let result = work();
    drop(working);
    result
}

pub(crate) fn warning(text: impl Display) {
    say("warning", "1;33", text);
}

/// An error, and below it what caused it.
pub(crate) fn error(error: &anyhow::Error) {
    let mut text = error.to_string();
    let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    if !causes.is_empty() {
        text += "\n\nCaused by:";
        for cause in causes {
            text += "\n  ";
            text += &cause.replace('\n', "\n  ");
        }
    }
    say("error", "1;31", text);
}

fn say(kind: &str, colour: &str, text: impl Display) {
    if is_coloured() {
        eprintln!("\u{1b}[{colour}m{kind}\u{1b}[0m\u{1b}[1m:\u{1b}[0m {text}");
    } else {
        eprintln!("{kind}: {text}");
    }
}

/// Cargo's variable decides, as for cargo.
pub(crate) fn is_coloured() -> bool {
    match env::var("CARGO_TERM_COLOR").as_deref() {
        Ok("always") => true,
        Ok("never") => false,
        _ => io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none(),
    }
}
