//! The mean and the variance, against exact rational numbers, of values that cancel each other.

use common::{Accumulator, summarize};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{FromPrimitive, Signed, ToPrimitive, Zero};
use proptest::collection::vec;
use proptest::prelude::*;

fn exact(value: f64) -> BigRational {
    BigRational::from_float(value).unwrap()
}

/// The mean of the values, and of their magnitudes.
fn means(values: &[f64]) -> (BigRational, BigRational) {
    let count = BigRational::from_integer(BigInt::from(values.len()));
    let sum: BigRational = values.iter().map(|&value| exact(value)).sum();
    let magnitude: BigRational = values.iter().map(|&value| exact(value).abs()).sum();
    (sum / &count, magnitude / count)
}

/// The results of all ways to the same values: at once, one by one, and merged from pieces.
fn ways(values: &[f64]) -> [common::Summary; 3] {
    let mut one_by_one = Accumulator::default();
    let mut merged = Accumulator::default();
    for &value in values {
        one_by_one.push(value).unwrap();
    }
    for piece in values.chunks(7) {
        let mut part = Accumulator::default();
        part.push_slice(piece).unwrap();
        merged.merge(&part);
    }
    [summarize(values), one_by_one.summary(), merged.summary()].map(Result::unwrap)
}

/// Checks the bound that the documentation states.
#[track_caller]
fn mean_is_within_the_bound(values: &[f64]) {
    let (mean, magnitude) = means(values);
    let count = BigRational::from_u64(values.len() as u64).unwrap();
    let [unit, tiny] = [exact(2_f64.powi(-52)), exact(2_f64.powi(-104))];
    let bound = mean.abs() * unit + magnitude * &count * &count * tiny + exact(5e-324);
    for summary in ways(values) {
        let error = (exact(summary.mean) - &mean).abs();
        assert!(error <= bound, "{} is off by {:?}: {values:?}", summary.mean, error.to_f64());
    }
}

#[test]
fn large_values_that_cancel_leave_the_small_ones() {
    for large in [1e12, 1e16, 1e30, 1e90] {
        for values in [[large, -large, 1.0], [large, 1.0, -large], [1.0, large, -large]] {
            for summary in ways(&values) {
                assert_eq!(summary.mean, 1.0 / 3.0, "{values:?}");
            }
        }
    }
}

/// Values, and some of their opposites, in any order.
fn cancelling() -> impl Strategy<Value = Vec<f64>> {
    let value = (-1.0..1.0_f64, -60..60_i32).prop_map(|(digits, power)| digits * 2_f64.powi(power));
    (vec(value, 1..150), 0..150_usize).prop_flat_map(|(values, opposites)| {
        let opposite: Vec<f64> = values.iter().take(opposites).map(|value| -value).collect();
        Just([values, opposite].concat()).prop_shuffle()
    })
}

proptest! {
    // Exact arithmetic takes its time.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_mean_is_within_the_bound_of_the_documentation(values in cancelling()) {
        mean_is_within_the_bound(&values);
    }

    #[test]
    fn the_variance_is_right_to_twelve_digits(values in cancelling()) {
        prop_assume!(values.len() > 1);
        let (mean, _) = means(&values);
        let squares: BigRational = values.iter().map(|&value| (exact(value) - &mean).pow(2)).sum();
        prop_assume!(!squares.is_zero());
        let variance = squares / BigRational::from_u64(values.len() as u64 - 1).unwrap();
        for summary in ways(&values) {
            let error = (exact(summary.variance.unwrap()) - &variance).abs() / &variance;
            prop_assert!(error < exact(1e-12), "{:?}", error.to_f64());
        }
    }
}
