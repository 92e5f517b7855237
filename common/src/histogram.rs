//! Bins of equal width: where their edges are, and which bin a value is in.

use crate::pass::{Extent, extent, real, require_finite};
use crate::{Error, ErrorKind, Histogram, MAX_BINS};

pub(crate) fn histogram(values: &[f64], bins: usize) -> Result<Histogram, Error> {
    if !(1..=MAX_BINS).contains(&bins) {
        return Err(ErrorKind::InvalidBins { bins }.into());
    }
    let (min, max) = range(values)?;
    // Neither the width of the range nor `MAX_BINS` times it overflows in this scale. A smaller range keeps its
    // own, as its digits could vanish.
    let scale = if max - min < f64::MAX * SHRINK { 1.0 } else { SHRINK };
    let start = min * scale;
    let width = max * scale - start;
    let count = real(bins as u64);

    let inner = (1..bins).map(|bin| (start + width * real(bin as u64) / count) / scale);
    // While counting, the last bin has no upper limit: so it holds the largest value as well.
    let mut edges: Vec<f64> = [min].into_iter().chain(inner).chain([f64::INFINITY]).collect();
    let mut counts = vec![0_u32; bins];
    let bins_per_unit = count / width;
    for &value in values {
        let bin = find(&edges, value, (value * scale - start) * bins_per_unit);
        if let Some(count) = counts.get_mut(bin) {
            *count = count.saturating_add(1);
        }
    }
    if let Some(last) = edges.last_mut() {
        *last = max;
    }
    Ok(Histogram { edges, counts })
}

/// What numbers are multiplied by in order not to overflow: less than one by `MAX_BINS`.
const SHRINK: f64 = 1.0 / (1_u32 << 24) as f64;

/// The limits of the histogram, which differ.
fn range(values: &[f64]) -> Result<(f64, f64), Error> {
    if values.is_empty() {
        return Err(ErrorKind::EmptySeries.into());
    }
    let Extent { min, max, sum } = extent(values);
    if !sum.is_finite() {
        // Or else the sum of finite values overflowed, which is no matter here.
        require_finite(values)?;
    }
    if min < max {
        // To add zero makes a zero of a negative one, and changes nothing else.
        return Ok((min + 0.0, max + 0.0));
    }
    // Twice this is wide enough for `MAX_BINS` steps from a number to the next.
    let half = (min.abs() * f64::EPSILON * real(MAX_BINS as u64)).max(0.5);
    Ok(((min - half).max(f64::MIN), (max + half).min(f64::MAX)))
}

/// The bin that a value is in. The guess may be off by rounding, so it stands only if the edges bear it out.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a guess that is no index, or not even a number, becomes one that the edges do not bear out"
)]
fn find(edges: &[f64], value: f64, guess: f64) -> usize {
    let guess = guess as usize;
    match edges.get(guess..) {
        Some(&[lower, upper, ..]) if lower <= value && value < upper => guess,
        _ => edges.partition_point(|&edge| edge <= value).saturating_sub(1),
    }
}
