//! A panic is a bug of this library. It reaches the caller as an error with the code `panic` and Rust's message, and
//! the next call runs in a fresh instance of the module: npm/guard.js sees to that, which stands around every export.

use std::panic;

use wasm_bindgen::throw_val;

use crate::error;

pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        throw_val(error::new("panic", &format!("a bug in this library: {info}")));
    }));
}
