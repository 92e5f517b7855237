//! Plain JavaScript objects from `common`'s structs, and their types.

use common::{Histogram, Moments, Summary};
use js_sys::{Array, Float64Array, Object, Reflect, Uint32Array};
use wasm_bindgen::prelude::*;

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

/** What this package was built from. */
export interface BuildInfo {
    /** The package's version. */
    version: string;
    /** How it was optimised. */
    profile: "release" | "dev";
    /** The SHA-256 digest of the Rust sources that the module was compiled from; `undefined` if it was not built by
     * `cargo xtask build`. */
    digest: string | undefined;
}

/** The errors that this package throws. */
export interface StatisticsError extends Error {
    name: "StatisticsError";
    /** The cause, the same in every version. */
    code: "empty_series" | "not_finite" | "invalid_number" | "invalid_bins" | "invalid_type" | "out_of_memory" | "panic";
    /** Of `not_finite` and `invalid_type`: where the value is among those given, from 0. */
    index?: number;
    /** Of `invalid_number`: the line that the text is in, from 1. */
    line?: number;
    /** Of `invalid_number`: where in the line the text starts, from 1, in characters. */
    column?: number;
    /** Of `invalid_number`: the text. */
    text?: string;
}
"#;

pub(crate) fn summary(summary: &Summary) -> Result<JsValue, JsValue> {
    let quartiles = Array::of3(
        &summary.quartiles[0].into(),
        &summary.quartiles[1].into(),
        &summary.quartiles[2].into(),
    );
    object(&[
        ("count", number(summary.count)),
        ("min", summary.min.into()),
        ("max", summary.max.into()),
        ("mean", summary.mean.into()),
        ("variance", summary.variance.into()),
        ("standardDeviation", summary.standard_deviation.into()),
        ("quartiles", quartiles.into()),
    ])
}

pub(crate) fn moments(moments: &Moments) -> Result<JsValue, JsValue> {
    object(&[
        ("count", count(moments.count).into()),
        ("min", moments.min.into()),
        ("max", moments.max.into()),
        ("mean", moments.mean.into()),
        ("variance", moments.variance.into()),
        ("standardDeviation", moments.standard_deviation.into()),
    ])
}

pub(crate) fn histogram(histogram: &Histogram) -> Result<JsValue, JsValue> {
    object(&[
        ("edges", Float64Array::from(histogram.edges.as_slice()).into()),
        ("counts", Uint32Array::from(histogram.counts.as_slice()).into()),
    ])
}

pub(crate) fn build_info(version: &str, profile: &str, digest: Option<&str>) -> Result<JsValue, JsValue> {
    object(&[("version", version.into()), ("profile", profile.into()), ("digest", digest.into())])
}

/// A count as JavaScript's number: exact up to 2^53, which takes years to reach.
#[expect(clippy::cast_precision_loss, reason = "documented: exact up to 2^53")]
pub(crate) fn count(count: u64) -> f64 {
    count as f64
}

/// A length in memory, which is 32 bits wide here, as JavaScript's number.
pub(crate) fn number(length: usize) -> JsValue {
    count(length as u64).into()
}

fn object(fields: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from_str(name), value)?;
    }
    Ok(object.into())
}
