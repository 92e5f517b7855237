//! The built package answers what `common` answers.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::Tally;

macro_rules! import_package {
    ($from:tt) => {
        #[wasm_bindgen::prelude::wasm_bindgen(raw_module = $from)]
        extern "C" {
            type Tally;
            #[wasm_bindgen(constructor)]
            fn new() -> Tally;
            #[wasm_bindgen(method)]
            fn add(this: &Tally, text: &str);
            #[wasm_bindgen(method)]
            fn count(this: &Tally, word: &str) -> u32;
        }
    };
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
