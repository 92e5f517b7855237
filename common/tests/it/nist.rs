//! Accuracy, by certified results: the univariate Statistical Reference Datasets of NIST that are given by a
//! formula, <https://www.itl.nist.gov/div898/strd/univ/homepage.html>.
//!
//! The digits asked for are those that the documentation of the crate states. From the numbers of `NumAcc3`
//! and `NumAcc4`, once they are rounded to 64 bits, exact arithmetic gives 9.457 and 8.253 digits of the
//! deviation.

use common::{Accumulator, summarize};

#[test]
fn num_acc_1_to_4() {
    reaches(&[10_000_001.0, 10_000_003.0, 10_000_002.0], (10_000_002.0, 1.0), 15.0);
    reaches(&alternating(1.2, 1.1, 1.3), (1.2, 0.1), 15.0);
    reaches(&alternating(1_000_000.2, 1_000_000.1, 1_000_000.3), (1_000_000.2, 0.1), 9.4);
    reaches(&alternating(10_000_000.2, 10_000_000.1, 10_000_000.3), (10_000_000.2, 0.1), 8.2);
}

/// A first value, then 1000 that alternate between two others.
fn alternating(first: f64, low: f64, high: f64) -> Vec<f64> {
    [first].into_iter().chain([low, high].into_iter().cycle().take(1000)).collect()
}

/// Checks the digits reached in every way of computing: 15 of the mean, and so many of the standard deviation.
#[track_caller]
fn reaches(values: &[f64], certified: (f64, f64), of_deviation: f64) {
    let [mut one_by_one, mut merged] = [Accumulator::default(), Accumulator::default()];
    for piece in values.chunks(7) {
        let mut part = Accumulator::default();
        part.push_slice(piece).unwrap();
        merged.merge(&part);
        for &value in piece {
            one_by_one.push(value).unwrap();
        }
    }
    for summary in [summarize(values), one_by_one.summary(), merged.summary()].map(Result::unwrap) {
        let mean = digits(summary.mean, certified.0);
        let deviation = digits(summary.standard_deviation.unwrap(), certified.1);
        assert!(mean >= 15.0 && deviation >= of_deviation, "{mean} and {deviation} digits: {summary:?}");
    }
}

/// How many decimal digits are correct: the log relative error, cut off where 64 bits end.
fn digits(actual: f64, certified: f64) -> f64 {
    let relative_error = ((actual - certified) / certified).abs();
    (-relative_error.log10()).clamp(0.0, 15.0)
}
