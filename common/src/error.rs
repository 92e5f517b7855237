use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::MAX_BINS;

/// Why there is no result. The message is for people and may change.
///
/// For programs in other languages it serialises as a struct with a `code`, the variant's name in snake case, which never
/// changes, and the variant's fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Error {
    /// There are no values.
    EmptySeries,
    /// A value is infinite or not a number.
    NotFinite {
        /// Its place among the values given, from 0.
        index: usize,
    },
    /// A token of a text is not a finite number.
    InvalidNumber {
        /// Its line, from 1.
        line: usize,
        /// Its first character's place in the line, from 1, in Unicode scalar values.
        column: usize,
        /// The whole token; the message shows at most 40 characters of it.
        text: String,
    },
    /// The number of bins is 0 or more than [`MAX_BINS`].
    InvalidBins,
    /// The numbers, or a copy of them, do not fit into the memory.
    OutOfMemory,
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptySeries => write!(formatter, "the series is empty"),
            Self::NotFinite { index } => write!(formatter, "the value at index {index} is not finite"),
            Self::InvalidNumber { line, column, text } => {
                let dots = if text.chars().count() > 40 { "…" } else { "" };
                write!(formatter, "line {line}, column {column}: `{text:.40}{dots}` is not a finite number")
            }
            Self::InvalidBins => write!(formatter, "the number of bins must be from 1 to {MAX_BINS}"),
            Self::OutOfMemory => write!(formatter, "there is not enough memory for the numbers"),
        }
    }
}

impl std::error::Error for Error {}
