//! Series of numbers, from JavaScript and to it. What a foreign iterator throws on the way goes to the caller.

use common::ErrorKind;
use js_sys::Float64Array;
use wasm_bindgen::prelude::*;

use crate::thrown;

#[wasm_bindgen(module = "/src/values.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn hold(values: &JsValue) -> Result<f64, JsValue>;

    #[wasm_bindgen(catch, js_name = copyHeld)]
    fn copy_held(target: &mut [f64]) -> Result<(), JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// js-sys's own constructor does not catch, and the engine may have no room.
    #[wasm_bindgen(js_name = Float64Array)]
    type Copy;

    #[wasm_bindgen(catch, constructor, js_class = "Float64Array")]
    fn new(values: &[f64]) -> Result<Copy, JsValue>;
}

/// A copy of the numbers of a `Float64Array` or of any iterable.
pub(crate) fn from_js(values: &JsValue) -> Result<Vec<f64>, JsValue> {
    // There may be over 2^32, which js-sys's `length` takes for few.
    let length = whole(hold(values)?).ok_or_else(out_of_memory)?;
    let mut copy = Vec::new();
    copy.try_reserve_exact(length).map_err(|_| out_of_memory())?;
    copy.resize(length, 0.0);
    copy_held(&mut copy)?;
    Ok(copy)
}

/// A `Float64Array` with a copy of the numbers.
pub(crate) fn to_js(values: &[f64]) -> Result<Float64Array, JsValue> {
    Copy::new(values).map(JsCast::unchecked_into).map_err(|_| out_of_memory())
}

fn out_of_memory() -> JsValue {
    thrown(ErrorKind::OutOfMemory.into())
}

/// The same number if it is a whole one that a length can be.
pub(crate) fn whole(number: f64) -> Option<usize> {
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
    fits.then_some(number as usize)
}
