//! The count, extremes, mean and squared deviations of a series, from its values or from those of its parts.
//!
//! A part in memory is passed over twice: for its mean, then for the deviations from it, which also correct
//! that mean. Parts are united by the pairwise update. Both are of Chan, Golub and Leveque, *Algorithms for
//! Computing the Sample Variance*, The American Statistician 37 (1983); for a part of one value the update is
//! that of Welford, *Note on a Method for Calculating Corrected Sums of Squares and Products*,
//! Technometrics 4 (1962).
//!
//! Two things are added. The mean is a sum of two numbers, so that it does not drift while a long series is
//! pushed. And all is computed in a scale, a power of two by which the largest magnitude comes near one, so
//! that no square overflows or vanishes; such a factor changes no digit.

use crate::pass::{deviations, extent, real, require_finite, sum_and_rest};
use crate::{Accumulator, Error, ErrorKind, Moments};

/// Few enough values that the second pass finds them in the fastest cache, and enough to make little of the
/// merge that follows. It is also what keeps the rounding of sums small however long the series.
const PART: usize = 1024;

pub(crate) fn push(accumulator: &mut Accumulator, value: f64) -> Result<(), Error> {
    require_finite(&[value])?;
    let scale = scale_of(value, value);
    let single = Accumulator {
        count: 1,
        min: value,
        max: value,
        scale,
        mean: value * scale,
        mean_rest: 0.0,
        squares: 0.0,
    };
    merge(accumulator, &single);
    Ok(())
}

pub(crate) fn push_slice(accumulator: &mut Accumulator, values: &[f64]) -> Result<(), Error> {
    let mut united = accumulator.clone();
    for part in values.chunks(PART) {
        let part = describe(part);
        // A value that is not finite leaves its mark on the mean; no overflow does, thanks to the scale.
        if !part.mean.is_finite() {
            require_finite(values)?;
        }
        merge(&mut united, &part);
    }
    *accumulator = united;
    Ok(())
}

fn describe(values: &[f64]) -> Accumulator {
    let extent = extent(values);
    let scale = scale_of(extent.min, extent.max);
    let count = values.len() as u64;
    let centre = if extent.min >= extent.max {
        // Equal values deviate by nothing, not by what rounding makes of their sum.
        extent.min * scale
    } else if extent.sum.is_finite() {
        extent.sum * scale / real(count)
    } else {
        deviations(values, scale, 0.0).sum / real(count)
    };
    let from_centre = deviations(values, scale, centre);
    let correction = from_centre.sum / real(count);
    let (mean, mean_rest) = sum_and_rest(centre, correction);
    let squares = (from_centre.squares - from_centre.sum * correction).max(0.0);
    Accumulator { count, min: extent.min, max: extent.max, scale, mean, mean_rest, squares }
}

pub(crate) fn merge(left: &mut Accumulator, right: &Accumulator) {
    if right.count == 0 {
        return;
    }
    if left.count == 0 {
        *left = right.clone();
        return;
    }
    // The smaller scale belongs to the larger magnitude. What vanishes in it is too small to count.
    let scale = if right.scale < left.scale { right.scale } else { left.scale };
    let (left_factor, right_factor) = (scale / left.scale, scale / right.scale);
    let left_mean = left.mean * left_factor;
    let left_rest = left.mean_rest * left_factor;
    let distance = (right.mean * right_factor - left_mean) + (right.mean_rest * right_factor - left_rest);

    let share = real(right.count) / (real(left.count) + real(right.count));
    let squares = left.squares * left_factor * left_factor
        + right.squares * right_factor * right_factor
        + distance * distance * (real(left.count) * share);
    let (mean, mean_rest) = sum_and_rest(left_mean, left_rest + distance * share);
    *left = Accumulator {
        count: left.count.saturating_add(right.count),
        min: if right.min < left.min { right.min } else { left.min },
        max: if right.max > left.max { right.max } else { left.max },
        scale,
        mean,
        mean_rest,
        squares,
    };
}

pub(crate) fn summary(accumulator: &Accumulator) -> Result<Moments, Error> {
    let &Accumulator { count, min, max, scale, mean, squares, .. } = accumulator;
    if count == 0 {
        return Err(ErrorKind::EmptySeries.into());
    }
    let variance = (count > 1).then(|| squares / real(count - 1));
    Ok(Moments {
        count,
        // To add zero makes a zero of a negative one, and changes nothing else.
        min: min + 0.0,
        max: max + 0.0,
        mean: mean / scale + 0.0,
        // The square of the scale could overflow or vanish, so divide by it in two steps.
        variance: variance.map(|variance| variance / scale / scale),
        standard_deviation: variance.map(|variance| variance.sqrt() / scale),
    })
}

/// The power of two that brings the larger magnitude of two extremes to at least 1 and below 2, or as near to
/// that as a normal number can: below 4 for the largest magnitudes, below 1 for subnormal ones.
fn scale_of(min: f64, max: f64) -> f64 {
    const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    let magnitude = if -min > max { -min } else { max };
    // The exponents of a number and of its inverse power of two, as they are stored, add up to this.
    let exponent = 2046_u64.saturating_sub(magnitude.abs().to_bits() >> MANTISSA_BITS);
    f64::from_bits(exponent.max(1) << MANTISSA_BITS)
}
