//! What is said, in cargo's manner. All of it but answers goes to the standard error, as cargo's own.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};
use std::{env, io};

use anyhow::Context;

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
