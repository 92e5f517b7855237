//! The count, extremes, mean and squared deviations of a series, from its values or from those of its parts.
//!
//! There are two passes over a part in memory: one for its sum, one for the deviations from its mean. Parts are merged by
//! the pairwise update of Chan, Golub and Leveque, *Algorithms for Computing the Sample Variance*, The American Statistician
//! 37 (1983). The sum is kept with what rounding cut off from it, so it does not drift while a long series is pushed, and
//! large values that cancel each other leave the small ones.

use crate::numbers::{Exact, Extent, Sums, larger, require_finite, scale_of, smaller};
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
    sum: f64,
    /// What rounding cut off from the sum.
    sum_rest: f64,
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
        self.merge(&Self { count: 1, min: value, max: value, scale, sum: value * scale, ..Self::default() });
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
        // Thanks to the scale nothing overflows: the sum is not finite only if a value is not.
        if !merged.sum.is_finite() {
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
        let ours = self.rescaled(scale);
        let theirs = other.rescaled(scale);

        let our_mean = ours.mean();
        let their_mean = theirs.mean();
        let distance = (their_mean.number - our_mean.number) + (their_mean.rest - our_mean.rest);
        let share = other.count as f64 / (self.count as f64 + other.count as f64);

        let sum = Exact::sum(ours.sum, theirs.sum);
        let sum = Exact::sum(sum.number, sum.rest + (ours.sum_rest + theirs.sum_rest));
        *self = Self {
            count: self.count.saturating_add(other.count),
            min: smaller(self.min, other.min),
            max: larger(self.max, other.max),
            scale,
            sum: sum.number,
            sum_rest: sum.rest,
            squares: ours.squares + theirs.squares + distance * distance * (self.count as f64 * share),
        };
    }

    fn rescaled(&self, scale: f64) -> Self {
        let factor = scale / self.scale;
        Self {
            scale,
            sum: self.sum * factor,
            sum_rest: self.sum_rest * factor,
            squares: self.squares * factor * factor,
            ..*self
        }
    }

    /// The mean of the scaled values, and what rounding cut off from it.
    fn mean(&self) -> Exact {
        let count = self.count as f64;
        let mean = self.sum / count;
        let product = Exact::product(mean, count);
        Exact::sum(mean, ((self.sum - product.number) - product.rest + self.sum_rest) / count)
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
        let &Self { count, min, max, scale, squares, .. } = self;
        let divisor = count.checked_sub(1).ok_or(Error::EmptySeries)?;
        let variance = (divisor > 0).then(|| squares / divisor as f64);
        // Rounding may take it out of the range.
        let mean = smaller(larger(self.mean().number / scale, min), max);

        Ok(Summary {
            count,
            // Adding zero turns a negative zero into zero, and changes nothing else.
            min: min + 0.0,
            max: max + 0.0,
            mean: mean + 0.0,
            // In two steps, because the square of the scale would overflow or underflow.
            variance: variance.map(|variance| variance / scale / scale),
            standard_deviation: variance.map(|variance| variance.sqrt() / scale),
            quartiles: None,
        })
    }
}

fn describe(values: &[f64]) -> Accumulator {
    let count = values.len() as u64;
    let Extent { min, max, mut sum } = Extent::of(values, 1.0);
    let scale = scale_of(min, max);
    // Near `f64::MAX` the rest may overflow where the sum does not.
    if sum.number.is_finite() && (sum.rest * scale).is_finite() {
        sum = Exact { number: sum.number * scale, rest: sum.rest * scale };
    } else {
        sum = Extent::of(values, scale).sum;
    }

    let Exact { number, rest } = Exact::sum(sum.number, sum.rest);
    let part = Accumulator { count, min, max, scale, sum: number, sum_rest: rest, squares: 0.0 };
    let Sums { sum: deviations, squares, .. } = Sums::of(values, scale, part.mean().number);
    Accumulator { squares: larger(squares - deviations * (deviations / count as f64), 0.0), ..part }
}
