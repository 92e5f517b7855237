//! The built package answers what `common` answers.

#![cfg(test)]

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(raw_module = "pkg")]
extern "C" {
    fn hash(bytes: &[u8]) -> String;
}

#[wasm_bindgen_test]
fn hashes_the_same() {
    for length in [0, 1, 1_000, 100_000] {
        let bytes = vec![7; length];
        assert_eq!(hash(&bytes), common::hash(&bytes));
    }
}
