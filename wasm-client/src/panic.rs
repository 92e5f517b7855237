//! A panic is a bug of this library. It reaches the caller as an error with the code `panic` and Rust's message, and
//! the next call runs in a fresh instance of the module: npm/guard.js sees to that, which stands around every export.

use std::panic;

use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./error.js")]
extern "C" {
    /// Tells npm/guard.js that this instance is not to be trusted any more, and throws.
    fn panicked(message: &str);
}

pub(crate) fn install() {
    panic::set_hook(Box::new(|info| panicked(&format!("a bug in this library: {info}"))));
}
