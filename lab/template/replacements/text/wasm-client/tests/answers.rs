//! The built package answers what `common` answers.

#![cfg(test)]

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(raw_module = "pkg")]
extern "C" {
    type Tally;
    #[wasm_bindgen(constructor)]
    fn new() -> Tally;
    #[wasm_bindgen(method)]
    fn add(this: &Tally, text: &str);
    #[wasm_bindgen(method)]
    fn count(this: &Tally, word: &str) -> u32;
}

#[wasm_bindgen_test]
fn counts_the_same() {
    let text = "Row, row, row your boat";
    let (ours, mut expected) = (Tally::new(), common::Tally::default());
    ours.add(text);
    expected.add(text);
    for word in ["ROW", "boat", "stream"] {
        assert_eq!(ours.count(word), expected.count(word));
    }
}
