//! The summary of a series: exact where it can be, right for the smallest and the largest numbers, and equal to
//! what a sort or integers give, which do not round.

use common::{Error, Summary, summarize};
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL};
use proptest::prelude::*;

use crate::series;

/// The summary of equal values.
fn of_equal(value: f64, count: u64, variance: Option<f64>) -> Summary {
    let (mean, quartiles, standard_deviation) = (value, Some([value; 3]), variance);
    Summary { count, min: value, max: value, mean, variance, standard_deviation, quartiles }
}

#[test]
fn describes_a_series() {
    let expected = Summary {
        count: 8,
        min: 2.0,
        max: 9.0,
        mean: 5.0,
        variance: Some(32.0 / 7.0),
        standard_deviation: Some((32.0_f64 / 7.0).sqrt()),
        quartiles: Some([4.0, 4.5, 5.5]),
    };
    assert_eq!(summarize(&[9.0, 4.0, 5.0, 2.0, 4.0, 7.0, 4.0, 5.0]), Ok(expected));
    assert_eq!(summarize(&[-7.25]), Ok(of_equal(-7.25, 1, None)));
}

#[test]
fn rejects_an_empty_series_and_the_first_value_that_is_not_finite() {
    assert_eq!(summarize(&[]), Err(Error::EmptySeries));
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (index, length) in [(0, 1), (1, 2), (3, 3000), (1023, 1024), (1024, 1025), (2999, 3000)] {
            let mut values = vec![1.0; length];
            values[index..].fill(value);
            assert_eq!(summarize(&values), Err(Error::NotFinite { index }));
        }
    }
}

/// `quantile(x, 1:3 / 4)` in R, `numpy.quantile(x, [0.25, 0.5, 0.75])`.
#[test]
fn quartiles_are_those_of_r_and_numpy() {
    let has = |values: &[f64], expected| assert_eq!(summarize(values).unwrap().quartiles, Some(expected));
    has(&[2.0, 1.0], [1.25, 1.5, 1.75]);
    has(&[6.0, 1.0, 5.0, 2.0, 4.0, 3.0], [2.25, 3.5, 4.75]);
    has(&[15.0, 20.0, 35.0, 40.0, 50.0, 70.0, 90.0], [27.5, 40.0, 60.0]);
}

fn close(actual: Option<f64>, expected: f64) -> bool {
    (actual.unwrap() / expected - 1.0).abs() < 1e-15
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let opposite = summarize(&[f64::MAX, f64::MIN]).unwrap();
    assert_eq!((opposite.mean, opposite.quartiles.unwrap()[1]), (0.0, 0.0));
    // Here the sum of squares exceeds `f64::MAX`. For the next values the variance does as well, and for the
    // opposite ones even the standard deviation.
    assert!(close(summarize(&[1e154, -1e154].repeat(5)).unwrap().variance, 1e308 / 0.9));
    let variance = summarize(&[1e200, 3e200]).unwrap();
    assert_eq!((variance.mean, variance.variance), (2e200, Some(f64::INFINITY)));
    assert!(close(variance.standard_deviation, 2e200 * 0.5_f64.sqrt()), "{variance:?}");
    assert_eq!(opposite.standard_deviation, Some(f64::INFINITY));
    // The sum is finite here, but an intermediate result of its rounding error is not.
    let negative = -7.404_607_210_920_012e307;
    let rest = summarize(&[negative, f64::MAX]).unwrap();
    assert!(close(Some(rest.mean), negative / 2.0 + f64::MAX / 2.0), "{rest:?}");
    assert_eq!(rest.variance, Some(f64::INFINITY));
}

#[test]
fn the_smallest_numbers_do_not_vanish() {
    let tiny = summarize(&[2e-300, 4e-300]).unwrap();
    assert_eq!((tiny.mean, tiny.variance), (3e-300, Some(0.0)));
    assert!(close(tiny.standard_deviation, 2e-300 * 0.5_f64.sqrt()), "{tiny:?}");
    let subnormal = summarize(&[5e-324, 15e-324, 10e-324]).unwrap();
    assert_eq!((subnormal.mean, subnormal.standard_deviation), (10e-324, Some(5e-324)));
    let both = summarize(&[f64::MAX, 5e-324, 0.0, f64::MIN, 1.0]).unwrap();
    assert_eq!(both.quartiles, Some([0.0, 5e-324, 1.0]));
}

#[test]
fn a_negative_zero_is_a_zero() {
    for values in [vec![-0.0], vec![-0.0; 9], vec![0.0, -0.0], vec![-5e-324, 0.0]] {
        let Summary { max, mean, quartiles, .. } = summarize(&values).unwrap();
        assert_eq!([max, mean, quartiles.unwrap()[2]].map(f64::to_bits), [0; 3], "{values:?}");
    }
}

proptest! {
    #[test]
    fn results_are_in_order_and_quartiles_are_those_of_the_sorted_series(values in series()) {
        prop_assume!(!values.is_empty());
        let Summary { min, max, mean, variance, quartiles, .. } = summarize(&values).unwrap();
        let [lower, median, upper] = quartiles.unwrap();
        prop_assert!([min, lower, median, upper, max].is_sorted() && min <= mean && mean <= max);
        prop_assert!(variance.is_none_or(|variance| variance >= 0.0), "{variance:?}");

        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        for (quarters, quartile) in (1..).zip([lower, median, upper]) {
            let position = (sorted.len() - 1) * quarters;
            let (low, high) = (sorted[position / 4], sorted[(position / 4 + 1).min(sorted.len() - 1)]);
            let share = (position % 4) as f64 / 4.0;
            let expected = low * (1.0 - share) + high * share;
            let rounding = low.abs().max(high.abs()) * 2.0 * f64::EPSILON + 1e-323;
            prop_assert!((quartile - expected).abs() <= rounding, "{quartile} is not {expected}");
        }
    }

    #[test]
    fn equal_values_vary_by_nothing(value in NORMAL | SUBNORMAL | POSITIVE | NEGATIVE, count in 2..3000_u16) {
        prop_assert_eq!(summarize(&vec![value; count.into()]), Ok(of_equal(value, count.into(), Some(0.0))));
    }

    #[test]
    fn integers_have_the_variance_of_exact_arithmetic(
        values in prop::collection::vec(-1_000_000_000..1_000_000_000_i64, 2..3000),
    ) {
        let sum_of = |power| values.iter().map(|&value| i128::from(value).pow(power)).sum::<i128>();
        let (count, sum) = (values.len() as i128, sum_of(1));
        let exact = (count * sum_of(2) - sum * sum) as f64 / (count * (count - 1)) as f64;
        let values: Vec<f64> = values.iter().map(|&value| value as f64).collect();
        let variance = summarize(&values).unwrap().variance.unwrap();
        prop_assert!((variance - exact).abs() <= exact * 1e-13, "{variance} is not {exact}");
    }
}
