//! The summary of a series: exact where it can be, right for the smallest and the largest numbers, and the
//! same as by a sort or by integers, which do not round.

#![expect(clippy::float_cmp, reason = "a result that is exact is compared exactly")]
#![expect(clippy::cast_precision_loss, reason = "the results of exact arithmetic are rounded at the end")]

mod support;

use common::{ErrorKind, Summary, summarize};
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL};
use proptest::prelude::*;
use support::{config, rejects, series};

// Cargo compares the value: tests that change are built anew, whatever the files' times say.
const _: Option<&str> = option_env!("TESTS_DIGEST");

#[test]
fn describes_a_series() {
    let expected = Summary {
        count: 8,
        min: 2.0,
        max: 9.0,
        mean: 5.0,
        variance: Some(32.0 / 7.0),
        standard_deviation: Some((32.0_f64 / 7.0).sqrt()),
        quartiles: [4.0, 4.5, 5.5],
    };
    assert_eq!(summarize(&[9.0, 4.0, 5.0, 2.0, 4.0, 7.0, 4.0, 5.0]), Ok(expected));
}

#[test]
fn a_single_value_has_no_variance() {
    let expected = Summary {
        count: 1,
        min: -7.25,
        max: -7.25,
        mean: -7.25,
        variance: None,
        standard_deviation: None,
        quartiles: [-7.25; 3],
    };
    assert_eq!(summarize(&[-7.25]), Ok(expected));
}

#[test]
fn rejects_an_empty_series() {
    rejects(summarize(&[]), "empty_series", "the series is empty");
}

#[test]
fn rejects_the_first_value_that_is_not_finite() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (index, length) in [(0, 1), (1, 2), (2, 9), (3, 3000), (1023, 1024), (1024, 1025), (2999, 3000)] {
            let mut values = vec![1.0; length];
            values[index] = value;
            values[length - 1] = value;
            let message = format!("the value at index {index} is not finite");
            rejects(summarize(&values), "not_finite", &message);
            assert_eq!(summarize(&values).unwrap_err().kind(), &ErrorKind::NotFinite { index });
        }
    }
    rejects(summarize(&[f64::INFINITY, f64::NEG_INFINITY]), "not_finite", "the value at index 0 is not finite");
}

/// `quantile(x, 1:3 / 4)` in R, `numpy.quantile(x, [0.25, 0.5, 0.75])`.
#[test]
fn quartiles_are_those_of_r_and_numpy() {
    #[track_caller]
    fn has_quartiles(values: &[f64], expected: [f64; 3]) {
        assert_eq!(summarize(values).unwrap().quartiles, expected);
    }
    has_quartiles(&[2.0, 1.0], [1.25, 1.5, 1.75]);
    has_quartiles(&[3.0, 1.0, 2.0], [1.5, 2.0, 2.5]);
    has_quartiles(&[4.0, 1.0, 3.0, 2.0], [1.75, 2.5, 3.25]);
    has_quartiles(&[5.0, 4.0, 3.0, 2.0, 1.0], [2.0, 3.0, 4.0]);
    has_quartiles(&[6.0, 1.0, 5.0, 2.0, 4.0, 3.0], [2.25, 3.5, 4.75]);
    has_quartiles(&[15.0, 20.0, 35.0, 40.0, 50.0, 70.0, 90.0], [27.5, 40.0, 60.0]);
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let same = summarize(&vec![f64::MAX; 3000]).unwrap();
    assert_eq!((same.mean, same.variance, same.quartiles), (f64::MAX, Some(0.0), [f64::MAX; 3]));

    let opposite = summarize(&[f64::MAX, f64::MIN]).unwrap();
    let [lower, median, upper] = opposite.quartiles;
    assert_eq!((opposite.mean, median), (0.0, 0.0));
    assert!(close(lower, f64::MIN / 2.0) && close(upper, f64::MAX / 2.0), "{opposite:?}");

    // Of these, the sum of squares is beyond `f64::MAX`; of the next ones, the variance is as well; of the
    // opposite ones, even the standard deviation.
    let squares = summarize(&[1e154, -1e154].repeat(5)).unwrap();
    assert!(close(squares.variance.unwrap(), 1e308 / 0.9), "{squares:?}");
    let variance = summarize(&[1e200, 3e200]).unwrap();
    assert_eq!((variance.mean, variance.variance), (2e200, Some(f64::INFINITY)));
    assert!(close(variance.standard_deviation.unwrap(), 2e200 * 0.5_f64.sqrt()), "{variance:?}");
    assert_eq!(opposite.standard_deviation, Some(f64::INFINITY));
}

fn close(actual: f64, expected: f64) -> bool {
    (actual / expected - 1.0).abs() < 1e-15
}

#[test]
fn the_smallest_numbers_do_not_vanish() {
    let tiny = summarize(&[2e-300, 4e-300]).unwrap();
    assert_eq!((tiny.mean, tiny.variance), (3e-300, Some(0.0)));
    assert!(close(tiny.standard_deviation.unwrap(), 2e-300 * 0.5_f64.sqrt()), "{tiny:?}");

    let subnormal = summarize(&[5e-324, 15e-324, 10e-324]).unwrap();
    assert_eq!((subnormal.mean, subnormal.standard_deviation), (10e-324, Some(5e-324)));
    assert_eq!(subnormal.quartiles[1], 10e-324);
}

#[test]
fn large_and_small_numbers_go_together() {
    let summary = summarize(&[f64::MAX, 5e-324, 0.0, f64::MIN, 1.0]).unwrap();
    assert_eq!((summary.min, summary.max), (f64::MIN, f64::MAX));
    assert_eq!(summary.quartiles, [0.0, 5e-324, 1.0]);
}

#[test]
fn a_negative_zero_is_a_zero() {
    for values in [vec![-0.0], vec![-0.0; 9], vec![-0.0, 0.0], vec![0.0, -0.0]] {
        let summary = summarize(&values).unwrap();
        let [lower, median, upper] = summary.quartiles;
        for result in [summary.min, lower, median, upper, summary.max, summary.mean] {
            assert_eq!(result.to_bits(), 0, "{values:?}: {summary:?}");
        }
    }
    // The mean is half the smallest negative number.
    assert_eq!(summarize(&[-5e-324, 0.0]).unwrap().mean.to_bits(), 0);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn results_are_in_order(values in series()) {
        prop_assume!(!values.is_empty());
        let summary = summarize(&values).unwrap();
        let [lower, median, upper] = summary.quartiles;
        let ordered = [summary.min, lower, median, upper, summary.max];
        prop_assert!(ordered.is_sorted(), "{summary:?}");
        prop_assert!(summary.min <= summary.mean && summary.mean <= summary.max, "{summary:?}");
        prop_assert!(summary.standard_deviation.is_none_or(|deviation| deviation >= 0.0), "{summary:?}");
    }

    #[test]
    fn equal_values_vary_by_nothing(
        value in NORMAL | SUBNORMAL | POSITIVE | NEGATIVE,
        count in 2..3000_usize,
    ) {
        let expected = Summary {
            count,
            min: value,
            max: value,
            mean: value,
            variance: Some(0.0),
            standard_deviation: Some(0.0),
            quartiles: [value; 3],
        };
        prop_assert_eq!(summarize(&vec![value; count]), Ok(expected));
    }

    #[test]
    fn quartiles_are_those_of_the_sorted_series(values in series()) {
        prop_assume!(!values.is_empty());
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len() - 1;
        for (quarters, quartile) in (1..).zip(summarize(&values).unwrap().quartiles) {
            let position = last * quarters;
            let (low, high) = (sorted[position / 4], sorted[(position / 4 + 1).min(last)]);
            let expected = match position % 4 {
                0 => low,
                1 => low * 0.75 + high * 0.25,
                2 => low * 0.5 + high * 0.5,
                _ => low * 0.25 + high * 0.75,
            };
            let rounding = low.abs().max(high.abs()) * 2.0 * f64::EPSILON + 1e-323;
            prop_assert!((quartile - expected).abs() <= rounding, "{quartile} is not {expected}");
        }
    }

    #[test]
    fn integers_have_the_mean_and_variance_of_exact_arithmetic(
        values in prop::collection::vec(-1_000_000_000..1_000_000_000_i64, 2..3000),
        offset in prop_oneof![Just(0), -1_000_000_000_000_000..1_000_000_000_000_000_i64],
    ) {
        let count = values.len() as i128;
        let sum: i128 = values.iter().map(|&value| i128::from(value + offset)).sum();
        let squares: i128 = values.iter().map(|&value| i128::from(value + offset).pow(2)).sum();
        let mean = (sum / count) as f64 + (sum % count) as f64 / count as f64;
        let variance = (count * squares - sum * sum) as f64 / (count * (count - 1)) as f64;

        let values: Vec<f64> = values.iter().map(|&value| (value + offset) as f64).collect();
        let summary = summarize(&values).unwrap();
        // Rounding takes its part of the mean itself and of the deviations from it, which are up to 1e9.
        let rounding = mean.abs() * 1e-15 + 1e9 * 1e-15;
        prop_assert!((summary.mean - mean).abs() <= rounding, "{} is not {mean}", summary.mean);
        let actual = summary.variance.unwrap();
        prop_assert!((actual - variance).abs() <= variance * 1e-13, "{actual} is not {variance}");
    }

    #[test]
    fn a_power_of_two_scales_every_result_exactly(
        values in prop::collection::vec(-1_000_000..1_000_000_i32, 2..2000),
        exponent in -990..990_i32,
    ) {
        let scale = 2.0_f64.powi(exponent);
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let scaled: Vec<f64> = values.iter().map(|value| value * scale).collect();
        let (plain, scaled) = (summarize(&values).unwrap(), summarize(&scaled).unwrap());
        let expected = Summary {
            count: plain.count,
            min: plain.min * scale,
            max: plain.max * scale,
            mean: plain.mean * scale,
            variance: plain.variance.map(|variance| variance * scale * scale),
            standard_deviation: plain.standard_deviation.map(|deviation| deviation * scale),
            quartiles: plain.quartiles.map(|quartile| quartile * scale),
        };
        prop_assert_eq!(scaled, expected);
    }
}
