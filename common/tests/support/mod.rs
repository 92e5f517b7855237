//! What the specifications share: exact errors, and series of any finite numbers.

use common::Error;
use proptest::collection::vec;
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Checks the code and the whole message of an error.
#[track_caller]
pub(crate) fn rejects<T>(result: Result<T, Error>, code: &str, message: &str) {
    let error = result.err().map(|error| (error.code(), error.to_string()));
    assert_eq!(error, Some((code, message.to_owned())));
}

/// Series of numbers of any magnitude, of usual ones, of few different ones, or of ones close to each other.
/// Some are empty, and some too long to be passed over as one part.
pub(crate) fn series() -> impl Strategy<Value = Vec<f64>> {
    let series = prop_oneof![
        vec(NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE, 0..50),
        vec(-1000.0..1000.0, 0..50),
        vec((-5..5_i8).prop_map(f64::from), 0..50),
        vec(1e6..1e6 + 1e-6, 0..50),
    ];
    (series, prop_oneof![9 => Just(1), 1 => Just(50)]).prop_map(|(series, times)| series.repeat(times))
}

/// A failing case is kept beside the test that found it, to be run first from then on: commit that file.
pub(crate) fn config() -> ProptestConfig {
    let file = FileFailurePersistence::WithSource("proptest-regressions");
    ProptestConfig { failure_persistence: Some(Box::new(file)), ..ProptestConfig::default() }
}
