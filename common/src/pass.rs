//! Passes over a slice, which is where the time goes, and the arithmetic that they share.

use crate::{Error, ErrorKind};

/// The smallest value, the largest, and the sum of all.
///
/// The sum of finite values may overflow, but once a term is not finite, the sum is not either: so a finite
/// sum tells that all values are, at no cost.
pub(crate) fn extent(values: &[f64]) -> [f64; 3] {
    fold_in_lanes(
        values,
        [f64::INFINITY, f64::NEG_INFINITY, 0.0],
        |[min, max, sum], value| [smaller(min, value), larger(max, value), sum + value],
        |left, right| [smaller(left[0], right[0]), larger(left[1], right[1]), left[2] + right[2]],
    )
}

/// The sum of the deviations from a centre, and the sum of their squares.
///
/// Each value is multiplied by the scale first; the centre is given in that scale.
pub(crate) fn deviations(values: &[f64], scale: f64, centre: f64) -> [f64; 2] {
    fold_in_lanes(
        values,
        [0.0, 0.0],
        |[sum, squares], value| {
            let deviation = value * scale - centre;
            [sum + deviation, squares + deviation * deviation]
        },
        |left, right| [left[0] + right[0], left[1] + right[1]],
    )
}

/// An addition takes several cycles, but another one can start at once if it need not wait for the result:
/// four sums side by side take little longer than one, and round less.
fn fold_in_lanes<T: Copy>(values: &[f64], start: T, add: impl Fn(T, f64) -> T, join: impl Fn(T, T) -> T) -> T {
    let (blocks, rest) = values.as_chunks();
    let [mut first, mut second, mut third, mut fourth] = [start; 4];
    // Written out, since a loop over an array of lanes is not unrolled when optimising for size.
    for &[one, two, three, four] in blocks {
        first = add(first, one);
        second = add(second, two);
        third = add(third, three);
        fourth = add(fourth, four);
    }
    for &value in rest {
        first = add(first, value);
    }
    join(join(first, second), join(third, fourth))
}

/// One machine instruction, unlike `f64::min`, which has to heed values that are not numbers.
pub(crate) fn smaller(left: f64, right: f64) -> f64 {
    if right < left { right } else { left }
}

pub(crate) fn larger(left: f64, right: f64) -> f64 {
    if right > left { right } else { left }
}

/// Makes a zero of a negative one, and changes nothing else.
pub(crate) fn unsigned_zero(value: f64) -> f64 {
    value + 0.0
}

/// The power of two that brings the larger magnitude of two extremes to at least 1 and below 2, or as near to
/// that as a normal number can. Being such a power, it changes no digit.
pub(crate) fn scale_of(min: f64, max: f64) -> f64 {
    const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    let magnitude = larger(-min, max).abs();
    // The exponents of a number and of its inverse power of two, as they are stored, add up to this.
    let exponent = 2046_u64.saturating_sub(magnitude.to_bits() >> MANTISSA_BITS);
    f64::from_bits(exponent.max(1) << MANTISSA_BITS)
}

/// The sum of two numbers and what rounding took from it, exactly (Knuth, *The Art of Computer Programming*,
/// volume 2, section 4.2.2, theorem B).
pub(crate) fn sum_and_rest(left: f64, right: f64) -> (f64, f64) {
    let sum = left + right;
    let of_right = sum - left;
    (sum, (left - (sum - of_right)) + (right - of_right))
}

#[expect(clippy::cast_precision_loss, reason = "counts of over 2^53 are weights, which are rounded anyway")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

/// Finds the first value that is not finite.
pub(crate) fn require_finite(values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Error { kind: ErrorKind::NotFinite { index } }),
        None => Ok(()),
    }
}
