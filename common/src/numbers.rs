//! Passes over a slice, which is where the time goes, and the arithmetic that they share.

use crate::Error;

/// The smallest, the largest, the sum and the sum of the squares of `value * scale - centre`.
///
/// A sum of finite values may overflow, but once a term is not finite, the sum is not either: so a finite sum
/// tells that all values are, at no cost.
#[allow(clippy::inline_always, reason = "a caller that needs but some of the sums pays for no other")]
#[inline(always)]
pub(crate) fn pass(values: &[f64], scale: f64, centre: f64) -> [f64; 4] {
    let add = |[min, max, sum, squares]: [f64; 4], value: f64| {
        let value = value * scale - centre;
        [smaller(min, value), larger(max, value), sum + value, squares + value * value]
    };
    let join = |left: [f64; 4], right: [f64; 4]| {
        [smaller(left[0], right[0]), larger(left[1], right[1]), left[2] + right[2], left[3] + right[3]]
    };
    // An addition waits for the one before: four sums side by side take little longer than one. Written out,
    // since a loop over an array of sums is not unrolled when optimising for size.
    let (blocks, rest) = values.as_chunks();
    let [mut first, mut second, mut third, mut fourth] = [[f64::INFINITY, f64::NEG_INFINITY, 0.0, 0.0]; 4];
    for &[one, two, three, four] in blocks {
        first = add(first, one);
        second = add(second, two);
        third = add(third, three);
        fourth = add(fourth, four);
    }
    let first = rest.iter().fold(first, |sums, &value| add(sums, value));
    join(join(first, second), join(third, fourth))
}

/// One machine instruction, unlike `f64::min`, which has to heed values that are not numbers.
pub(crate) fn smaller(left: f64, right: f64) -> f64 {
    if right < left { right } else { left }
}

pub(crate) fn larger(left: f64, right: f64) -> f64 {
    if right > left { right } else { left }
}

/// A power of two by which numbers up to this magnitude are multiplied, so that no square of them overflows or
/// vanishes. Being such a power, it changes no digit.
pub(crate) fn scale_of(min: f64, max: f64) -> f64 {
    match larger(-min, max) {
        // 2 to the power of 700, and of -700.
        ..1e-100 => 5.260_135_901_548_374e210,
        1e100.. => 1.901_091_566_295_16e-211,
        _ => 1.0,
    }
}

/// Finds the first value that is not finite.
pub(crate) fn require_finite(values: &[f64]) -> Result<(), Error> {
    let found = values.iter().position(|value| !value.is_finite());
    found.map_or(Ok(()), |index| Err(Error::NotFinite { index }))
}
