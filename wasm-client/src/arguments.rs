//! Checks of single arguments: an export takes `&JsValue` and says in its types what it wants. Were it to take `&str`,
//! what people see of a wrong argument would be the engine's words on wasm-bindgen's inside.

#![allow(dead_code, reason = "another library may need some of these")]

use wasm_bindgen::JsValue;

use crate::package::error;

/// A string; a lone surrogate in it becomes U+FFFD.
pub(crate) fn text(value: &JsValue) -> Result<String, JsValue> {
    value.as_string().ok_or_else(|| error("invalid_type", "the text must be a string"))
}

/// A whole number that a length can be.
pub(crate) fn size(name: &str, value: &JsValue) -> Result<usize, JsValue> {
    value
        .as_f64()
        .and_then(whole)
        .ok_or_else(|| error("invalid_type", &format!("{name} must be a whole number from 0 to 4294967295")))
}

/// A number as a length, if it is one.
pub(crate) fn whole(number: f64) -> Option<usize> {
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
    fits.then_some(number as usize)
}
