//! Options: an object, each of whose fields may be left out.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::errors::{error, message};

#[wasm_bindgen(module = "/src/package/options.js")]
extern "C" {
    /// A copy of the caller's object, and what is read of it.
    type Given;

    #[wasm_bindgen(constructor, catch)]
    fn new(options: &JsValue) -> Result<Given, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn copy(this: &Given) -> JsValue;

    /// The option that was read last.
    #[wasm_bindgen(method, getter)]
    fn option(this: &Given) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn unread(this: &Given) -> Option<Part>;

    /// An object or an array in the options.
    type Part;

    /// What was not read of it, with its place, such as `list.0.name`.
    #[wasm_bindgen(method, getter)]
    fn option(this: &Part) -> Option<String>;

    /// What was asked for.
    #[wasm_bindgen(method, getter)]
    fn allowed(this: &Part) -> String;
}

/// The options that a caller gave. `T` is a struct with `#[serde(default)]`: what is `undefined` or left out, down to the
/// object itself, has its default.
///
/// A value of the wrong type, and a name that is not a field, is an error with the code `invalid_options` and the name in
/// `option`; so it is in structs in structs and in lists. What is no object at all, such as an array, is a `TypeError` with
/// that code. What a getter throws is thrown as it is. With `#[serde(flatten)]`, every name counts as a field.
#[allow(dead_code, reason = "a library may have no options")]
pub(crate) fn options<T: DeserializeOwned>(value: &JsValue) -> Result<T, JsValue> {
    let given = Given::new(value)?;
    let options = serde_wasm_bindgen::from_value(given.copy());
    let options = options.map_err(|cause| wrong(given.option(), &message(cause)))?;

    match given.unread() {
        Some(part) => Err(wrong(part.option(), &format!("there are only {}", part.allowed()))),
        None => Ok(options),
    }
}

#[derive(Serialize)]
#[serde(tag = "code", rename = "invalid_options")]
struct InvalidOptions {
    option: Option<String>,
}

fn wrong(option: Option<String>, why: &str) -> JsValue {
    let place = option.as_deref().map_or_else(String::new, |name| format!("the option `{name}`: "));
    error(&format!("{place}{why}"), InvalidOptions { option })
}
