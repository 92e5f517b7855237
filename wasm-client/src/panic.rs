//! A panic is a bug of this library. It reaches the caller as an `Error` with the code `panic` and Rust's message,
//! and the next call runs in a fresh instance of the module: the old one's memory is not to be trusted any more.

use std::panic;

use wasm_bindgen::throw_val;

use crate::error;

pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        wasm_bindgen::handler::schedule_reinit();
        throw_val(error::new("panic", &format!("a bug in this library: {info}"), &[]));
    }));
}
