//! A series that comes piece by piece: the results are those of the whole, however it is cut.

use common::{Accumulator, Error, Summary, summarize};
use proptest::prelude::*;

use crate::series;

fn one_by_one(values: &[f64]) -> Accumulator {
    let mut accumulator = Accumulator::default();
    for &value in values {
        accumulator.push(value).unwrap();
    }
    accumulator
}

fn at_once(values: &[f64]) -> Accumulator {
    let mut accumulator = Accumulator::default();
    accumulator.push_slice(values).unwrap();
    accumulator
}

#[test]
fn what_is_not_finite_or_nothing_changes_nothing() {
    let mut accumulator = at_once(&[1.0, 2.0]);
    let before = accumulator.summary();
    let mut values = vec![3.0; 2500];
    values[2048..2050].copy_from_slice(&[f64::NAN, f64::INFINITY]);
    assert_eq!(accumulator.push_slice(&values), Err(Error::NotFinite { index: 2048 }));
    assert_eq!(accumulator.push(f64::INFINITY), Err(Error::NotFinite { index: 0 }));
    let mut empty = at_once(&[]);
    assert_eq!(empty.summary(), Err(Error::EmptySeries));
    accumulator.merge(&empty);
    empty.merge(&accumulator);
    assert_eq!([accumulator.summary(), empty.summary()], [before.clone(), before]);
}

#[test]
fn the_mean_does_not_drift() {
    // A mean kept in 64 bits would be off by its last digits after so many updates.
    // The exact mean is half-way between 1.2 and the next number.
    let values = [1.1, 1.3].repeat(100_000);
    let mean = one_by_one(&values).summary().unwrap().mean;
    assert!((1.2..=1.2 + f64::EPSILON).contains(&mean), "{mean}");
}

/// Whether results are equal except for rounding.
fn agree(left: &Accumulator, right: &Accumulator) -> bool {
    let [left, right] = [left, right].map(|accumulator| accumulator.summary().unwrap());
    let close = |left: f64, right: f64, size: f64| {
        left.total_cmp(&right).is_eq() || (left - right).abs() <= size * 1e-13 + 1e-323
    };
    let [one, other] = [left, right].map(|summary| summary.standard_deviation.unwrap_or(-1.0));
    (left.count, left.min, left.max) == (right.count, right.min, right.max)
        && close(left.mean, right.mean, left.min.abs().max(left.max.abs()))
        && close(one, other, one)
}

/// The univariate Statistical Reference Datasets of NIST that are given by a formula, with certified results:
/// <https://www.itl.nist.gov/div898/strd/univ/homepage.html>. Rounding the numbers of the last two to 64 bits leaves 9.457
/// and 8.253 digits of the deviation.
#[test]
fn results_have_the_digits_of_the_documentation() {
    reaches(&[10_000_001.0, 10_000_003.0, 10_000_002.0], (10_000_002.0, 1.0), 15.0);
    for (first, low, high, digits) in [
        (1.2, 1.1, 1.3, 15.0),
        (1_000_000.2, 1_000_000.1, 1_000_000.3, 9.4),
        (10_000_000.2, 10_000_000.1, 10_000_000.3, 8.2),
    ] {
        let alternating = [low, high].repeat(500);
        reaches(&[vec![first], alternating].concat(), (first, 0.1), digits);
    }
}

/// Checks the digits that every way of computing reaches: 15 of the mean, `of_deviation` of the standard deviation.
#[track_caller]
fn reaches(values: &[f64], certified: (f64, f64), of_deviation: f64) {
    let mut merged = Accumulator::default();
    values.chunks(7).for_each(|piece| merged.merge(&at_once(piece)));
    for summary in [summarize(values), one_by_one(values).summary(), merged.summary()].map(Result::unwrap) {
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

proptest! {
    #[test]
    fn any_split_merges_to_the_whole(values in series(), size in 1..60_usize) {
        prop_assume!(!values.is_empty());
        let whole = at_once(&values);
        let expected = summarize(&values).map(|summary| Summary { quartiles: None, ..summary });
        prop_assert_eq!(whole.summary(), expected);
        prop_assert!(agree(&one_by_one(&values), &whole));
        let mut merged = Accumulator::default();
        for (index, piece) in values.chunks(size).enumerate() {
            let way = if index % 2 == 0 { at_once } else { one_by_one };
            merged.merge(&way(piece));
        }
        prop_assert!(agree(&merged, &whole));
    }
}
