//! Markdown to HTML.

use std::{error, fmt};

use pulldown_cmark::{Options, Parser, html};
use serde::Serialize;

/// Renders a text in Markdown, with tables, as HTML.
///
/// # Errors
///
/// [`Error::TooLong`] if the text has over a million bytes.
///
/// # Example
///
/// ```
/// assert_eq!(common::render("*now*").as_deref(), Ok("<p><em>now</em></p>\n"));
/// ```
pub fn render(markdown: &str) -> Result<String, Error> {
    if markdown.len() > 1_000_000 {
        return Err(Error::TooLong { bytes: markdown.len() });
    }
    let mut rendered = String::new();
    html::push_html(&mut rendered, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    Ok(rendered)
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Error {
    /// The text has over a million bytes.
    TooLong {
        /// How many it has.
        bytes: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::TooLong { bytes } = self;
        write!(f, "the text has {bytes} bytes, over a million")
    }
}

impl error::Error for Error {}
