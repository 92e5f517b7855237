//! Words of a text, for JavaScript.

mod package;

use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Deserializer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::package::error;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** How words are counted. */
export interface TallyOptions {
    /** How many letters a word has at least; 1 by default. */
    shortest?: number;
    /** Whether the case of letters makes a difference; by default it makes none. */
    caseSensitive?: boolean;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// An object with options, or none.
    #[wasm_bindgen(typescript_type = "TallyOptions")]
    pub type TallyOptions;
}

/// What is left out has the value of `Default`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Options {
    shortest: u32,
    case_sensitive: bool,
}

#[derive(Serialize)]
struct InvalidOption {
    code: &'static str,
    option: String,
}

impl TryFrom<TallyOptions> for Options {
    type Error = JsValue;

    fn try_from(options: TallyOptions) -> Result<Self, JsValue> {
        serde_path_to_error::deserialize(Deserializer::from(JsValue::from(options))).map_err(|cause| {
            let option = cause.path().to_string();
            let message = format!("the option `{option}` is wrong: {}", cause.inner());
            error(&message, InvalidOption { code: "invalid_option", option })
        })
    }
}

/// How often each word occurs.
#[wasm_bindgen]
pub struct Tally(common::Tally);

#[wasm_bindgen]
impl Tally {
    /// A tally of no words.
    ///
    /// # Errors
    ///
    /// `invalid_option` with the name of the `option` if it has the wrong type.
    #[wasm_bindgen(constructor)]
    pub fn new(options: Option<TallyOptions>) -> Result<Self, JsValue> {
        let Options { shortest, case_sensitive } = options.map(Options::try_from).transpose()?.unwrap_or_default();
        Ok(Self(common::Tally::new(shortest, case_sensitive)))
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
    tally.most_frequent().map(str::to_owned).map_err(|cause| error(&cause.to_string(), cause))
}
