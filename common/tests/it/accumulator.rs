//! A series that comes piece by piece: the results are those of the whole, however it is cut.

use common::{Accumulator, Error, Summary, summarize};
use proptest::prelude::*;

use crate::{config, series};

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
    let values = [1.1, 1.3].repeat(100_000);
    assert_eq!(one_by_one(&values).summary().map(|summary| summary.mean), Ok(1.2));
}

/// Whether results are equal but for rounding.
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

proptest! {
    #![proptest_config(config())]

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
