//! JavaScript's values as Rust's. What throws on the way (a getter, a proxy, an iterator) throws to the caller.

use js_sys::{Array, Float64Array, Reflect, try_iter};
use wasm_bindgen::prelude::*;

use crate::error::{invalid_type, out_of_memory};

/// A string; a lone surrogate in it becomes U+FFFD.
pub(crate) fn text(value: &JsValue) -> Result<String, JsValue> {
    value.as_string().ok_or_else(|| invalid_type("the text must be a string", None))
}

/// A whole number that a length can be.
pub(crate) fn size(name: &str, value: &JsValue) -> Result<usize, JsValue> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
    number
        .map(|number| number as usize)
        .ok_or_else(|| invalid_type(&format!("{name} must be a whole number from 0 to 4294967295"), None))
}

/// One copy of a `Float64Array`, or of any iterable of numbers, an element at a time.
pub(crate) fn numbers(values: &JsValue) -> Result<Vec<f64>, JsValue> {
    if let Some(array) = values.dyn_ref::<Float64Array>() {
        let length = array.length() as usize;
        let mut copy = Vec::new();
        copy.try_reserve_exact(length).map_err(|_| out_of_memory())?;
        copy.resize(length, 0.0);
        array.copy_to(&mut copy);
        return Ok(copy);
    }
    let mut copy = Vec::new();
    let mut add = |index: u32, value: JsValue| {
        let value = value.as_f64().ok_or_else(|| {
            invalid_type(&format!("the value at index {index} is not a number"), Some(index))
        })?;
        copy.try_reserve(1).map_err(|_| out_of_memory())?;
        copy.push(value);
        Ok::<(), JsValue>(())
    };
    if Array::is_array(values) {
        // By index, which is faster than by the iterator.
        let length = values.unchecked_ref::<Array>().length();
        for index in 0..length {
            add(index, Reflect::get_u32(values, index)?)?;
        }
    } else {
        let iterator = if values.is_object() { try_iter(values)? } else { None };
        let iterator = iterator
            .ok_or_else(|| invalid_type("the values must be a Float64Array or an iterable of numbers", None))?;
        for (index, value) in (0..).zip(iterator) {
            add(index, value?)?;
        }
    }
    Ok(copy)
}
