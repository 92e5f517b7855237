//! The stable codes of errors, and their messages.

use crate::{Error, ErrorKind, MAX_BINS};
use std::fmt::{self, Display, Formatter};

/// How many characters of a token a message shows.
const SHOWN: usize = 40;

pub(crate) fn code(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::EmptySeries => "empty_series",
        ErrorKind::OutOfMemory => "out_of_memory",
        ErrorKind::NotFinite { .. } => "not_finite",
        ErrorKind::InvalidNumber { .. } => "invalid_number",
        ErrorKind::InvalidBins => "invalid_bins",
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::EmptySeries => formatter.write_str("the series is empty"),
            ErrorKind::OutOfMemory => formatter.write_str("there is not enough memory for the numbers"),
            ErrorKind::NotFinite { index } => write!(formatter, "the value at index {index} is not finite"),
            ErrorKind::InvalidNumber { line, column, text } => {
                let (shown, ellipsis) = shorten(text);
                write!(formatter, "line {line}, column {column}: `{shown}{ellipsis}` is not a finite number")
            }
            ErrorKind::InvalidBins => {
                write!(formatter, "the number of bins is not a whole number from 1 to {MAX_BINS}")
            }
        }
    }
}

impl std::error::Error for Error {}

/// The part of a token to show, and what stands for the rest.
fn shorten(text: &str) -> (&str, &'static str) {
    match text.char_indices().nth(SHOWN).and_then(|(end, _)| text.get(..end)) {
        Some(start) => (start, "…"),
        None => (text, ""),
    }
}
