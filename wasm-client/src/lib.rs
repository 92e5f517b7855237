//! The JavaScript side of `common`: convert, call, convert.
//!
//! `convert` is for this library, `package` for every library. Exports take `&self`: an exclusive borrow would stay locked
//! if foreign code threw in the meantime.

#![expect(clippy::missing_errors_doc, reason = "`@throws` says it, and goes into the package's types")]

mod convert;
mod package;

use std::cell::RefCell;

use js_sys::{Float64Array, Number, Object, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use convert::{from_series, thrown, to_series, whole};
use package::object;

#[wasm_bindgen]
extern "C" {
    /// A series.
    #[wasm_bindgen(typescript_type = "Float64Array | Iterable<number>")]
    pub type Numbers;

    /// A series or a single value.
    #[wasm_bindgen(typescript_type = "number | Float64Array | Iterable<number>")]
    pub type NumberOrNumbers;
}

/// Reads the numbers of a text, separated by white space, commas or semicolons. `#` starts a comment, which ends with its
/// line.
///
/// @throws `invalid_number` with `line` and `column` (from 1) at the first token that is not a finite number.
#[wasm_bindgen]
pub fn parse(text: &str) -> Result<Float64Array, JsValue> {
    to_series(&common::parse(text).map_err(thrown)?)
}

/// Describes a series by its count, extremes, mean, sample variance and standard deviation, and quartiles.
///
/// The values are copied once; a `Float64Array` is by far the fastest to copy.
///
/// @throws `empty_series` if there are no values; `not_finite` with the `index` of the first value that is infinite or NaN.
#[wasm_bindgen(unchecked_return_type = "Summary")]
pub fn summarize(values: &Numbers) -> Result<Object, JsValue> {
    let summary = common::summarize(&from_series(values)?).map_err(thrown)?;
    object(Summary::from(summary))
}

/// Counts a series in bins of equal width, from its smallest to its largest value.
///
/// @throws `invalid_bins` if `bins` is not a whole number from 1 to 1,048,576; otherwise as `summarize`.
#[wasm_bindgen(unchecked_return_type = "Histogram")]
pub fn histogram(values: &Numbers, bins: &Number) -> Result<Object, JsValue> {
    // `common` refuses 0 with the same error as any other wrong number.
    let bins = bins.as_f64().and_then(whole).unwrap_or(0);
    let histogram = common::histogram(&from_series(values)?, bins).map_err(thrown)?;
    let counts = Uint32Array::from(histogram.counts.as_slice());
    object(Histogram { edges: to_series(&histogram.edges)?, counts })
}

/// `common`'s summary. Its count is a JavaScript number, and so rounded beyond 2^53.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    count: f64,
    min: f64,
    max: f64,
    mean: f64,
    variance: Option<f64>,
    standard_deviation: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quartiles: Option<[f64; 3]>,
}

impl From<common::Summary> for Summary {
    #[allow(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    fn from(summary: common::Summary) -> Self {
        let common::Summary { count, min, max, mean, variance, standard_deviation, quartiles } = summary;
        Self { count: count as f64, min, max, mean, variance, standard_deviation, quartiles }
    }
}

/// `common`'s histogram, with typed arrays.
#[derive(Serialize)]
struct Histogram {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    edges: Float64Array,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    counts: Uint32Array,
}

/// The same as `summarize`, without the quartiles, for a series that comes piece by piece. It keeps no values.
///
/// It takes some of WebAssembly's memory until it is garbage-collected; `free()` or `using` frees that at once.
#[wasm_bindgen]
#[derive(Default)]
pub struct Accumulator(RefCell<common::Accumulator>);

#[wasm_bindgen]
impl Accumulator {
    /// An accumulator of no values.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number, or all numbers of a series; adds nothing if one of them is not finite.
    ///
    /// @throws `not_finite` with its `index`.
    pub fn push(&self, values: &NumberOrNumbers) -> Result<(), JsValue> {
        // Before the borrow, because an iterator may call this accumulator.
        let values = values.as_f64().map_or_else(|| from_series(values), |value| Ok(vec![value]))?;
        self.0.borrow_mut().push_slice(&values).map_err(thrown)
    }

    /// Adds the values of another accumulator, which stays as it is.
    pub fn merge(&self, other: &Accumulator) {
        let other = other.0.borrow().clone();
        self.0.borrow_mut().merge(&other);
    }

    /// How many values were added.
    #[wasm_bindgen(getter)]
    #[allow(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    pub fn count(&self) -> f64 {
        self.0.borrow().count() as f64
    }

    /// Describes the values added so far.
    ///
    /// @throws `empty_series` if there are none.
    #[wasm_bindgen(unchecked_return_type = "Moments")]
    pub fn summary(&self) -> Result<Object, JsValue> {
        object(Summary::from(self.0.borrow().summary().map_err(thrown)?))
    }
}

/// The types of objects and errors. tests/package/api.test.js fails if a struct of `common` and its interface differ.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** How an `Accumulator` describes its values. */
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

/** How `summarize` describes a series. */
export interface Summary extends Moments {
    /** The lower quartile, the median and the upper quartile, interpolated as R and NumPy do. */
    quartiles: [number, number, number];
}

/** A series counted in bins. Bin `i` holds the values from `edges[i]` to below `edges[i + 1]`; the last bin also holds those
 * that equal its upper edge. */
export interface Histogram {
    /** The limits of the bins: one more than there are bins. */
    edges: Float64Array<ArrayBuffer>;
    /** How many values each bin holds. */
    counts: Uint32Array<ArrayBuffer>;
}

/** An error of this library. The message is for people and may change; the code is for programs. */
export interface LibraryError extends Error {
    code: "empty_series" | "not_finite" | "invalid_number" | "invalid_bins" | PackageErrorCode;
    /** For `not_finite`: the index of the value among those given, from 0. */
    index?: number;
    /** For `invalid_number`: the line of the text, from 1. */
    line?: number;
    /** For `invalid_number`: the column where the text starts, from 1, in characters. */
    column?: number;
    /** For `invalid_number`: the text that is not a number. */
    text?: string;
}
"#;
