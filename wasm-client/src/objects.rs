//! Plain JavaScript objects from `common`'s structs, and their types.
//!
//! A field is set by an import of its own, which is smaller and faster than `Reflect::set` or serde.

use common::{Histogram, Moments, Summary};
use wasm_bindgen::prelude::*;

use crate::error::out_of_memory;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What an `Accumulator` tells of its values. */
export interface Moments {
    /** How many values there are: at least one. */
    count: number;
    /** The smallest value. */
    min: number;
    /** The largest value. */
    max: number;
    /** The arithmetic mean. */
    mean: number;
    /** The sample variance, with the divisor `count - 1`; `undefined` for a single value. */
    variance: number | undefined;
    /** The square root of the variance; `undefined` for a single value. */
    standardDeviation: number | undefined;
}

/** What `summarize` tells of a series. */
export interface Summary extends Moments {
    /** The lower quartile, the median and the upper quartile, interpolated as R and NumPy do. */
    quartiles: [number, number, number];
}

/** A series counted in bins: bin `i` holds the values from `edges[i]` on and below `edges[i + 1]`, the last one those
 * at its upper edge as well. */
export interface Histogram {
    /** The limits of the bins: one more than there are bins. */
    edges: Float64Array;
    /** How many values each bin holds. */
    counts: Uint32Array;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// A plain object, with a setter for every field that one of ours has.
    #[wasm_bindgen(js_name = Object)]
    type Fields;

    #[wasm_bindgen(constructor, js_class = "Object")]
    fn new() -> Fields;

    #[wasm_bindgen(method, setter)]
    fn set_count(this: &Fields, value: f64);

    #[wasm_bindgen(method, setter)]
    fn set_min(this: &Fields, value: f64);

    #[wasm_bindgen(method, setter)]
    fn set_max(this: &Fields, value: f64);

    #[wasm_bindgen(method, setter)]
    fn set_mean(this: &Fields, value: f64);

    #[wasm_bindgen(method, setter)]
    fn set_variance(this: &Fields, value: Option<f64>);

    #[wasm_bindgen(method, setter, js_name = standardDeviation)]
    fn set_standard_deviation(this: &Fields, value: Option<f64>);

    #[wasm_bindgen(method, setter)]
    fn set_quartiles(this: &Fields, value: JsValue);

    #[wasm_bindgen(method, setter)]
    fn set_edges(this: &Fields, value: Float64Array);

    #[wasm_bindgen(method, setter)]
    fn set_counts(this: &Fields, value: Uint32Array);

    #[wasm_bindgen(js_namespace = Array, js_name = of)]
    fn three(first: f64, second: f64, third: f64) -> JsValue;

    /// JavaScript's own copy, for which its engine may have no room: js-sys's would not catch that.
    type Float64Array;

    #[wasm_bindgen(catch, constructor)]
    fn new(values: &[f64]) -> Result<Float64Array, JsValue>;

    type Uint32Array;

    #[wasm_bindgen(catch, constructor)]
    fn new(values: &[u32]) -> Result<Uint32Array, JsValue>;
}

pub(crate) fn summary(summary: &Summary) -> JsValue {
    let &Summary { count, min, max, mean, variance, standard_deviation, quartiles: [lower, median, upper] } =
        summary;
    let object = describe(&Moments { count: count as u64, min, max, mean, variance, standard_deviation });
    object.set_quartiles(three(lower, median, upper));
    object.into()
}

pub(crate) fn moments(moments: &Moments) -> JsValue {
    describe(moments).into()
}

fn describe(moments: &Moments) -> Fields {
    let object = Fields::new();
    object.set_count(number(moments.count));
    object.set_min(moments.min);
    object.set_max(moments.max);
    object.set_mean(moments.mean);
    object.set_variance(moments.variance);
    object.set_standard_deviation(moments.standard_deviation);
    object
}

pub(crate) fn histogram(histogram: &Histogram) -> Result<JsValue, JsValue> {
    let object = Fields::new();
    object.set_edges(doubles(&histogram.edges)?);
    object.set_counts(Uint32Array::new(&histogram.counts).map_err(|_| out_of_memory())?);
    Ok(object.into())
}

pub(crate) fn series(values: &[f64]) -> Result<JsValue, JsValue> {
    doubles(values).map(JsValue::from)
}

fn doubles(values: &[f64]) -> Result<Float64Array, JsValue> {
    Float64Array::new(values).map_err(|_| out_of_memory())
}

/// A count as JavaScript's number: exact up to 2^53, which takes years to reach.
#[expect(clippy::cast_precision_loss, reason = "documented: exact up to 2^53")]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}
