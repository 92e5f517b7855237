//! The built package gives the same answers as `common`.
//!
//! This program is compiled from the current sources, and imports the package that is on disk.
//! `cargo xtask test` runs it in Node.js.

#![cfg(test)]

use std::fmt::Debug;

use common::Accumulator as Expected;
use js_sys::{Float64Array, JSON, Reflect, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

// Nothing of the package is linked into the program: it finds the folder `pkg` as Node.js finds any package.
#[wasm_bindgen(raw_module = "pkg")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn parse(text: &str) -> Result<Float64Array, JsValue>;
    #[wasm_bindgen(catch)]
    fn summarize(values: &Float64Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    fn histogram(values: &Float64Array, bins: f64) -> Result<JsValue, JsValue>;

    type Accumulator;
    #[wasm_bindgen(constructor)]
    fn new() -> Accumulator;
    #[wasm_bindgen(method, catch)]
    fn push(this: &Accumulator, values: &Float64Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn merge(this: &Accumulator, other: &Accumulator);
    #[wasm_bindgen(method, catch)]
    fn summary(this: &Accumulator) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen_test]
fn reads_the_same_numbers() {
    for text in ["", "1, 2;3\n4 # five", "-0.5e-3 1e308", "7\r\n8", "one", "1\n 1e999", "1,,2", "\u{feff}3"] {
        same(parse(text).map(|numbers| numbers.to_vec()), common::parse(text));
    }
}

#[wasm_bindgen_test]
fn summarizes_the_same() {
    for values in series() {
        let ours = summarize(&Float64Array::from(values.as_slice()));
        same(ours.map(|summary| json(&summary)), common::summarize(&values).map(|summary| json(&object(&summary))));
    }
}

#[wasm_bindgen_test]
fn counts_the_same() {
    let numbers = [1_u32, 2, 7, 100, 0, 3, 1 << 20, (1 << 20) + 1];
    for (values, bins) in series().into_iter().zip(numbers.into_iter().cycle()) {
        let ours = histogram(&Float64Array::from(values.as_slice()), f64::from(bins)).map(|histogram| {
            let [edges, counts] = ["edges", "counts"].map(|name| get(&histogram, name));
            (Float64Array::from(edges).to_vec(), Uint32Array::from(counts).to_vec())
        });
        let expected = common::histogram(&values, bins as usize);
        same(ours, expected.map(|histogram| (histogram.edges, histogram.counts)));
    }
}

#[wasm_bindgen_test]
fn accumulates_the_same() {
    let (ours, mut expected) = (Accumulator::new(), Expected::default());
    for values in series() {
        let (part, mut expected_part) = (Accumulator::new(), Expected::default());
        same(part.push(&Float64Array::from(values.as_slice())), expected_part.push_slice(&values));
        ours.merge(&part);
        expected.merge(&expected_part);
        let moments = expected.summary().map(|moments| json(&object(&moments)));
        same(ours.summary().map(|moments| json(&moments)), moments);
    }
}

/// Series of every kind: short and long, ordinary and extreme, valid and not.
fn series() -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> =
        vec![vec![5.0], vec![], vec![1.0, f64::NAN], vec![f64::INFINITY], vec![2.0; 9], vec![-f64::MAX, f64::MAX]];
    for (length, scale, offset) in
        [(2, 1.0, 0.0), (10, 1e-300, 0.0), (1_000, 1e3, -500.0), (5_000, 0.1, 1e7), (100_000, 1e300, 0.0)]
    {
        all.push((0..length).map(|index| f64::from(index).sin() * scale + offset).collect());
    }
    all
}

fn object(value: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap()
}

/// Numbers that differ in a single bit have different JSON.
fn json(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

/// Equal to the bit, or the same error with the same fields.
#[track_caller]
fn same<T: PartialEq + Debug>(ours: Result<T, JsValue>, expected: Result<T, common::Error>) {
    let described = ours.map_err(|error| (json(&error), get(&error, "message").as_string()));
    let expected = expected.map_err(|error| (json(&object(&error)), Some(error.to_string())));
    assert_eq!(described, expected);
}
