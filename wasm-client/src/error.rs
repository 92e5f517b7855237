//! Every error that JavaScript gets is made here: an `Error` with a `name`, a stable `code` and the particulars.

use common::ErrorKind;
use js_sys::{Error, Reflect};
use wasm_bindgen::prelude::*;

use crate::objects::number;

/// The `name` of all errors.
const NAME: &str = "StatisticsError";

pub(crate) fn from_common(error: &common::Error) -> JsValue {
    let mut fields: Vec<(&str, JsValue)> = Vec::new();
    match error.kind() {
        ErrorKind::NotFinite { index } => fields.push(("index", number(*index))),
        ErrorKind::InvalidNumber { line, column, text } => {
            fields.extend([("line", number(*line)), ("column", number(*column)), ("text", text.as_str().into())]);
        }
        _ => {}
    }
    new(error.code(), &error.to_string(), &fields)
}

/// An argument of the wrong JavaScript type.
pub(crate) fn invalid_type(message: &str, index: Option<u32>) -> JsValue {
    let index = index.map(|index| ("index", JsValue::from(index)));
    new("invalid_type", message, index.as_slice())
}

/// WebAssembly's memory, of 4 GiB at most, cannot hold a copy.
pub(crate) fn out_of_memory() -> JsValue {
    new("out_of_memory", "there is not enough memory for a copy of the values", &[])
}

pub(crate) fn new(code: &str, message: &str, fields: &[(&str, JsValue)]) -> JsValue {
    let error = Error::new(message);
    error.set_name(NAME);
    let fields = fields.iter().map(|(name, value)| (*name, value.clone()));
    for (name, value) in [("code", JsValue::from_str(code))].into_iter().chain(fields) {
        // Setting a property of a new Error cannot fail, and a failure here must not hide the first one.
        let _ = Reflect::set(&error, &name.into(), &value);
    }
    error.into()
}
