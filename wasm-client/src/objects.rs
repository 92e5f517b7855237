//! Plain objects and errors from what serde can serialise.

use js_sys::{Error, Object};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// A struct as a map of its fields.
#[derive(Serialize)]
struct Entries<'a, T> {
    #[serde(flatten)]
    of: &'a T,
}

/// A plain object with the fields of a struct.
///
/// They are its own, whatever somebody put on `Object.prototype`: serde-wasm-bindgen assigns the fields of a struct, which
/// a setter there would see, so it makes a `Map` here.
pub(crate) fn object(value: &impl Serialize) -> Result<Object, JsValue> {
    Object::from_entries(&Entries { of: value }.serialize(&Serializer::new())?)
}

/// An `Error` with the fields of a struct, one of which is the `code`.
pub(crate) fn error(message: &str, fields: &impl Serialize) -> JsValue {
    let error = Error::new(message);
    match object(fields) {
        Ok(fields) => {
            let fields = Object::get_own_property_descriptors(&fields);
            Object::define_properties(&error, fields.unchecked_ref()).into()
        }
        Err(error) => error,
    }
}

/// The fields of an error that has no particulars.
#[derive(Serialize)]
pub(crate) struct Code {
    pub(crate) code: &'static str,
}
