//! Bins of equal width: where their edges are, and which bin a value is in.

use crate::pass::{extent, larger, real, require_finite, scale_of, smaller, unsigned_zero};
use crate::{Error, ErrorKind, Histogram, MAX_BINS};

pub(crate) fn histogram(values: &[f64], bins: usize) -> Result<Histogram, Error> {
    if !(1..=MAX_BINS).contains(&bins) {
        return Err(ErrorKind::InvalidBins.into());
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
    let (slope, offset) = (total / width * scale, total / width * start + ALMOST_HALF);
    for &value in values {
        // Rounding misleads some guesses, and the largest value's bin is one too many: the edges decide.
        let guess = nearest(value * slope - offset);
        let bin = match (edges.get(guess), edges.get(guess.wrapping_add(1))) {
            (Some(&lower), Some(&upper)) if lower <= value && value < upper => guess,
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

/// What is less by this lies nearest to the whole number at or below it, the whole numbers themselves included.
const ALMOST_HALF: f64 = 0.5 - 1e-9;

/// The nearest whole number; what is no `u32` becomes any number.
///
/// From 2^52 on to 2^53 there are whole numbers only, and in their last bits is what was added to the first of them.
/// From the middle, that holds on both sides. A cast that saturates has several branches in WebAssembly.
#[expect(clippy::cast_possible_truncation, reason = "the last bits are meant")]
fn nearest(number: f64) -> usize {
    const MIDDLE: f64 = 1.5 / f64::EPSILON;
    (number + MIDDLE).to_bits() as u32 as usize
}
