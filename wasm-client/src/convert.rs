//! What goes in and out: series of numbers as typed arrays, structs as plain objects, and errors.
//!
//! What foreign code throws on the way, such as an iterator, goes to the caller: every import that runs it catches, as
//! nothing may be thrown through Rust's frames.

use common::ErrorKind;
use js_sys::{Error, Float64Array, Object};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/convert.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn hold(values: &JsValue) -> Result<f64, JsValue>;

    #[wasm_bindgen(catch, js_name = copyHeld)]
    fn copy_held(target: &mut [f64]) -> Result<(), JsValue>;

    /// js-sys's own does not catch, and the engine may have no room.
    #[wasm_bindgen(catch, js_name = toFloat64Array)]
    fn to_float64_array(values: &[f64]) -> Result<Float64Array, JsValue>;
}

/// A copy of the numbers of a `Float64Array` or of any iterable.
pub(crate) fn from_series(values: &JsValue) -> Result<Vec<f64>, JsValue> {
    // There may be over 2^32, which js-sys's `length` takes for few.
    let length = whole(hold(values)?).ok_or_else(|| thrown(ErrorKind::OutOfMemory))?;
    let mut copy = Vec::new();
    copy.try_reserve_exact(length).map_err(|_| thrown(ErrorKind::OutOfMemory))?;
    copy.resize(length, 0.0);
    copy_held(&mut copy)?;
    Ok(copy)
}

/// A `Float64Array` with a copy of the numbers.
pub(crate) fn to_series(values: &[f64]) -> Result<Float64Array, JsValue> {
    to_float64_array(values).map_err(|_| thrown(ErrorKind::OutOfMemory))
}

/// The same number if it is a whole one that a length can be.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
pub(crate) fn whole(number: f64) -> Option<usize> {
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    fits.then_some(number as usize)
}

/// A struct as a map of its fields.
#[derive(Serialize)]
struct Fields<T> {
    #[serde(flatten)]
    of: T,
}

/// A plain object with the fields of a struct.
///
/// serde-wasm-bindgen would assign them, which a setter on `Object.prototype` sees. A map's entries become the object's own.
pub(crate) fn object(value: impl Serialize) -> Result<Object, JsValue> {
    Object::from_entries(&Fields { of: value }.serialize(&Serializer::new())?)
}

/// An error of `common` as a plain `Error`, with its `code` and particulars.
pub(crate) fn thrown(cause: impl Into<common::Error>) -> JsValue {
    let cause = cause.into();
    let error = Error::new(&cause.to_string());
    object(cause.kind()).map_or_else(Into::into, |fields| {
        let fields = Object::get_own_property_descriptors(&fields);
        Object::define_properties(&error, fields.unchecked_ref()).into()
    })
}
