//! The built package against the sources. Run by `cargo xtask test`.

#[cfg(test)]
mod package {
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
        let built = Reflect::get(&build_info(), &"digest".into()).unwrap().as_string();
        assert!(built.is_some());
        assert_eq!(built.as_deref(), option_env!("WASM_CLIENT_DIGEST"));
    }
}
