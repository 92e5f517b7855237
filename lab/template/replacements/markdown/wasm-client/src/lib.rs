//! Markdown to HTML, for JavaScript.

mod error;
mod panic;

use wasm_bindgen::{handler, prelude::*};

// The build sets this variable to a digest of the files that this crate is made from. Cargo compares a variable
// that is read here by its value, so a change of content rebuilds the crate whatever the files' times say.
const DIGEST: Option<&str> = option_env!("WASM_CLIENT_DIGEST");

#[wasm_bindgen(start)]
fn start() {
    panic::install();
}

/// Asks for a fresh instance, which the next call to any export makes before it does anything else.
#[wasm_bindgen(skip_typescript)]
pub fn restart() {
    handler::schedule_reinit();
}

#[wasm_bindgen]
extern "C" {
    type Object;

    #[wasm_bindgen(constructor)]
    fn new() -> Object;

    #[wasm_bindgen(method, setter)]
    fn set_version(this: &Object, version: &str);

    #[wasm_bindgen(method, setter)]
    fn set_profile(this: &Object, profile: &str);

    #[wasm_bindgen(method, setter)]
    fn set_digest(this: &Object, digest: Option<&str>);
}

/// What this package was built from.
#[wasm_bindgen(js_name = buildInfo)]
#[must_use]
pub fn build_info() -> JsValue {
    let object = Object::new();
    object.set_version(env!("CARGO_PKG_VERSION"));
    object.set_profile(if cfg!(debug_assertions) { "dev" } else { "release" });
    object.set_digest(DIGEST);
    object.into()
}

/// Renders a text in Markdown, with tables, as HTML.
///
/// # Errors
///
/// `too_long` if the text has over a million bytes.
#[wasm_bindgen]
pub fn render(markdown: &str) -> Result<String, JsValue> {
    if markdown.len() > 1_000_000 {
        return Err(error::new("too_long", "the text has over a million bytes"));
    }
    Ok(common::render(markdown))
}
