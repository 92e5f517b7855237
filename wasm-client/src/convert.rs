//! Converts series of numbers, in both directions, and errors.
//!
//! What foreign code such as an iterator throws goes to the caller. It must not be thrown through Rust's frames, so
//! every import that runs foreign code catches it.

use js_sys::Float64Array;
use wasm_bindgen::prelude::*;

use crate::package::error;

#[wasm_bindgen(module = "/src/convert.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn hold(values: &JsValue) -> Result<f64, JsValue>;

    #[wasm_bindgen(catch, js_name = copyHeld)]
    fn copy_held(target: &mut [f64]) -> Result<(), JsValue>;

    /// The constructor in js-sys does not catch, and the engine may be out of memory.
    #[wasm_bindgen(catch, js_name = toFloat64Array)]
    fn to_float64_array(values: &[f64]) -> Result<Float64Array, JsValue>;
}

/// A copy of the numbers of a `Float64Array` or of any iterable.
pub(crate) fn from_series(values: &JsValue) -> Result<Vec<f64>, JsValue> {
    // There may be more than 2^32 numbers, and js-sys's `length` has 32 bits.
    let length = whole(hold(values)?).ok_or_else(|| thrown(common::Error::OutOfMemory))?;
    let mut copy = Vec::new();
    copy.try_reserve_exact(length).map_err(|_| thrown(common::Error::OutOfMemory))?;
    copy.resize(length, 0.0);
    copy_held(&mut copy)?;
    Ok(copy)
}

/// A `Float64Array` with a copy of the numbers.
pub(crate) fn to_series(values: &[f64]) -> Result<Float64Array, JsValue> {
    to_float64_array(values).map_err(|_| thrown(common::Error::OutOfMemory))
}

/// The number as a length, if it can be one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
pub(crate) fn whole(number: f64) -> Option<usize> {
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    fits.then_some(number as usize)
}

/// An error of `common` as JavaScript's, with its `code` and fields.
pub(crate) fn thrown(cause: common::Error) -> JsValue {
    error(&cause.to_string(), cause)
}
