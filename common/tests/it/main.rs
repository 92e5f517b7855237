//! The specification, and what its parts share: series of any finite numbers.

#![cfg(test)]
#![allow(clippy::cast_precision_loss, clippy::float_cmp, reason = "an exact result is compared exactly")]

mod accumulator;
mod exact;
mod histogram;
mod parse;
mod summary;

use proptest::collection::vec;
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::prelude::*;

/// Series of numbers of any magnitude, of the largest, of ordinary ones, of few different ones, or of ones close to each
/// other. Some are empty, and some are longer than the library's parts. proptest writes a failing case into
/// proptest-regressions: commit it.
fn series() -> impl Strategy<Value = Vec<f64>> {
    let series = prop_oneof![
        vec(NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE, 0..50),
        vec(prop_oneof![Just(f64::MAX), Just(f64::MIN), (-1.0..1.0).prop_map(|share| share * f64::MAX)], 0..10),
        vec(-1000.0..1000.0, 0..50),
        vec((-5..5_i8).prop_map(f64::from), 0..50),
        vec(1e6..1e6 + 1e-6, 0..50),
    ];
    (series, prop_oneof![9 => Just(1), 1 => Just(50)]).prop_map(|(series, times)| series.repeat(times))
}
