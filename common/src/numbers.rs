//! The pass over a slice, where the time goes, and arithmetic that several modules share.

use crate::Error;

/// What all values come to, beginning with `none`.
///
/// Each addition waits for the one before, so four sums side by side take little longer than one. They are written out because
/// the compiler does not unroll a loop over them when it optimises for size.
#[allow(clippy::inline_always, reason = "a caller that needs only some of the sums pays for no other")]
#[inline(always)]
fn side_by_side<T: Copy>(values: &[f64], none: T, with: impl Fn(T, f64) -> T, joined: impl Fn(T, T) -> T) -> T {
    let (blocks, rest) = values.as_chunks();
    let [mut first, mut second, mut third, mut fourth] = [none; 4];
    for &[one, two, three, four] in blocks {
        first = with(first, one);
        second = with(second, two);
        third = with(third, three);
        fourth = with(fourth, four);
    }

    let first = rest.iter().fold(first, |found, &value| with(found, value));
    joined(joined(first, second), joined(third, fourth))
}

/// What one pass over values finds, if each is multiplied by a scale and a centre is taken from it.
#[derive(Clone, Copy)]
pub(crate) struct Sums {
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// If a value is not finite, neither is the sum. So a finite sum shows, at no cost, that all values are finite.
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

impl Sums {
    const NONE: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0, squares: 0.0 };

    /// Those of `value * scale - centre`.
    #[allow(clippy::inline_always, reason = "a caller that needs only some of the sums pays for no other")]
    #[inline(always)]
    pub(crate) fn of(values: &[f64], scale: f64, centre: f64) -> Self {
        let with = |sums: Self, value: f64| sums.with(value * scale - centre);
        side_by_side(values, Self::NONE, with, Self::joined)
    }

    #[allow(clippy::inline_always, reason = "it is the body of the loop")]
    #[inline(always)]
    fn with(self, value: f64) -> Self {
        Self {
            min: smaller(self.min, value),
            max: larger(self.max, value),
            sum: self.sum + value,
            squares: self.squares + value * value,
        }
    }

    fn joined(self, other: Self) -> Self {
        Self {
            min: smaller(self.min, other.min),
            max: larger(self.max, other.max),
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }
}

/// What the first pass over a part finds.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) sum: Exact,
}

/// A number, and what rounding cut off from it.
#[derive(Clone, Copy)]
pub(crate) struct Exact {
    pub(crate) number: f64,
    pub(crate) rest: f64,
}

impl Extent {
    const NONE: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, sum: Exact { number: 0.0, rest: 0.0 } };

    /// The extremes of `value * scale`, and their sum by `Sum2` of Ogita, Rump and Oishi, *Accurate Sum and Dot Product*,
    /// SIAM Journal on Scientific Computing 26 (2005). If a value is not finite, neither is the sum.
    pub(crate) fn of(values: &[f64], scale: f64) -> Self {
        let with = |extent: Self, value: f64| extent.with(value * scale);
        side_by_side(values, Self::NONE, with, Self::joined)
    }

    #[allow(clippy::inline_always, reason = "it is the body of the loop")]
    #[inline(always)]
    fn with(self, value: f64) -> Self {
        let Exact { number, rest } = Exact::sum(self.sum.number, value);
        let sum = Exact { number, rest: self.sum.rest + rest };
        Self { min: smaller(self.min, value), max: larger(self.max, value), sum }
    }

    fn joined(self, other: Self) -> Self {
        let Exact { number, rest } = Exact::sum(self.sum.number, other.sum.number);
        let sum = Exact { number, rest: self.sum.rest + other.sum.rest + rest };
        Self { min: smaller(self.min, other.min), max: larger(self.max, other.max), sum }
    }
}

impl Exact {
    /// The sum of two numbers and its rounding error, exactly: Knuth, *The Art of Computer Programming*, volume 2,
    /// section 4.2.2, theorem B.
    pub(crate) fn sum(left: f64, right: f64) -> Self {
        let number = left + right;
        let of_right = number - left;
        Self { number, rest: (left - (number - of_right)) + (right - of_right) }
    }

    /// The product of two numbers and its rounding error, exactly, by Dekker's and Veltkamp's method: `f64::mul_add` would
    /// be a long computation on WebAssembly.
    pub(crate) fn product(left: f64, right: f64) -> Self {
        let number = left * right;
        let (left, right) = (Halves::of(left), Halves::of(right));
        let rest = left.low * right.low
            - (((number - left.high * right.high) - left.low * right.high) - left.high * right.low);
        Self { number, rest }
    }
}

/// Two numbers of half as many digits, whose sum is one number.
struct Halves {
    high: f64,
    low: f64,
}

impl Halves {
    fn of(number: f64) -> Self {
        // 2 to the power of 27, plus 1.
        let shifted = number * 134_217_729.0;
        let high = shifted - (shifted - number);
        Self { high, low: number - high }
    }
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
