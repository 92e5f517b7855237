//! The built package against the sources. Run by `cargo xtask test`.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

// Cargo compares a variable that is read here by its value: an edited test is compiled again whatever its time.
const _: Option<&str> = option_env!("TESTS_DIGEST");

#[wasm_bindgen(raw_module = "pkg")]
extern "C" {
    #[wasm_bindgen(js_name = buildInfo)]
    fn build_info() -> JsValue;
}

#[wasm_bindgen_test]
fn carries_the_digest_of_the_sources() {
    let sources =
        option_env!("WASM_CLIENT_DIGEST").expect("run by `cargo xtask test`, which sets the digest");
    let built = Reflect::get(&build_info(), &"digest".into()).unwrap();
    assert_eq!(built.as_string().as_deref(), Some(sources));
}
