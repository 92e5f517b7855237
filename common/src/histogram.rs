//! Bins of equal width: where their edges are, and which bin a value is in.

use serde::Serialize;

use crate::Error;
use crate::numbers::{Sums, larger, require_finite, scale_of, smaller};

/// The largest number of bins that [`histogram()`] takes.
pub const MAX_BINS: usize = 1 << 20;

/// A series counted in bins by [`histogram()`].
///
/// Bin `i` holds the values from `edges[i]` to below `edges[i + 1]`; the last bin also holds those that equal its upper
/// edge. This holds exactly for the edges given here: every value is counted once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    /// The limits of the bins, one more than there are bins. They never decrease. Two are equal only where there are too
    /// few `f64` numbers between the smallest and the largest value.
    pub edges: Vec<f64>,
    /// How many values each bin holds, up to [`u32::MAX`], which only a series of over 32 GiB exceeds.
    pub counts: Vec<u32>,
}

/// Counts a series in bins of equal width, from its smallest to its largest value.
///
/// If all values are equal, the bins reach from half a unit below to half a unit above. Beyond a magnitude of 2³¹, where
/// edges would be equal, they reach that magnitude / 2³² each way, within ±[`f64::MAX`].
///
/// # Errors
///
/// - [`Error::InvalidBins`] if `bins` is 0 or more than [`MAX_BINS`].
/// - [`Error::EmptySeries`] if there are no values.
/// - [`Error::NotFinite`] at the first value that is infinite or not a number.
///
/// # Example
///
/// ```
/// let histogram = common::histogram(&[1.0, 1.5, 2.0, 2.0, 5.0], 4)?;
/// assert_eq!(histogram.edges, [1.0, 2.0, 3.0, 4.0, 5.0]);
/// assert_eq!(histogram.counts, [2, 2, 0, 1]);
/// # Ok::<(), common::Error>(())
/// ```
pub fn histogram(values: &[f64], bins: usize) -> Result<Histogram, Error> {
    if !(1..=MAX_BINS).contains(&bins) {
        return Err(Error::InvalidBins);
    }
    let (min, max) = range(values)?;
    // In this scale the width of the range neither overflows nor underflows.
    let scale = scale_of(min, max);
    let start = min * scale;
    let width = max * scale - start;
    let total = bins as f64;

    let inner = (1..bins).map(|bin| (start + width * bin as f64 / total) / scale + 0.0);
    let edges: Vec<f64> = [min].into_iter().chain(inner).chain([max]).collect();

    let mut counts = vec![0_u32; bins];
    let slope = total / width * scale;
    let offset = total / width * start;
    for &value in values {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a guess, checked below")]
        let guess = (value * slope - offset) as usize;
        // Rounding makes some guesses wrong, and the largest value's guess is one too many: the edges decide.
        let bin = match edges.get(guess..) {
            Some(&[lower, upper, ..]) if lower <= value && value < upper => guess,
            _ => edges.partition_point(|&edge| edge <= value).clamp(1, bins) - 1,
        };
        if let Some(count) = counts.get_mut(bin) {
            *count = count.saturating_add(1);
        }
    }
    Ok(Histogram { edges, counts })
}

/// The first and the last edge, which differ.
fn range(values: &[f64]) -> Result<(f64, f64), Error> {
    values.first().ok_or(Error::EmptySeries)?;
    let Sums { min, max, sum, .. } = Sums::of(values, 1.0, 0.0);
    if !sum.is_finite() {
        // If all values are finite, only their sum overflowed, which does no harm here.
        require_finite(values)?;
    }
    if min < max {
        return Ok((min + 0.0, max + 0.0));
    }
    // Within this distance there are enough `f64` numbers for the edges of `MAX_BINS`.
    let half = larger(min.abs() * f64::EPSILON * MAX_BINS as f64, 0.5);
    Ok((larger(min - half, f64::MIN), smaller(max + half, f64::MAX)))
}
