//! The package in browsers, where a module has no name but an address.

#[cfg(test)]
#[macro_use]
mod answers;

use js_sys::Float64Array;
use wasm_bindgen::JsValue;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

import_package!("/pkg/index.js");
