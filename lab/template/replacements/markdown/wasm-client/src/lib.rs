//! Markdown to HTML, for JavaScript.

mod package;

use wasm_bindgen::prelude::*;

use crate::package::error;

/// Renders a text in Markdown, with tables, as HTML.
///
/// # Errors
///
/// `too_long` if the text has over a million bytes.
#[wasm_bindgen]
pub fn render(markdown: &str) -> Result<String, JsValue> {
    if markdown.len() > 1_000_000 {
        return Err(error("too_long", "the text has over a million bytes"));
    }
    Ok(common::render(markdown))
}
