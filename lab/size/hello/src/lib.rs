//! wasm-pack-template's program.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    fn alert(s: &str);
}

#[wasm_bindgen]
pub fn greet() {
    console_error_panic_hook::set_once();
    alert("Hello, fresh-wasm!");
}
