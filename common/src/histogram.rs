//! Bins of equal width: where their edges are, and which bin a value is in.

use crate::pass::{extent, larger, real, require_finite, scale_of, smaller, unsigned_zero};
use crate::{Error, ErrorKind, Histogram, MAX_BINS};

pub(crate) fn histogram(values: &[f64], bins: usize) -> Result<Histogram, Error> {
    if !(1..=MAX_BINS).contains(&bins) {
        return Err(Error { kind: ErrorKind::InvalidBins { bins } });
    }
    let (min, max) = range(values)?;
    // In this scale the width of the range neither overflows nor vanishes.
    let scale = scale_of(min, max);
    let start = min * scale;
    let width = max * scale - start;
    let total = real(bins as u64);

    let inner = (1..bins).map(|bin| (start + width * real(bin as u64) / total) / scale);
    // While counting, nothing is beyond the last edge, so that the last bin holds the largest value, too.
    let mut edges: Vec<f64> = [min].into_iter().chain(inner).chain([f64::INFINITY]).collect();
    let mut counts = vec![0_u32; bins];
    let bins_per_unit = total / width;
    for &value in values {
        // The guess for the largest value is one too many, and rounding may mislead others: the edges decide.
        let guess = index((value * scale - start) * bins_per_unit).min(bins - 1);
        let bin = match edges.get(guess..) {
            Some(&[lower, upper, ..]) if lower <= value && value < upper => guess,
            _ => edges.partition_point(|&edge| edge <= value).saturating_sub(1),
        };
        if let Some(count) = counts.get_mut(bin) {
            *count = count.saturating_add(1);
        }
    }
    if let Some(last) = edges.last_mut() {
        *last = max;
    }
    Ok(Histogram { edges, counts })
}

/// The limits of the histogram, which differ.
fn range(values: &[f64]) -> Result<(f64, f64), Error> {
    if values.is_empty() {
        return Err(Error { kind: ErrorKind::EmptySeries });
    }
    let [min, max, sum] = extent(values);
    if !sum.is_finite() {
        // If all values are finite nonetheless, their sum overflowed, which is no matter here.
        require_finite(values)?;
    }
    if min < max {
        return Ok((unsigned_zero(min), unsigned_zero(max)));
    }
    // So near to a number there are others enough for the edges of `MAX_BINS`.
    let half = larger(min.abs() * f64::EPSILON * real(MAX_BINS as u64), 0.5);
    Ok((larger(min - half, f64::MIN), smaller(max + half, f64::MAX)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no index becomes the nearest one, or 0: the guess is checked anyway"
)]
fn index(guess: f64) -> usize {
    guess as usize
}
