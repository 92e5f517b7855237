//! Words of a text, for JavaScript.

mod package;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::package::error;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
declare module "./error.js" {
    interface ErrorCodes {
        /** There is no word in the text. */
        no_words: unknown;
    }
}
"#;

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
    tally.most_frequent().map(str::to_owned).map_err(|problem| error("no_words", &problem.to_string()))
}
