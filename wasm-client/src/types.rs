//! What TypeScript is told of the objects and errors. tests/package/api.test.js has a field of each, so it fails when a
//! struct of `common` and its interface differ.

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

/** An error of this library. The message is for people and may change; the code is for programs. */
export interface LibraryError extends Error {
    code: "empty_series" | "not_finite" | "invalid_number" | "invalid_bins" | PackageErrorCode;
    /** Of `not_finite`: where the value is among those given, from 0. */
    index?: number;
    /** Of `invalid_number`: the line that the text is in, from 1. */
    line?: number;
    /** Of `invalid_number`: where in the line the text starts, from 1, in characters. */
    column?: number;
    /** Of `invalid_number`: the text. */
    text?: string;
}
"#;
