//! The pass over a slice, where the time goes, and arithmetic that several modules share.

use crate::Error;

/// The smallest, the largest, the sum and the sum of the squares of `value * scale - centre`.
///
/// If a value is not finite, neither is the sum. So a finite sum shows, at no cost, that all values are finite.
#[allow(clippy::inline_always, reason = "a caller that needs only some of the sums pays for no other")]
#[inline(always)]
pub(crate) fn pass(values: &[f64], scale: f64, centre: f64) -> [f64; 4] {
    let add = |[min, max, sum, squares]: [f64; 4], value: f64| {
        let value = value * scale - centre;
        [smaller(min, value), larger(max, value), sum + value, squares + value * value]
    };
    let join = |left: [f64; 4], right: [f64; 4]| {
        [smaller(left[0], right[0]), larger(left[1], right[1]), left[2] + right[2], left[3] + right[3]]
    };
    // Each addition waits for the one before, so four sums side by side take little longer than one. They are written
    // out because the compiler does not unroll a loop over them when it optimises for size.
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

/// One machine instruction, unlike `f64::min`, which has to handle NaN.
pub(crate) fn smaller(left: f64, right: f64) -> f64 {
    if right < left { right } else { left }
}

pub(crate) fn larger(left: f64, right: f64) -> f64 {
    if right > left { right } else { left }
}

/// A power of two. Multiplied by it, numbers of this range have squares that neither overflow nor underflow, and no digit
/// changes.
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
