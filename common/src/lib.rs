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
//! assert_eq!(summary.quartiles, Some([3.25, 3.75, 4.5]));
//!
//! let error = common::parse("1, 2\n3, four").unwrap_err();
//! assert_eq!(error.to_string(), "line 2, column 4: `four` is not a finite number");
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
