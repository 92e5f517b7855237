//! Words of a text, for JavaScript.

mod error;
mod panic;

use wasm_bindgen::{handler, prelude::*};
use wasm_bindgen_futures::JsFuture;

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

/// How often each word occurs, whatever its case.
#[wasm_bindgen]
#[derive(Default)]
pub struct Tally(common::Tally);

#[wasm_bindgen]
impl Tally {
    /// A tally of no words.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts the words of a text.
    pub fn add(&mut self, text: &str) {
        self.0.add(text);
    }

    /// How often a word occurred.
    #[must_use]
    pub fn count(&self, word: &str) -> u32 {
        self.0.count(word)
    }
}

/// The word that occurs most often in a text that is still to come.
///
/// # Errors
///
/// `no_words` if there is none; what the promise is rejected with.
#[wasm_bindgen(js_name = mostFrequent)]
pub async fn most_frequent(text: js_sys::Promise) -> Result<String, JsValue> {
    let text = JsFuture::from(text).await?.as_string().unwrap_or_default();
    let mut tally = common::Tally::default();
    tally.add(&text);
    tally.most_frequent().map(str::to_owned).map_err(|problem| error::new("no_words", &problem.to_string()))
}
