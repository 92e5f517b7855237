//! Accuracy, by certified results: the univariate Statistical Reference Datasets of NIST that are given by a
//! formula, <https://www.itl.nist.gov/div898/strd/univ/homepage.html>.
//!
//! The digits asked for are those that the documentation of the crate states. From the numbers of `NumAcc3`
//! and `NumAcc4`, once they are rounded to 64 bits, exact arithmetic gives 9.457 and 8.253 digits of the
//! deviation.

use common::{Accumulator, Error, summarize};

// Cargo compares the value: tests that change are built anew, whatever the files' times say.
const _: Option<&str> = option_env!("TESTS_DIGEST");

#[test]
fn num_acc_1() -> Result<(), Error> {
    let values = [10_000_001.0, 10_000_003.0, 10_000_002.0];
    reaches(&values, Certified { mean: 10_000_002.0, deviation: 1.0 }, 15.0, 15.0)
}

#[test]
fn num_acc_2() -> Result<(), Error> {
    let values = alternating(1.2, 1.1, 1.3);
    reaches(&values, Certified { mean: 1.2, deviation: 0.1 }, 15.0, 15.0)
}

#[test]
fn num_acc_3() -> Result<(), Error> {
    let values = alternating(1_000_000.2, 1_000_000.1, 1_000_000.3);
    reaches(&values, Certified { mean: 1_000_000.2, deviation: 0.1 }, 15.0, 9.4)
}

#[test]
fn num_acc_4() -> Result<(), Error> {
    let values = alternating(10_000_000.2, 10_000_000.1, 10_000_000.3);
    reaches(&values, Certified { mean: 10_000_000.2, deviation: 0.1 }, 15.0, 8.2)
}

#[derive(Clone, Copy)]
struct Certified {
    mean: f64,
    deviation: f64,
}

/// A first value, then 1000 that alternate between two others.
fn alternating(first: f64, low: f64, high: f64) -> Vec<f64> {
    [first].into_iter().chain([low, high].into_iter().cycle().take(1000)).collect()
}

/// Checks the digits reached in every way of computing.
#[track_caller]
fn reaches(values: &[f64], certified: Certified, of_mean: f64, of_deviation: f64) -> Result<(), Error> {
    let mut one_by_one = Accumulator::new();
    for &value in values {
        one_by_one.push(value)?;
    }
    let mut at_once = Accumulator::new();
    at_once.push_slice(values)?;
    let mut merged = Accumulator::new();
    for piece in values.chunks(7) {
        let mut part = Accumulator::new();
        part.push_slice(piece)?;
        merged.merge(&part);
    }

    let summary = summarize(values)?;
    let mut results = vec![("summarize", summary.mean, summary.standard_deviation)];
    for (way, accumulator) in [("push", one_by_one), ("push_slice", at_once), ("merge", merged)] {
        let moments = accumulator.summary()?;
        results.push((way, moments.mean, moments.standard_deviation));
    }
    for (way, mean, deviation) in results {
        let mean = digits(mean, certified.mean);
        let deviation = digits(deviation.unwrap_or(f64::NAN), certified.deviation);
        assert!(mean >= of_mean, "{way} reaches {mean} digits of the mean");
        assert!(deviation >= of_deviation, "{way} reaches {deviation} digits of the standard deviation");
    }
    Ok(())
}

/// How many decimal digits are correct: the log relative error, cut off where 64 bits end.
fn digits(actual: f64, certified: f64) -> f64 {
    let relative_error = ((actual - certified) / certified).abs();
    (-relative_error.log10()).clamp(0.0, 15.0)
}
