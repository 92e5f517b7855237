//! Plain objects and arrays from Rust's values, as serde-wasm-bindgen makes them.
//!
//! A map is a plain object as well, and its keys are strings; an entry with the key `__proto__` is lost. `None` is
//! `undefined`. An integer is a number: beyond ±(2^53 - 1) it would be another number, so that is an error,
//! `not_representable`. Make a field that may be rounded an `f64`, and one that may not be, such as an identifier, a
//! `String`.

use js_sys::{Array, Object};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::errors::{error, message};

const SERIALIZER: Serializer = Serializer::new().serialize_maps_as_objects(true);

/// A plain object with the fields of a struct or the entries of a map.
#[allow(dead_code, reason = "a library may have no objects")]
pub(crate) fn object(value: impl Serialize) -> Result<Object, JsValue> {
    javascript(value).map(JsValue::unchecked_into)
}

/// An array with a plain object for each struct, or a string for each string, and so on.
#[allow(dead_code, reason = "a library may have no lists")]
pub(crate) fn list(values: impl IntoIterator<Item: Serialize>) -> Result<Array, JsValue> {
    values.into_iter().map(javascript).collect()
}

fn javascript(value: impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&SERIALIZER).map_err(|cause| error(&message(cause), NotRepresentable {}))
}

#[derive(Serialize)]
#[serde(tag = "code", rename = "not_representable")]
struct NotRepresentable {}
