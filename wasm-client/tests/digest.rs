//! The package was built from the sources that this test was compiled from, whatever the library is.

#![cfg(test)]

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(raw_module = "pkg")]
extern "C" {
    #[wasm_bindgen(js_name = buildInfo)]
    fn build_info() -> JsValue;
}

#[wasm_bindgen_test]
fn carries_the_digest_of_the_sources() {
    let sources = option_env!("MODULE_DIGEST");
    assert!(sources.is_some(), "run `cargo xtask test`, which sets MODULE_DIGEST");
    let built = js_sys::Reflect::get(&build_info(), &"moduleDigest".into()).unwrap();
    assert_eq!(built.as_string().as_deref(), sources, "wasm-client/pkg is stale: run `cargo xtask build`");
}
