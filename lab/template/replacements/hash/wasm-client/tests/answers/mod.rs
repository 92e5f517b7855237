//! The built package answers what `common` answers.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::hash;

macro_rules! import_package {
    ($from:tt) => {
        #[wasm_bindgen::prelude::wasm_bindgen(raw_module = $from)]
        extern "C" {
            fn hash(bytes: &[u8]) -> String;
        }
    };
}

#[wasm_bindgen_test]
fn hashes_the_same() {
    for length in [0, 1, 1_000, 100_000] {
        let bytes = vec![7; length];
        assert_eq!(hash(&bytes), common::hash(&bytes));
    }
}
