//! The package in Node.js.

#[cfg(test)]
#[macro_use]
mod answers;

use js_sys::Float64Array;
use wasm_bindgen::JsValue;

import_package!("pkg");
