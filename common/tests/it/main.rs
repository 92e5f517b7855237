//! The specification, and what its parts share: series of any finite numbers.

#![allow(clippy::cast_precision_loss, clippy::float_cmp, reason = "an exact result is compared exactly")]
#![allow(clippy::unwrap_used, reason = "what a test cannot go on without")]

mod accumulator;
mod histogram;
mod nist;
mod parse;
mod summary;

use proptest::collection::vec;
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Series of numbers of any magnitude, of usual ones, of few different ones, or of ones close to each other.
/// Some are empty, and some too long to be passed over as one part.
fn series() -> impl Strategy<Value = Vec<f64>> {
    let series = prop_oneof![
        vec(NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE, 0..50),
        vec(-1000.0..1000.0, 0..50),
        vec((-5..5_i8).prop_map(f64::from), 0..50),
        vec(1e6..1e6 + 1e-6, 0..50),
    ];
    (series, prop_oneof![9 => Just(1), 1 => Just(50)]).prop_map(|(series, times)| series.repeat(times))
}

/// A failing case is kept beside the test that found it, to be run first from then on: commit that file.
fn config() -> ProptestConfig {
    let file = FileFailurePersistence::WithSource("proptest-regressions");
    ProptestConfig { failure_persistence: Some(Box::new(file)), ..ProptestConfig::default() }
}
