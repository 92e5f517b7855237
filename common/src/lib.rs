//! Statistics of a series of numbers.
//!
//! - [`parse`] reads the numbers of a text.
//! - [`summarize`] gives the count, extremes, mean, variance, standard deviation and quartiles of a series.
//! - [`histogram`] counts a series in bins of equal width.
//! - [`Accumulator`] gives all but the quartiles of a series that comes piece by piece.
//!
//! Every function takes any finite numbers, from the smallest to the largest: no sum or square on the way
//! overflows or underflows. What is not finite is an [`Error`], never a result. A negative zero counts as
//! zero, and no result is one.
//!
//! Weighted series, missing values and other quantiles are deliberately absent.
//!
//! # Example
//!
//! ```
//! let series = common::parse("2.5, 3.5 # a comment\n6; 4")?;
//! let summary = common::summarize(&series)?;
//! assert_eq!(summary.mean, 4.0);
//! assert_eq!(summary.quartiles, [3.25, 3.75, 4.5]);
//!
//! let error = common::parse("1, 2\n3, four").unwrap_err();
//! assert_eq!(error.to_string(), "line 2, column 4: `four` is not a finite number");
//! assert_eq!(error.code(), "invalid_number");
//! # Ok::<(), common::Error>(())
//! ```
//!
//! # Accuracy
//!
//! Correct decimal digits for the [reference data of NIST][strd], as its authors count them (15 at most). The
//! numbers of `NumAcc3` and `NumAcc4` are rounded to 64 bits before they get here: that alone leaves 9.5 and
//! 8.3 digits of the deviation, whatever the method. `tests/nist.rs` holds the crate to this table.
//!
//! | series    | mean | standard deviation |
//! |-----------|------|--------------------|
//! | `NumAcc1` | 15   | 15                 |
//! | `NumAcc2` | 15   | 15                 |
//! | `NumAcc3` | 15   | 9.4                |
//! | `NumAcc4` | 15   | 8.2                |
//!
//! [strd]: https://www.itl.nist.gov/div898/strd/univ/homepage.html

mod accumulate;
mod error;
mod histogram;
mod parse;
mod pass;
mod summarize;

// The build sets this variable to a digest of the files that this crate is made from. Cargo compares a variable
// that is read here by its value, so a change of content rebuilds the crate whatever the files' times say.
const _: Option<&str> = option_env!("COMMON_DIGEST");

/// The largest number of bins that [`histogram`] takes.
pub const MAX_BINS: usize = 1 << 20;

/// Reads the numbers of a text, in their order.
///
/// Any run of white space, commas and semicolons separates two numbers; a `#` starts a comment, which ends with
/// its line. A line ends at `\n`, `\r\n` or a lone `\r`; other breaks of Unicode, such as U+0085, are white
/// space within a line. A byte order mark at the start is passed over. A text without numbers gives none.
///
/// A number is a decimal one, with a sign, a fraction and an exponent if need be: `-12`, `.5`, `6.02e23`. It
/// becomes the nearest `f64`.
///
/// # Errors
///
/// [`ErrorKind::InvalidNumber`] at the first token that is no number (`four`, `1_000`, `0x1f`), that names no
/// finite one (`inf`, `NaN`), or whose value is beyond the range of `f64` (`1e999`).
///
/// # Example
///
/// ```
/// assert_eq!(common::parse("1, 2.5; -3e2 # three numbers\n.5")?, [1.0, 2.5, -300.0, 0.5]);
/// assert_eq!(common::parse("# none")?, []);
/// # Ok::<(), common::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Vec<f64>, Error> {
    parse::parse(text)
}

/// Describes a series by a few numbers, in time that grows with its length and with one copy of it.
///
/// # Errors
///
/// - [`ErrorKind::EmptySeries`] if there are no values.
/// - [`ErrorKind::NotFinite`] at the first value that is infinite or not a number.
///
/// # Example
///
/// ```
/// let summary = common::summarize(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])?;
/// assert_eq!((summary.count, summary.min, summary.max, summary.mean), (8, 2.0, 9.0, 5.0));
/// assert_eq!(summary.variance, Some(32.0 / 7.0));
/// assert_eq!(summary.quartiles, [4.0, 4.5, 5.5]);
/// # Ok::<(), common::Error>(())
/// ```
pub fn summarize(values: &[f64]) -> Result<Summary, Error> {
    summarize::summarize(values)
}

/// What [`summarize`] tells of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// How many values there are: at least one.
    pub count: usize,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample variance, with the divisor `count - 1`; `None` for a single value. It is infinite where it
    /// exceeds [`f64::MAX`], as it does for numbers of over about 1e154.
    pub variance: Option<f64>,
    /// The square root of the variance; `None` for a single value. It is computed without the variance, so it
    /// is right where that one is infinite or too small to tell from zero.
    pub standard_deviation: Option<f64>,
    /// The values that a quarter, a half and three quarters of the series are below: the second is the median.
    ///
    /// Between two values they are interpolated by definition 7 of Hyndman and Fan, *Sample Quantiles in
    /// Statistical Packages*, The American Statistician 50 (1996), the default of R and of Python's numpy.
    pub quartiles: [f64; 3],
}

/// Counts a series in bins of equal width, from its smallest to its largest value.
///
/// If all values are equal, the bins range from half a unit below to half a unit above; where a number is too
/// large for that (from 2^31), the range is as wide as [`MAX_BINS`] different edges need, up to ±[`f64::MAX`].
///
/// # Errors
///
/// - [`ErrorKind::InvalidBins`] if `bins` is 0 or more than [`MAX_BINS`].
/// - [`ErrorKind::EmptySeries`] if there are no values.
/// - [`ErrorKind::NotFinite`] at the first value that is infinite or not a number.
///
/// # Example
///
/// ```
/// let histogram = common::histogram(&[1.0, 1.5, 2.0, 2.0, 5.0], 4)?;
/// assert_eq!(histogram.edges, [1.0, 2.0, 3.0, 4.0, 5.0]);
/// assert_eq!(histogram.counts, [2, 2, 0, 1]);
/// # Ok::<(), common::Error>(())
/// ```
pub fn histogram(values: &[f64], bins: usize) -> Result<Histogram, Error> {
    histogram::histogram(values, bins)
}

/// A series counted in bins by [`histogram`].
///
/// Bin `i` holds the values from `edges[i]` on and below `edges[i + 1]`; the last bin holds the values that
/// equal its upper edge as well. This is exact for the edges as they are here, so that every value is counted
/// once. Edges never decrease; they coincide only where the range has too few numbers to tell them apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The limits of the bins: one more than there are bins.
    pub edges: Vec<f64>,
    /// How many values each bin holds. A count stops at [`u32::MAX`], which takes a series of over 32 GiB.
    pub counts: Vec<u32>,
}

/// The moments of a series that comes piece by piece: it remembers no values, so it takes a series of any
/// length, and has no quartiles.
///
/// However a series is cut into pieces, the results differ by rounding only.
///
/// # Example
///
/// ```
/// let mut morning = common::Accumulator::new();
/// morning.push(20.5)?;
/// morning.push(21.5)?;
///
/// let mut day = common::Accumulator::new();
/// day.push_slice(&[22.0, 24.0])?;
/// day.merge(&morning);
///
/// assert_eq!(day.count(), 4);
/// assert_eq!(day.summary()?.mean, 22.0);
/// # Ok::<(), common::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    count: u64,
    min: f64,
    max: f64,
    /// A power of two that brings the largest magnitude near one; what follows is of the values times it.
    scale: f64,
    mean: f64,
    /// What the mean lacks for its being a 64-bit number.
    mean_rest: f64,
    /// The sum of the squares of the deviations from the mean.
    squares: f64,
}

impl Accumulator {
    /// An accumulator of no values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFinite`] with the index 0 if the value is infinite or not a number; it is not added.
    pub fn push(&mut self, value: f64) -> Result<(), Error> {
        accumulate::push(self, value)
    }

    /// Adds values: all of them, or none on an error. This is faster than to push them one by one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFinite`] at the first value that is infinite or not a number.
    pub fn push_slice(&mut self, values: &[f64]) -> Result<(), Error> {
        accumulate::push_slice(self, values)
    }

    /// Adds the values of another accumulator.
    pub fn merge(&mut self, other: &Self) {
        accumulate::merge(self, other);
    }

    /// How many values were added. The count stops at [`u64::MAX`].
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Describes the values added so far.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EmptySeries`] if there are none.
    pub fn summary(&self) -> Result<Moments, Error> {
        accumulate::summary(self)
    }
}

/// What an [`Accumulator`] tells of its values; see [`Summary`] for the fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// How many values there are: at least one.
    pub count: u64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample variance; `None` for a single value, infinite where it exceeds [`f64::MAX`].
    pub variance: Option<f64>,
    /// The square root of the variance; `None` for a single value.
    pub standard_deviation: Option<f64>,
}

/// Why a function of this crate has no result.
///
/// Its message is for people and may change; [`code`](Error::code) and [`kind`](Error::kind) are for programs.
///
/// # Example
///
/// ```
/// let error = common::summarize(&[1.0, f64::NAN]).unwrap_err();
/// assert_eq!(error.code(), "not_finite");
/// assert_eq!(error.kind(), &common::ErrorKind::NotFinite { index: 1 });
/// assert_eq!(error.to_string(), "the value at index 1 is not finite");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
}

impl Error {
    /// The cause with its particulars.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The name of the cause, the same in every version: `empty_series`, `not_finite`, `invalid_number` or
    /// `invalid_bins`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        error::code(&self.kind)
    }
}

/// The causes of an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `empty_series`: there is no value to describe.
    EmptySeries,
    /// `not_finite`: a value is infinite or not a number.
    NotFinite {
        /// Where it is among the values given, from 0.
        index: usize,
    },
    /// `invalid_number`: a token of a text is not a finite number.
    InvalidNumber {
        /// The line it is in, from 1.
        line: usize,
        /// Where in the line it starts, from 1, in characters (Unicode scalar values).
        column: usize,
        /// The token, in full; the message shows 40 characters of it at most.
        text: String,
    },
    /// `invalid_bins`: the number of bins is 0 or more than [`MAX_BINS`].
    InvalidBins {
        /// The number as it was given.
        bins: usize,
    },
}
