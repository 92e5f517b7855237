//! The summary of a whole series: what an accumulator gives, and quartiles, which need all values at once.

use std::cmp::Ordering;

use serde::Serialize;

use crate::{Accumulator, Error, numbers::smaller};

/// The results of [`summarize()`], and of an [`Accumulator`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// How many values there are: at least one.
    pub count: u64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample variance (the divisor is `count - 1`); `None` for a single value. It is infinite if it exceeds
    /// [`f64::MAX`], which takes deviations of about 1e154.
    pub variance: Option<f64>,
    /// The square root of the exact variance, so it may be finite and positive where `variance` is infinite or zero.
    /// `None` for a single value.
    pub standard_deviation: Option<f64>,
    /// The values at a quarter, a half (the median) and three quarters of the sorted series, interpolated by definition 7
    /// of Hyndman and Fan, *Sample Quantiles in Statistical Packages*, The American Statistician 50 (1996), as R and
    /// `NumPy` do by default. `None` from an accumulator, which keeps no values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quartiles: Option<[f64; 3]>,
}

/// Describes a series, in time proportional to its length and with one copy of it.
///
/// # Errors
///
/// - [`Error::EmptySeries`] if there are no values.
/// - [`Error::NotFinite`] at the first value that is infinite or not a number.
/// - [`Error::OutOfMemory`] if there is no room for the copy.
///
/// # Example
///
/// ```
/// let summary = common::summarize(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])?;
/// assert_eq!((summary.count, summary.min, summary.max, summary.mean), (8, 2.0, 9.0, 5.0));
/// assert_eq!(summary.variance, Some(32.0 / 7.0));
/// assert_eq!(summary.quartiles, Some([4.0, 4.5, 5.5]));
/// # Ok::<(), common::Error>(())
/// ```
pub fn summarize(values: &[f64]) -> Result<Summary, Error> {
    let mut accumulator = Accumulator::default();
    accumulator.push_slice(values)?;
    let summary = accumulator.summary()?;

    let mut copy = Vec::new();
    copy.try_reserve_exact(values.len()).map_err(|_| Error::OutOfMemory)?;
    copy.extend_from_slice(values);
    Ok(Summary { quartiles: quartiles(&mut copy), ..summary })
}

/// The quartiles of finite values; `None` if there are no values.
///
/// Quartile `k` of `n` sorted values is at position `(n - 1) * k / 4`, from 0. That needs no full sort: a
/// selection puts the right value there and no smaller one after it. After the median, the lower quartile is selected
/// from the values before it, and the upper one from the values after it.
fn quartiles(values: &mut [f64]) -> Option<[f64; 3]> {
    let last = values.len().checked_sub(1)?;
    let [lower, median, upper] = [1, 2, 3].map(|quarters| last * quarters / 4);
    // All are finite, so they have an order; `f64::total_cmp` would take longer.
    let order = |left: &f64, right: &f64| left.partial_cmp(right).unwrap_or(Ordering::Equal);
    let (below, _, above) = values.select_nth_unstable_by(median, order);
    if lower < median {
        below.select_nth_unstable_by(lower, order);
    }
    if median < upper {
        above.select_nth_unstable_by(upper - median - 1, order);
    }

    let quartile = |quarters: usize| {
        let (&value, after) = values.get(quarters / 4..)?.split_first()?;
        // The next value in order is the smallest of those after it, up to the next quartile.
        let next = after.iter().take(last / 4 + 2).copied().reduce(smaller).unwrap_or(value);
        let share = (quarters % 4) as f64 / 4.0;
        let distance = next - value;
        let between =
            if distance.is_finite() { value + distance * share } else { value * (1.0 - share) + next * share };
        Some(0.0 + between)
    };
    Some([quartile(last)?, quartile(last * 2)?, quartile(last * 3)?])
}
