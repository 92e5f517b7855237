//! Every error that JavaScript gets from Rust is made here: a `LibraryError` with a stable `code` and the particulars.

use common::ErrorKind;
use wasm_bindgen::prelude::*;

use crate::objects::number;

#[wasm_bindgen(raw_module = "./error.js")]
extern "C" {
    /// The class, which is JavaScript's: see npm/error.js, and npm/error.d.ts for what the fields mean.
    type LibraryError;

    #[wasm_bindgen(constructor)]
    fn new(code: &str, message: &str) -> LibraryError;

    #[wasm_bindgen(method, setter)]
    fn set_index(this: &LibraryError, index: f64);

    #[wasm_bindgen(method, setter)]
    fn set_line(this: &LibraryError, line: f64);

    #[wasm_bindgen(method, setter)]
    fn set_column(this: &LibraryError, column: f64);

    #[wasm_bindgen(method, setter)]
    fn set_text(this: &LibraryError, text: &str);
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(crate) fn from_common(error: common::Error) -> JsValue {
    let thrown = LibraryError::new(error.code(), &error.to_string());
    match error.kind() {
        ErrorKind::NotFinite { index } => thrown.set_index(number(*index as u64)),
        ErrorKind::InvalidNumber { line, column, text } => {
            thrown.set_line(number(*line as u64));
            thrown.set_column(number(*column as u64));
            thrown.set_text(text);
        }
        _ => {}
    }
    thrown.into()
}

/// WebAssembly's memory, of 4 GiB at most, cannot hold a copy of the values; or JavaScript's cannot.
pub(crate) fn out_of_memory() -> JsValue {
    new("out_of_memory", "there is not enough memory for a copy of the values")
}

/// An error that has a code and a message only.
pub(crate) fn new(code: &str, message: &str) -> JsValue {
    LibraryError::new(code, message).into()
}
