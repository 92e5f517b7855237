//! A series that comes piece by piece: the results are those of the whole, however it is cut.

mod support;

use common::{Accumulator, Error, Moments, summarize};
use proptest::prelude::*;
use support::{config, rejects, series};

// Cargo compares the value: tests that change are built anew, whatever the files' times say.
const _: Option<&str> = option_env!("TESTS_DIGEST");

fn one_by_one(values: &[f64]) -> Result<Accumulator, Error> {
    let mut accumulator = Accumulator::new();
    for &value in values {
        accumulator.push(value)?;
    }
    Ok(accumulator)
}

fn at_once(values: &[f64]) -> Result<Accumulator, Error> {
    let mut accumulator = Accumulator::new();
    accumulator.push_slice(values)?;
    Ok(accumulator)
}

#[test]
fn describes_what_was_added() {
    let mut accumulator = Accumulator::new();
    accumulator.push(2.0).unwrap();
    accumulator.push_slice(&[4.0, 4.0, 4.0]).unwrap();
    accumulator.merge(&at_once(&[5.0, 5.0, 7.0, 9.0]).unwrap());
    assert_eq!(accumulator.count(), 8);
    let Moments { count, min, max, mean, variance, standard_deviation } = accumulator.summary().unwrap();
    assert_eq!((count, min, max, mean), (8, 2.0, 9.0, 5.0));
    assert!(variance.is_some_and(|variance| (variance - 32.0 / 7.0).abs() < 1e-15));
    assert_eq!(standard_deviation, variance.map(f64::sqrt));
}

#[test]
fn has_no_summary_of_nothing() {
    for accumulator in [Accumulator::new(), Accumulator::default(), at_once(&[]).unwrap()] {
        assert_eq!(accumulator.count(), 0);
        rejects(accumulator.summary(), "empty_series", "the series is empty");
    }
}

#[test]
fn a_single_value_has_no_variance() {
    let expected = Moments { count: 1, min: 0.1, max: 0.1, mean: 0.1, variance: None, standard_deviation: None };
    assert_eq!(one_by_one(&[0.1]).unwrap().summary(), Ok(expected));
    assert_eq!(at_once(&[0.1]).unwrap().summary(), Ok(expected));
}

#[test]
fn equal_values_vary_by_nothing() {
    let values = vec![0.1; 3000];
    for accumulator in [one_by_one(&values).unwrap(), at_once(&values).unwrap()] {
        let moments = accumulator.summary().unwrap();
        assert_eq!((moments.mean, moments.variance), (0.1, Some(0.0)));
    }
}

#[test]
fn a_value_that_is_not_finite_is_not_added() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut accumulator = at_once(&[1.0, 2.0]).unwrap();
        let before = accumulator.summary();
        rejects(accumulator.push(value), "not_finite", "the value at index 0 is not finite");
        assert_eq!(accumulator.summary(), before);
    }
}

#[test]
fn a_slice_with_a_value_that_is_not_finite_is_not_added_at_all() {
    let mut accumulator = at_once(&[1.0, 2.0]).unwrap();
    let before = accumulator.summary();
    let mut values = vec![3.0; 2500];
    values[2048] = f64::NAN;
    values[2049] = f64::INFINITY;
    rejects(accumulator.push_slice(&values), "not_finite", "the value at index 2048 is not finite");
    assert_eq!(accumulator.summary(), before);
}

#[test]
fn nothing_merged_changes_nothing() {
    let mut accumulator = at_once(&[1.0, 2.0]).unwrap();
    let before = accumulator.summary();
    accumulator.merge(&Accumulator::new());
    assert_eq!(accumulator.summary(), before);

    let mut empty = Accumulator::new();
    empty.merge(&accumulator);
    assert_eq!(empty.summary(), before);
}

#[test]
fn the_mean_does_not_drift() {
    // A mean kept in 64 bits would be off by its last digits after so many updates.
    let values = [1.1, 1.3].repeat(100_000);
    assert_eq!(one_by_one(&values).unwrap().summary().map(|moments| moments.mean), Ok(1.2));
}

#[test]
fn the_count_stops_at_its_limit() {
    let mut accumulator = at_once(&[1.0, 3.0]).unwrap();
    for _ in 0..70 {
        accumulator.merge(&accumulator.clone());
    }
    let moments = accumulator.summary().unwrap();
    assert_eq!((moments.count, moments.mean, moments.max), (u64::MAX, 2.0, 3.0));
}

/// Whether results are equal but for rounding.
fn agree(left: &Moments, right: &Moments) -> bool {
    let close = |left: f64, right: f64, size: f64| {
        left.total_cmp(&right).is_eq() || (left - right).abs() <= size * 1e-13 + 1e-323
    };
    let [one, other] = [left, right].map(|moments| moments.standard_deviation.unwrap_or(-1.0));
    (left.count, left.min, left.max) == (right.count, right.min, right.max)
        && close(left.mean, right.mean, left.min.abs().max(left.max.abs()))
        && close(one, other, one)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn one_by_one_is_as_good_as_at_once(values in series()) {
        prop_assume!(!values.is_empty());
        let whole = at_once(&values).unwrap().summary().unwrap();
        let pushed = one_by_one(&values).unwrap().summary().unwrap();
        prop_assert!(agree(&whole, &pushed), "{whole:?} {pushed:?}");
    }

    #[test]
    fn at_once_is_what_summarize_tells(values in series()) {
        let moments = at_once(&values).unwrap().summary();
        let expected = summarize(&values).map(|summary| Moments {
            count: summary.count as u64,
            min: summary.min,
            max: summary.max,
            mean: summary.mean,
            variance: summary.variance,
            standard_deviation: summary.standard_deviation,
        });
        prop_assert_eq!(moments, expected);
    }

    #[test]
    fn any_split_merges_to_the_whole(
        values in series(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        prop_assume!(!values.is_empty());
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(values.len() + 1)).collect();
        cuts.extend([0, values.len()]);
        cuts.sort_unstable();
        let mut merged = Accumulator::new();
        for (index, cut) in cuts.windows(2).enumerate() {
            let piece = &values[cut[0]..cut[1]];
            let part = if index % 2 == 0 { at_once(piece) } else { one_by_one(piece) };
            merged.merge(&part.unwrap());
        }
        let whole = at_once(&values).unwrap().summary().unwrap();
        let merged = merged.summary().unwrap();
        prop_assert!(agree(&whole, &merged), "{whole:?} {merged:?}");
    }
}
