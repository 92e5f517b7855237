//! The built package answers what `common` answers.

#![cfg(test)]

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(raw_module = "pkg")]
extern "C" {
    fn render(markdown: &str) -> String;
}

#[wasm_bindgen_test]
fn renders_the_same() {
    for text in ["", "# One", "*two* & <three>", "|a|\n|-|\n|b|"] {
        assert_eq!(Ok(render(text)), common::render(text));
    }
}
