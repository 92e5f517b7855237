//! Statistics of a series of numbers.
//!
//! - [`parse()`] reads the numbers of a text.
//! - [`summarize()`] gives the count, extremes, mean, variance, standard deviation and quartiles of a series.
//! - [`histogram()`] counts a series in bins of equal width.
//! - [`Accumulator`] gives all but the quartiles of a series that comes piece by piece.
//!
//! Finite numbers may be as large or small as an `f64` can be: no intermediate sum or square overflows or underflows. Any
//! other number is an [`Error`]. A negative zero counts as zero, and no result is a negative zero. There are no weights, no
//! missing values and no other quantiles.
//!
//! # Example
//!
//! ```
//! let series = common::parse("2.5, 3.5 # a comment\n6; 4")?;
//! let summary = common::summarize(&series)?;
//! assert_eq!(summary.mean, 4.0);
//! assert_eq!(summary.quartiles, Some([3.25, 3.75, 4.5]));
//!
//! let error = common::parse("1, 2\n3, four").unwrap_err();
//! assert_eq!(error.to_string(), "line 2, column 4: `four` is not a finite number");
//! # Ok::<(), common::Error>(())
//! ```
//!
//! # Accuracy
//!
//! The mean is as if the values were added with twice the digits, and then rounded: for `n` values, at most 2⁻⁵² of itself
//! and `n²` · 2⁻¹⁰⁴ of the mean magnitude off. So large values that cancel each other leave the small ones. Next to values
//! beyond 1e100, those below 1e-97 count as zero.
//!
//! For `NumAcc1` to `NumAcc4` of [NIST's reference data](https://www.itl.nist.gov/div898/strd/univ/homepage.html), 15
//! digits of the mean are correct, and 15, 15, 9.4 and 8.2 digits of the standard deviation. No method gives more for the
//! last two, whose numbers are rounded to 64 bits beforehand.

#![allow(clippy::cast_precision_loss, reason = "a count of over 2^53 is a weight, which is rounded anyway")]

mod accumulate;
mod error;
mod histogram;
mod numbers;
mod parse;
mod summarize;

pub use accumulate::Accumulator;
pub use error::Error;
pub use histogram::{Histogram, MAX_BINS, histogram};
pub use parse::parse;
pub use summarize::{Summary, summarize};
