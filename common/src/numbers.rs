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

/// What the first pass over a part finds.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) sum: f64,
    /// What rounding cut off from the sum.
    pub(crate) rest: f64,
}

impl Extent {
    const NONE: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0, rest: 0.0 };

    /// The extremes of `value * scale`, and their sum by `Sum2` of Ogita, Rump and Oishi, *Accurate Sum and Dot Product*,
    /// SIAM Journal on Scientific Computing 26 (2005). If a value is not finite, neither is the sum.
    pub(crate) fn of(values: &[f64], scale: f64) -> Self {
        // Four side by side, as in `pass`.
        let (blocks, rest) = values.as_chunks();
        let [mut first, mut second, mut third, mut fourth] = [Self::NONE; 4];
        for &[one, two, three, four] in blocks {
            first = first.with(one * scale);
            second = second.with(two * scale);
            third = third.with(three * scale);
            fourth = fourth.with(four * scale);
        }
        let first = rest.iter().fold(first, |extent, &value| extent.with(value * scale));
        first.joined(second).joined(third.joined(fourth))
    }

    #[allow(clippy::inline_always, reason = "it is the body of the loop")]
    #[inline(always)]
    fn with(self, value: f64) -> Self {
        let (sum, rest) = sum_and_rest(self.sum, value);
        Self { min: smaller(self.min, value), max: larger(self.max, value), sum, rest: self.rest + rest }
    }

    fn joined(self, other: Self) -> Self {
        let (sum, rest) = sum_and_rest(self.sum, other.sum);
        let (min, max) = (smaller(self.min, other.min), larger(self.max, other.max));
        Self { min, max, sum, rest: self.rest + other.rest + rest }
    }
}

/// The sum of two numbers and its rounding error, exactly: Knuth, *The Art of Computer Programming*, volume 2,
/// section 4.2.2, theorem B.
pub(crate) fn sum_and_rest(left: f64, right: f64) -> (f64, f64) {
    let sum = left + right;
    let of_right = sum - left;
    (sum, (left - (sum - of_right)) + (right - of_right))
}

/// The product of two numbers and its rounding error, exactly, by Dekker's and Veltkamp's method: `f64::mul_add` would be
/// a long computation on WebAssembly.
pub(crate) fn product_and_rest(left: f64, right: f64) -> (f64, f64) {
    let product = left * right;
    let ((left_high, left_low), (right_high, right_low)) = (halves(left), halves(right));
    let rest =
        left_low * right_low - (((product - left_high * right_high) - left_low * right_high) - left_high * right_low);
    (product, rest)
}

/// Two numbers of half as many digits, whose sum it is.
fn halves(number: f64) -> (f64, f64) {
    // 2 to the power of 27, plus 1.
    let shifted = number * 134_217_729.0;
    let high = shifted - (shifted - number);
    (high, number - high)
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
