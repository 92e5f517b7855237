//! Passes over a slice, which is where the time goes, and the rounding of what they sum.

use crate::{Error, ErrorKind};

/// The extremes and the sum of some values.
///
/// A sum of finite values may overflow, but once a term is not finite, the sum is not either: a finite sum
/// tells that all values are, at no cost.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) sum: f64,
}

pub(crate) fn extent(values: &[f64]) -> Extent {
    let none = Extent { min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0 };
    let add = |lane: Extent, value| Extent {
        min: smaller(lane.min, value),
        max: larger(lane.max, value),
        sum: lane.sum + value,
    };
    let join = |left: Extent, right: Extent| Extent {
        min: smaller(left.min, right.min),
        max: larger(left.max, right.max),
        sum: left.sum + right.sum,
    };
    fold_in_lanes(values, none, add, join)
}

/// The sum of some values' deviations from a centre, and the sum of their squares.
#[derive(Clone, Copy)]
pub(crate) struct Deviations {
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

/// Each value is multiplied by the scale first; the centre is given in that scale.
pub(crate) fn deviations(values: &[f64], scale: f64, centre: f64) -> Deviations {
    let none = Deviations { sum: 0.0, squares: 0.0 };
    let add = |lane: Deviations, value| {
        let deviation = value * scale - centre;
        Deviations { sum: lane.sum + deviation, squares: lane.squares + deviation * deviation }
    };
    let join = |left: Deviations, right: Deviations| Deviations {
        sum: left.sum + right.sum,
        squares: left.squares + right.squares,
    };
    fold_in_lanes(values, none, add, join)
}

/// An addition takes several cycles, but the next one can start at once if it need not wait for the result:
/// four sums side by side take little longer than one. They also round less.
fn fold_in_lanes<T: Copy>(
    values: &[f64],
    start: T,
    add: impl Fn(T, f64) -> T,
    join: impl Fn(T, T) -> T,
) -> T {
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

/// One machine instruction, unlike `f64::min`, which has to care for values that are not numbers.
pub(crate) fn smaller(left: f64, right: f64) -> f64 {
    if right < left { right } else { left }
}

fn larger(left: f64, right: f64) -> f64 {
    if right > left { right } else { left }
}

/// Finds the first value that is not finite.
pub(crate) fn require_finite(values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(ErrorKind::NotFinite { index }.into()),
        None => Ok(()),
    }
}

/// The sum of two numbers and what rounding took from it, exactly (Knuth, *The Art of Computer Programming*,
/// volume 2, section 4.2.2, theorem B).
pub(crate) fn sum_and_rest(left: f64, right: f64) -> (f64, f64) {
    let sum = left + right;
    let of_right = sum - left;
    (sum, (left - (sum - of_right)) + (right - of_right))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a count of over 2^53 is only ever a weight, which is rounded"
)]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}
