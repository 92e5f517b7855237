//! The built package answers what `common` answers.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::render;

macro_rules! import_package {
    ($from:tt) => {
        #[wasm_bindgen::prelude::wasm_bindgen(raw_module = $from)]
        extern "C" {
            fn render(markdown: &str) -> String;
        }
    };
}

#[wasm_bindgen_test]
fn renders_the_same() {
    for text in ["", "# One", "*two* & <three>", "|a|\n|-|\n|b|"] {
        assert_eq!(Ok(render(text)), common::render(text));
    }
}
