//! The built package gives the same answers as `common`. This test is compiled with the library and imports the package.

#![cfg(test)]

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(raw_module = "pkg")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn greet(name: &str) -> Result<String, JsValue>;
}

#[wasm_bindgen_test]
fn greets_the_same() {
    for name in ["Ada", "Zoë 😀", "", &"a".repeat(101)] {
        let ours = greet(name).map_err(|error| js_sys::Error::from(error).message());
        let expected = common::greet(name, &common::Options::default());
        assert_eq!(ours, expected.map_err(|error| error.to_string().into()));
    }
}
