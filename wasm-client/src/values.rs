//! JavaScript's values as Rust's. What throws on the way (a getter, a proxy, an iterator) throws to the caller: every
//! import that runs foreign code catches, as nothing may be thrown through Rust's frames.

use wasm_bindgen::prelude::*;

use crate::{error::out_of_memory, package::error};

#[wasm_bindgen(raw_module = "./values.js")]
extern "C" {
    /// Checks that there are numbers and nothing else, keeps them, and says how many there are: exactly, as there may be
    /// over 2^32, which js-sys takes for none.
    #[wasm_bindgen(catch)]
    fn hold(values: &JsValue) -> Result<f64, JsValue>;

    /// Copies them to where there is room for so many.
    #[wasm_bindgen(catch, js_name = copyHeld)]
    fn copy_held(target: &mut [f64]) -> Result<(), JsValue>;
}

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

fn whole(number: f64) -> Option<usize> {
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
    fits.then_some(number as usize)
}

/// One copy of the values of a `Float64Array`, or of any iterable of numbers.
pub(crate) fn numbers(values: &JsValue) -> Result<Vec<f64>, JsValue> {
    let length = whole(hold(values)?).ok_or_else(out_of_memory)?;
    let mut copy = Vec::new();
    copy.try_reserve_exact(length).map_err(|_| out_of_memory())?;
    copy.resize(length, 0.0);
    copy_held(&mut copy)?;
    Ok(copy)
}
