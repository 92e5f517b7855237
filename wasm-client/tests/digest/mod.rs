//! Whether the built package is of the sources that the tests were compiled from, whatever the library is.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::build_info;

macro_rules! import_build_info {
    ($from:tt) => {
        #[wasm_bindgen::prelude::wasm_bindgen(raw_module = $from)]
        extern "C" {
            #[wasm_bindgen(js_name = buildInfo)]
            fn build_info() -> wasm_bindgen::JsValue;
        }
    };
}

#[wasm_bindgen_test]
fn carries_the_digest_of_the_sources() {
    let Some(sources) = option_env!("FRESH_DIGEST") else {
        panic!("run by `cargo xtask test`, which sets the digest");
    };
    let built = js_sys::Reflect::get(&build_info(), &"digest".into()).unwrap();
    assert_eq!(
        built.as_string().as_deref(),
        Some(sources),
        "wasm-client/pkg is stale: `cargo xtask build` makes it anew"
    );
}
