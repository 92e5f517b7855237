//! Markdown to HTML, for JavaScript.

mod package;

use wasm_bindgen::prelude::*;

use crate::package::error;

/// Renders a text in Markdown, with tables, as HTML.
///
/// # Errors
///
/// `too_long`, with the number of `bytes`, if there are over a million.
#[wasm_bindgen]
pub fn render(markdown: &str) -> Result<String, JsValue> {
    common::render(markdown).map_err(|cause| error(&cause.to_string(), cause))
}
