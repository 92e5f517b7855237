//! Bins: where their edges are, and that each value is in one of them, whatever rounding does.

mod support;

use common::{ErrorKind, Histogram, MAX_BINS, histogram};
use proptest::prelude::*;
use support::{config, rejects, series};

// Cargo compares the value: tests that change are built anew, whatever the files' times say.
const _: Option<&str> = option_env!("TESTS_DIGEST");

#[track_caller]
fn counts(values: &[f64], bins: usize, edges: &[f64], counts: &[u32]) {
    let expected = Histogram { edges: edges.to_vec(), counts: counts.to_vec() };
    assert_eq!(histogram(values, bins), Ok(expected));
}

#[test]
fn bins_are_of_equal_width_from_the_smallest_value_to_the_largest() {
    counts(&[0.0, 0.5, 1.5, 4.0], 4, &[0.0, 1.0, 2.0, 3.0, 4.0], &[2, 1, 0, 1]);
    counts(&[-1.0, 1.0], 1, &[-1.0, 1.0], &[2]);
}

#[test]
fn a_value_on_an_edge_is_in_the_bin_above_it_except_the_last() {
    counts(&[0.0, 1.0, 2.0, 3.0], 3, &[0.0, 1.0, 2.0, 3.0], &[1, 1, 2]);
}

#[test]
fn edges_between_integers_are_integers() {
    let values: Vec<f64> = (0..=100).map(f64::from).collect();
    let histogram = histogram(&values, 100).unwrap();
    assert_eq!(histogram.edges, values);
    assert_eq!(histogram.counts[..99], [1; 99]);
    assert_eq!(histogram.counts[99], 2);
}

#[test]
fn equal_values_have_half_a_unit_to_each_side() {
    counts(&[3.0, 3.0, 3.0], 2, &[2.5, 3.0, 3.5], &[0, 3]);
    counts(&[-0.0, 0.0], 1, &[-0.5, 0.5], &[2]);
}

#[test]
fn large_equal_values_have_as_much_as_the_edges_need() {
    let two_to_the_40 = 1_099_511_627_776.0;
    let edges = [two_to_the_40 - 256.0, two_to_the_40, two_to_the_40 + 256.0];
    counts(&[two_to_the_40; 2], 2, &edges, &[0, 2]);

    for value in [1e15, -1e300, f64::MAX, f64::MIN] {
        let histogram = histogram(&[value], MAX_BINS).unwrap();
        assert!(histogram.edges.is_sorted_by(|lower, upper| lower < upper), "{value}");
        assert!(histogram.edges.iter().all(|edge| edge.is_finite()), "{value}");
        assert_eq!(histogram.counts.iter().sum::<u32>(), 1);
    }
}

#[test]
fn a_range_beyond_the_largest_number_does_not_overflow() {
    let half = f64::MAX / 2.0;
    counts(&[f64::MIN, -half, -1.0, 5e-324, f64::MAX], 2, &[f64::MIN, 0.0, f64::MAX], &[3, 2]);
    counts(&[f64::MIN, -half, 0.0, f64::MAX], 1, &[f64::MIN, f64::MAX], &[4]);
    counts(&[f64::MAX, f64::MAX, half], 1, &[half, f64::MAX], &[3]);
}

#[test]
fn edges_coincide_where_there_are_no_numbers_between() {
    let next = 1.0 + f64::EPSILON;
    counts(&[1.0, next, 1.0], 4, &[1.0, 1.0, 1.0, next, next], &[0, 0, 2, 1]);
    counts(&[0.0, 5e-324], 3, &[0.0, 0.0, 5e-324, 5e-324], &[0, 1, 1]);
}

#[test]
fn a_negative_zero_is_a_zero() {
    let histogram = histogram(&[-0.0, 1.0], 2).unwrap();
    assert!(histogram.edges[0].is_sign_positive());
}

#[test]
fn takes_up_to_max_bins() {
    assert_eq!(histogram(&[0.0, 1.0], MAX_BINS).map(|histogram| histogram.counts.len()), Ok(MAX_BINS));
}

#[test]
fn rejects_no_bins_and_too_many() {
    for bins in [0, MAX_BINS + 1, usize::MAX] {
        let message = format!("the number of bins is `{bins}`, expected 1 to 1048576");
        rejects(histogram(&[1.0], bins), "invalid_bins", &message);
        assert_eq!(histogram(&[], bins).unwrap_err().kind(), &ErrorKind::InvalidBins { bins });
    }
}

#[test]
fn rejects_an_empty_series() {
    rejects(histogram(&[], 1), "empty_series", "the series is empty");
}

#[test]
fn rejects_the_first_value_that_is_not_finite() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let values = [1.0, value, f64::NAN, 2.0];
        rejects(histogram(&values, 1), "not_finite", "the value at index 1 is not finite");
    }
}

/// Numbers so close to each other that bins are hardly wider than the steps between them.
fn neighbours() -> impl Strategy<Value = Vec<f64>> {
    let start = (prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL).prop_map(f64::abs);
    (start, prop::collection::vec(0..40_u64, 1..50)).prop_map(|(start, steps)| {
        let bits = start.min(f64::MAX / 2.0).to_bits();
        steps.iter().map(|step| f64::from_bits(bits + step)).collect()
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_value_is_counted_once_in_the_bin_of_its_edges(
        values in prop_oneof![series(), neighbours()],
        bins in 1..200_usize,
    ) {
        prop_assume!(!values.is_empty());
        let histogram = histogram(&values, bins).unwrap();
        let edges = &histogram.edges;
        prop_assert_eq!(edges.len(), bins + 1);
        prop_assert!(edges.is_sorted() && edges.iter().all(|edge| edge.is_finite()));

        let expected: Vec<usize> = (0..bins).map(|bin| {
            let (lower, upper) = (edges[bin], edges[bin + 1]);
            let (below, closed) = (lower..upper, lower..=upper);
            let is_last = bin + 1 == bins;
            values.iter().filter(|value| below.contains(value) || is_last && closed.contains(value)).count()
        }).collect();
        prop_assert_eq!(expected.iter().sum::<usize>(), values.len());
        let counts: Vec<usize> = histogram.counts.iter().map(|&count| count as usize).collect();
        prop_assert_eq!(counts, expected);
    }

    #[test]
    fn widths_are_equal_but_for_rounding(
        min in -1e6..1e6,
        width in 1e-3..1e6,
        bins in 1..1000_u16,
    ) {
        let values = [min, min + width];
        let edges = histogram(&values, bins.into()).unwrap().edges;
        prop_assert_eq!([edges.first(), edges.last()], [values.first(), values.last()]);
        let rounding = 4.0 * f64::EPSILON * (min.abs() + width);
        for pair in edges.windows(2) {
            prop_assert!((pair[1] - pair[0] - (values[1] - values[0]) / f64::from(bins)).abs() <= rounding);
        }
    }
}
