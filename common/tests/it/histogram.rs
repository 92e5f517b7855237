//! Bins: where their edges are, and that each value is in one of them, whatever rounding does.

use common::{Error, Histogram, MAX_BINS, histogram};
use proptest::prelude::*;

use crate::series;

#[track_caller]
fn counts(values: &[f64], edges: &[f64], counts: &[u32]) {
    let expected = Histogram { edges: edges.to_vec(), counts: counts.to_vec() };
    assert_eq!(histogram(values, counts.len()), Ok(expected));
}

#[test]
fn a_value_on_an_edge_is_in_the_bin_above_it_except_the_last() {
    counts(&[0.0, 0.5, 1.5, 4.0], &[0.0, 1.0, 2.0, 3.0, 4.0], &[2, 1, 0, 1]);
    counts(&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 3.0], &[1, 1, 2]);
    counts(&[-1.0, 1.0], &[-1.0, 1.0], &[2]);
    assert!(histogram(&[-0.0, 1.0], 2).unwrap().edges[0].is_sign_positive());
    assert_eq!(histogram(&[-5e-324, 5e-324], 4).unwrap().edges[1].to_bits(), 0);
}

#[test]
fn equal_values_have_as_much_to_each_side_as_the_edges_need() {
    counts(&[3.0, 3.0, 3.0], &[2.5, 3.0, 3.5], &[0, 3]);
    counts(&[-0.0, 0.0], &[-0.5, 0.5], &[2]);
    let large = 2_f64.powi(40);
    counts(&[large; 2], &[large - 256.0, large, large + 256.0], &[0, 2]);
    for value in [1e15, -1e300, f64::MAX, f64::MIN] {
        let histogram = histogram(&[value], MAX_BINS).unwrap();
        assert!(histogram.edges.is_sorted_by(|lower, upper| lower < upper), "{value}");
        assert_eq!(histogram.counts.iter().sum::<u32>(), 1);
    }
}

#[test]
fn the_largest_and_the_smallest_ranges_have_edges() {
    let half = f64::MAX / 2.0;
    counts(&[f64::MIN, -half, -1.0, 5e-324, f64::MAX], &[f64::MIN, 0.0, f64::MAX], &[3, 2]);
    counts(&[f64::MAX, f64::MAX, half], &[half, f64::MAX], &[3]);
    let next = 1.0 + f64::EPSILON;
    counts(&[1.0, next, 1.0], &[1.0, 1.0, 1.0, next, next], &[0, 0, 2, 1]);
    counts(&[0.0, 5e-324], &[0.0, 0.0, 5e-324, 5e-324], &[0, 1, 1]);
}

#[test]
fn rejects_what_has_no_histogram() {
    assert_eq!([0, MAX_BINS + 1].map(|bins| histogram(&[], bins)), [(); 2].map(|()| Err(Error::InvalidBins)));
    assert_eq!(Error::InvalidBins.to_string(), "the number of bins must be from 1 to 1048576");
    assert_eq!(histogram(&[], 1), Err(Error::EmptySeries));
    assert_eq!(histogram(&[1.0, f64::INFINITY, f64::NAN], 1), Err(Error::NotFinite { index: 1 }));
}

proptest! {
    #[test]
    fn every_value_is_counted_once_in_the_bin_of_its_edges(values in series(), bins in 1..200_usize) {
        prop_assume!(!values.is_empty());
        let Histogram { edges, counts } = histogram(&values, bins).unwrap();
        prop_assert_eq!(edges.len(), bins + 1);
        prop_assert!(edges.is_sorted() && edges.iter().all(|edge| edge.is_finite()));
        for (bin, &count) in counts.iter().enumerate() {
            let (lower, upper, is_last) = (edges[bin], edges[bin + 1], bin + 1 == bins);
            let is_in = |&&value: &&f64| lower <= value && (value < upper || is_last && value <= upper);
            prop_assert_eq!(values.iter().filter(is_in).count(), count as usize);
        }
        prop_assert_eq!(counts.iter().sum::<u32>() as usize, values.len());
    }
}
