//! A panic is a bug of this library. It reaches the caller as an `Error` with the code `panic`.

use std::panic;

use wasm_bindgen::throw_val;

use crate::error;

pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        throw_val(error::new("panic", &format!("a bug in this library: {info}")));
    }));
}
