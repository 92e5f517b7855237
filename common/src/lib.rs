//! Statistics of a series of numbers.
//!
//! - [`parse()`] reads the numbers of a text.
//! - [`summarize()`] gives the count, extremes, mean, variance, standard deviation and quartiles of a series.
//! - [`histogram()`] counts a series in bins of equal width.
//! - [`Accumulator`] gives all but the quartiles of a series that comes piece by piece.
//!
//! Finite numbers may be as large or small as they come: no sum or square on the way overflows or vanishes.
//! Other numbers are an [`Error`]. A negative zero in a series counts as zero, and no statistic is one.
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
//! By the certified results for the [reference data of NIST][strd], 15 digits of the mean are correct for
//! each of `NumAcc1` to `NumAcc4`, and 15, 15, 9.4 and 8.2 digits of their standard deviations. No method
//! gives more for the last two, as their numbers are rounded to 64 bits beforehand.
//!
//! [strd]: https://www.itl.nist.gov/div898/strd/univ/homepage.html

mod accumulate;
mod error;
mod histogram;
mod parse;
mod pass;
mod summarize;

use serde::Serialize;

/// Reads the numbers of a text, in their order.
///
/// White space, commas and semicolons separate numbers, in runs of any length. A `#` starts a comment, which
/// ends with the line: at `\n`, `\r\n` or a lone `\r`. Other line breaks of Unicode, such as U+0085, are just
/// white space. A byte order mark at the start is skipped. A text without numbers gives none.
///
/// A number is decimal, with a sign, a fraction and an exponent if need be, and becomes the nearest `f64`.
///
/// # Errors
///
/// [`ErrorKind::InvalidNumber`] at the first token that is no such number (`four`, `1_000`, `0x1f`), that
/// names no finite one (`inf`, `NaN`), or that is beyond the range of `f64` (`1e999`).
///
/// # Example
///
/// ```
/// assert_eq!(common::parse("1, 2.5; -3e2 # three numbers\n.5")?, [1.0, 2.5, -300.0, 0.5]);
/// # Ok::<(), common::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Vec<f64>, Error> {
    parse::parse(text)
}

/// Describes a series, in time proportional to its length and with one copy of it.
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

/// What [`summarize()`] tells of a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// How many values there are: at least one.
    pub count: usize,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample variance (the divisor is `count - 1`); `None` for a single value. It is infinite where it
    /// exceeds [`f64::MAX`], as it does for deviations of over about 1e154.
    pub variance: Option<f64>,
    /// The square root of the exact variance: it may be finite and positive where `variance` is infinite or
    /// zero. `None` for a single value.
    pub standard_deviation: Option<f64>,
    /// The values at a quarter, a half (which is the median) and three quarters of the sorted series.
    ///
    /// Between two values they are interpolated by definition 7 of Hyndman and Fan, *Sample Quantiles in
    /// Statistical Packages*, The American Statistician 50 (1996), the default of R and `NumPy`.
    pub quartiles: [f64; 3],
}

/// The largest number of bins that [`histogram()`] takes.
pub const MAX_BINS: usize = 1 << 20;

/// Counts a series in bins of equal width, from its smallest to its largest value.
///
/// If all values are equal, the bins range from half a unit below to half a unit above. For a magnitude of
/// over 2³¹, where edges would coincide, it is that magnitude / 2³² each way, within ±[`f64::MAX`].
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

/// A series counted in bins by [`histogram()`].
///
/// Bin `i` holds the values from `edges[i]` to below `edges[i + 1]`; the last bin also holds those that equal
/// its upper edge. This is exact for the edges as they are here: every value is counted once.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Histogram {
    /// The limits of the bins, one more than there are bins. They never decrease, and coincide only where the
    /// range has too few numbers to tell them apart.
    pub edges: Vec<f64>,
    /// How many values each bin holds, up to [`u32::MAX`], which only a series of over 32 GiB exceeds.
    pub counts: Vec<u32>,
}

/// Describes a series that comes piece by piece. It keeps no values, so it takes a series of any length, and
/// gives no quartiles. How the series is cut makes no difference but for rounding.
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
/// assert_eq!((day.count(), day.summary()?.mean), (4, 22.0));
/// # Ok::<(), common::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    count: u64,
    min: f64,
    max: f64,
    /// A power of two that brings the largest magnitude near one; the fields below are of values times it.
    scale: f64,
    mean: f64,
    /// What rounding took from the mean.
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
    /// [`ErrorKind::NotFinite`] with index 0 if the value is infinite or not a number; it is not added.
    pub fn push(&mut self, value: f64) -> Result<(), Error> {
        accumulate::push(self, value)
    }

    /// Adds values, faster than one by one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFinite`] at the first value that is infinite or not a number; none is added.
    pub fn push_slice(&mut self, values: &[f64]) -> Result<(), Error> {
        accumulate::push_slice(self, values)
    }

    /// Adds the values of another accumulator.
    pub fn merge(&mut self, other: &Self) {
        accumulate::merge(self, other);
    }

    /// How many values were added, up to [`u64::MAX`].
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

/// What an [`Accumulator`] tells of its values: a [`Summary`] without quartiles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moments {
    /// How many values there are: at least one.
    pub count: u64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// See [`Summary::variance`].
    pub variance: Option<f64>,
    /// See [`Summary::standard_deviation`].
    pub standard_deviation: Option<f64>,
}

/// Why there is no result. The message is for people and may change; the code and the kind are for programs.
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
    /// The cause and its particulars.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The name of the cause, which never changes; [`ErrorKind`] lists them.
    #[must_use]
    pub fn code(&self) -> &'static str {
        error::code(&self.kind)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind }
    }
}

/// The causes of an [`Error`], each with its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// `empty_series`: there are no values.
    EmptySeries,
    /// `not_finite`: a value is infinite or not a number.
    NotFinite {
        /// Its place among the values given, from 0.
        index: usize,
    },
    /// `invalid_number`: a token of a text is not a finite number.
    InvalidNumber {
        /// Its line, from 1.
        line: usize,
        /// Its first character's place in the line, from 1, in Unicode scalar values.
        column: usize,
        /// The whole token; the message shows at most 40 characters of it.
        text: String,
    },
    /// `out_of_memory`: the numbers, or a copy of them, do not fit into the memory.
    OutOfMemory,
    /// `invalid_bins`: there are to be no bins, or more than [`MAX_BINS`].
    InvalidBins,
}
