//! Every error that JavaScript gets from Rust is made here: a `LibraryError` with a stable `code`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./error.js")]
extern "C" {
    type LibraryError;

    #[wasm_bindgen(constructor)]
    fn new(code: &str, message: &str) -> LibraryError;
}

pub(crate) fn new(code: &str, message: &str) -> JsValue {
    LibraryError::new(code, message).into()
}
