//! Numbers of JavaScript as Rust's. What throws on the way (a getter, a proxy, an iterator) throws to the caller: every
//! import that runs foreign code catches, as nothing may be thrown through Rust's frames.

use wasm_bindgen::prelude::*;

use crate::{arguments::whole, error::out_of_memory};

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

/// One copy of the values of a `Float64Array`, or of any iterable of numbers.
pub(crate) fn numbers(values: &JsValue) -> Result<Vec<f64>, JsValue> {
    let length = whole(hold(values)?).ok_or_else(out_of_memory)?;
    let mut copy = Vec::new();
    copy.try_reserve_exact(length).map_err(|_| out_of_memory())?;
    copy.resize(length, 0.0);
    copy_held(&mut copy)?;
    Ok(copy)
}
