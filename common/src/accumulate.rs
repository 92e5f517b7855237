//! The count, extremes, mean and squared deviations of a series, from its values or from those of its parts.
//!
//! There are two passes over a part in memory: one for its mean, one for the deviations from it, which also correct that
//! mean. Parts are merged by the pairwise update. Both are from Chan, Golub and Leveque, *Algorithms for Computing the
//! Sample Variance*, The American Statistician 37 (1983). The mean is kept as a sum of two numbers, so that it does not
//! drift while a long series is pushed.

use crate::numbers::{larger, pass, require_finite, scale_of, smaller};
use crate::{Error, Summary};

/// Few enough values that the second pass finds them in the fastest cache, and enough that merging is cheap. It also
/// limits how far the rounding of sums can add up.
const PART: usize = 1024;

/// Describes a series that comes piece by piece. It keeps no values, so the series may have any length, and there are no
/// quartiles. Where the series is cut changes nothing but the rounding.
///
/// # Example
///
/// ```
/// let mut morning = common::Accumulator::default();
/// morning.push(20.5)?;
/// morning.push(21.5)?;
///
/// let mut day = common::Accumulator::default();
/// day.push_slice(&[22.0, 24.0])?;
/// day.merge(&morning);
/// assert_eq!((day.count(), day.summary()?.mean), (4, 22.0));
/// # Ok::<(), common::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    count: u64,
    min: f64,
    max: f64,
    /// A power of two. The fields below describe the values times this.
    scale: f64,
    mean: f64,
    /// What rounding cut off from the mean.
    mean_rest: f64,
    /// The sum of the squares of the deviations from the mean.
    squares: f64,
}

impl Accumulator {
    /// Adds a value.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with index 0 if the value is infinite or not a number; it is not added.
    pub fn push(&mut self, value: f64) -> Result<(), Error> {
        require_finite(&[value])?;
        let scale = scale_of(value, value);
        self.merge(&Self { count: 1, min: value, max: value, scale, mean: value * scale, ..Self::default() });
        Ok(())
    }

    /// Adds values, faster than one by one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] at the first value that is infinite or not a number; none is added.
    pub fn push_slice(&mut self, values: &[f64]) -> Result<(), Error> {
        let mut merged = self.clone();
        for part in values.chunks(PART) {
            merged.merge(&describe(part));
        }
        // Thanks to the scale nothing overflows: the mean is not finite only if a value is not.
        if !merged.mean.is_finite() {
            require_finite(values)?;
        }
        *self = merged;
        Ok(())
    }

    /// Adds the values of another accumulator.
    pub fn merge(&mut self, other: &Self) {
        match (self.count, other.count) {
            (_, 0) => return,
            (0, _) => return self.clone_from(other),
            _ => {}
        }
        // What underflows in the smaller scale is too small to matter next to the values that need that scale.
        let scale = smaller(self.scale, other.scale);
        let rescale = |part: &Self| {
            let factor = scale / part.scale;
            (part.mean * factor, part.mean_rest * factor, part.squares * factor * factor)
        };
        let (mean, rest, squares) = rescale(self);
        let (other_mean, other_rest, other_squares) = rescale(other);
        let distance = (other_mean - mean) + (other_rest - rest);
        let share = other.count as f64 / (self.count as f64 + other.count as f64);
        let (mean, mean_rest) = sum_and_rest(mean, rest + distance * share);
        *self = Self {
            count: self.count.saturating_add(other.count),
            min: smaller(self.min, other.min),
            max: larger(self.max, other.max),
            scale,
            mean,
            mean_rest,
            squares: squares + other_squares + distance * distance * (self.count as f64 * share),
        };
    }

    /// How many values were added, up to [`u64::MAX`].
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Describes the values added so far, without quartiles.
    ///
    /// # Errors
    ///
    /// [`Error::EmptySeries`] if there are none.
    pub fn summary(&self) -> Result<Summary, Error> {
        let &Self { count, min, max, scale, mean, squares, .. } = self;
        let divisor = count.checked_sub(1).ok_or(Error::EmptySeries)?;
        let variance = (divisor > 0).then(|| squares / divisor as f64);
        Ok(Summary {
            count,
            // Adding zero turns a negative zero into zero, and changes nothing else.
            min: min + 0.0,
            max: max + 0.0,
            mean: mean / scale + 0.0,
            // In two steps, because the square of the scale would overflow or underflow.
            variance: variance.map(|variance| variance / scale / scale),
            standard_deviation: variance.map(|variance| variance.sqrt() / scale),
            quartiles: None,
        })
    }
}

fn describe(values: &[f64]) -> Accumulator {
    let count = values.len() as u64;
    let [min, max, sum, _] = pass(values, 1.0, 0.0);
    let scale = scale_of(min, max);
    let sum = if sum.is_finite() { sum * scale } else { pass(values, scale, 0.0)[2] };
    let centre = sum / count as f64;
    let [_, _, sum, squares] = pass(values, scale, centre);
    let correction = sum / count as f64;
    let (mean, mean_rest) = sum_and_rest(centre, correction);
    Accumulator { count, min, max, scale, mean, mean_rest, squares: larger(squares - sum * correction, 0.0) }
}

/// The sum of two numbers and its rounding error, exactly: Knuth, *The Art of Computer Programming*, volume 2,
/// section 4.2.2, theorem B.
fn sum_and_rest(left: f64, right: f64) -> (f64, f64) {
    let sum = left + right;
    let of_right = sum - left;
    (sum, (left - (sum - of_right)) + (right - of_right))
}
