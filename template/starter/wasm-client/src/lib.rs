//! The JavaScript side of `common`: convert, call, convert. docs/exports.md shows each kind of export.

#![expect(clippy::missing_errors_doc, reason = "`@throws` says it, and goes into the package's types")]

mod package;

use std::cell::RefCell;

use js_sys::{Array, Function, JsString, Promise, TypeError};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use package::{error, list, options};

/// Greets somebody.
///
/// @throws `empty_name`; `long_name` with its `length`; `invalid_options`.
#[wasm_bindgen]
pub fn greet(
    name: &str,
    #[wasm_bindgen(unchecked_optional_param_type = "GreetOptions")] how: &JsValue,
) -> Result<String, JsValue> {
    common::greet(name, &options(how)?).map_err(thrown)
}

/// Greets somebody in several languages.
#[wasm_bindgen(unchecked_return_type = "Translation[]")]
pub fn translations(name: &str) -> Result<Array, JsValue> {
    list(common::translations(name))
}

/// Asks for a name, then greets.
///
/// @throws as `greet`, and what `ask` throws.
#[wasm_bindgen(js_name = askAndGreet)]
pub async fn ask_and_greet(
    #[wasm_bindgen(unchecked_param_type = "() => string | Promise<string>")] ask: Function,
    #[wasm_bindgen(unchecked_optional_param_type = "GreetOptions")] how: JsValue,
) -> Result<String, JsValue> {
    let answer = JsFuture::from(Promise::resolve(&ask.call0(&JsValue::UNDEFINED)?)).await?;
    let name = answer.dyn_into::<JsString>().map_err(|_| TypeError::new("the answer is not a string"))?;
    greet(&String::from(name), &how)
}

/// The guests of a party. `free()` or `using` frees their memory before they are garbage-collected.
#[wasm_bindgen]
#[derive(Default)]
pub struct Guests(RefCell<common::Guests>);

#[wasm_bindgen]
impl Guests {
    /// A party without guests.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a guest.
    pub fn add(&self, name: String) {
        self.0.borrow_mut().add(name);
    }

    /// How many guests there are.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> usize {
        self.0.borrow().count()
    }
}

/// An error of `common` as JavaScript's, with its `code` and fields.
fn thrown(cause: common::Error) -> JsValue {
    error(&cause.to_string(), cause)
}

/// The types of options, results and errors: the same fields as the structs have.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** How to greet. */
export interface GreetOptions {
    /** The words before the name. @default "Hello" */
    greeting?: string;
    /** Whether to raise the voice. @default false */
    isLoud?: boolean;
}

/** A greeting in one language. */
export interface Translation {
    /** The language's tag, such as `de`. */
    language: string;
    /** The whole greeting. */
    text: string;
}

/** An error of this library. The message is for people and may change; the code is for programs. */
export interface LibraryError extends Error {
    code: "empty_name" | "long_name" | PackageErrorCode;
    /** For `long_name`: how many characters the name has. */
    length?: number;
    /** For `invalid_options`: the name of the option. */
    option?: string;
}
"#;
