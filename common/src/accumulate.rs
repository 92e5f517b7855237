//! The count, extremes, mean and squared deviations of a series, from its values or from those of its parts.
//!
//! A part in memory is passed over twice: for its mean, then for the deviations from it, which also correct
//! that mean. Parts are united by the pairwise update. Both are of Chan, Golub and Leveque, *Algorithms for
//! Computing the Sample Variance*, The American Statistician 37 (1983). For a part of one value the update is
//! that of Welford, *Note on a Method for Calculating Corrected Sums …*, Technometrics 4 (1962).
//!
//! Two things are added. The mean is a sum of two numbers, so that it does not drift while a long series is
//! pushed. And all is computed in a scale by which the largest magnitude comes near one, so that no square
//! overflows or vanishes.

use crate::pass::{deviations, extent, larger, real, require_finite, scale_of, smaller, sum_and_rest, unsigned_zero};
use crate::{Accumulator, Error, ErrorKind, Moments};

/// Few enough values that the second pass finds them in the fastest cache, and enough to make little of the
/// merge that follows. It also bounds the rounding of sums, however long the series.
const PART: usize = 1024;

pub(crate) fn push(accumulator: &mut Accumulator, value: f64) -> Result<(), Error> {
    require_finite(&[value])?;
    let scale = scale_of(value, value);
    let mean = value * scale;
    let one = Accumulator { count: 1, min: value, max: value, scale, mean, mean_rest: 0.0, squares: 0.0 };
    merge(accumulator, &one);
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
    let [min, max, sum] = extent(values);
    let scale = scale_of(min, max);
    let count = values.len() as u64;
    let centre = if sum.is_finite() {
        sum * scale / real(count)
    } else {
        let [sum, _] = deviations(values, scale, 0.0);
        sum / real(count)
    };
    let [sum, squares] = deviations(values, scale, centre);
    let correction = sum / real(count);
    let (mean, mean_rest) = sum_and_rest(centre, correction);
    Accumulator { count, min, max, scale, mean, mean_rest, squares: larger(squares - sum * correction, 0.0) }
}

pub(crate) fn merge(left: &mut Accumulator, right: &Accumulator) {
    if right.count == 0 {
        return;
    }
    if left.count == 0 {
        *left = right.clone();
        return;
    }
    // The smaller scale is that of the larger magnitude. What vanishes in it is too small to count.
    let scale = smaller(left.scale, right.scale);
    let rescale = |part: &Accumulator| {
        let factor = scale / part.scale;
        (part.mean * factor, part.mean_rest * factor, part.squares * factor * factor)
    };
    let (left_mean, left_rest, left_squares) = rescale(left);
    let (right_mean, right_rest, right_squares) = rescale(right);

    let distance = (right_mean - left_mean) + (right_rest - left_rest);
    let share = real(right.count) / (real(left.count) + real(right.count));
    let (mean, mean_rest) = sum_and_rest(left_mean, left_rest + distance * share);
    *left = Accumulator {
        count: left.count.saturating_add(right.count),
        min: smaller(left.min, right.min),
        max: larger(left.max, right.max),
        scale,
        mean,
        mean_rest,
        squares: left_squares + right_squares + distance * distance * (real(left.count) * share),
    };
}

pub(crate) fn summary(accumulator: &Accumulator) -> Result<Moments, Error> {
    let &Accumulator { count, min, max, scale, mean, squares, .. } = accumulator;
    if count == 0 {
        return Err(Error { kind: ErrorKind::EmptySeries });
    }
    let variance = (count > 1).then(|| squares / real(count - 1));
    Ok(Moments {
        count,
        min: unsigned_zero(min),
        max: unsigned_zero(max),
        mean: unsigned_zero(mean / scale),
        // In two steps, since the square of the scale could overflow or vanish.
        variance: variance.map(|variance| variance / scale / scale),
        standard_deviation: variance.map(|variance| variance.sqrt() / scale),
    })
}
