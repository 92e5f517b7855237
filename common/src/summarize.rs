//! The summary of a whole series: what an accumulator tells, and quartiles, which need all values at once.

use crate::pass::{real, smaller, unsigned_zero};
use crate::{Accumulator, Error, ErrorKind, Moments, Summary};
use std::cmp::Ordering;

pub(crate) fn summarize(values: &[f64]) -> Result<Summary, Error> {
    let mut accumulator = Accumulator::new();
    accumulator.push_slice(values)?;
    let Moments { min, max, mean, variance, standard_deviation, .. } = accumulator.summary()?;
    let mut sorted = Vec::new();
    sorted.try_reserve_exact(values.len()).map_err(|_| ErrorKind::OutOfMemory)?;
    sorted.extend_from_slice(values);
    let quartiles = quartiles(&mut sorted).ok_or(ErrorKind::EmptySeries)?;
    Ok(Summary { count: values.len(), min, max, mean, variance, standard_deviation, quartiles })
}

/// The quartiles of finite values; `None` if there are no values.
///
/// Quartile `k` of `n` sorted values is at the position `(n - 1) * k / 4` from 0. To have the right value
/// there and none smaller after it, the values need not be sorted: three selections do, the outer two of them
/// in the part that the first one leaves on their side.
fn quartiles(values: &mut [f64]) -> Option<[f64; 3]> {
    let last = values.len().checked_sub(1)?;
    let (lower, median, upper) = (last / 4, last * 2 / 4, last * 3 / 4);
    // They are finite, so there is an order; `f64::total_cmp` takes longer, to heed what is none.
    let order = |left: &f64, right: &f64| left.partial_cmp(right).unwrap_or(Ordering::Equal);
    let (below, _, above) = values.select_nth_unstable_by(median, order);
    if lower < median {
        below.select_nth_unstable_by(lower, order);
    }
    if median < upper {
        above.select_nth_unstable_by(upper - median - 1, order);
    }
    // The next value in order is the smallest of those after it, and not beyond the next quartile.
    let reach = values.len() / 4 + 1;
    let quartile = |quarters: usize| {
        let (&value, after) = values.get(quarters / 4..)?.split_first()?;
        let fraction = real(quarters as u64 % 4) / 4.0;
        let next = after.iter().take(reach).copied().reduce(smaller);
        Some(unsigned_zero(next.map_or(value, |next| between(value, next, fraction))))
    };
    Some([quartile(last)?, quartile(last * 2)?, quartile(last * 3)?])
}

/// The number at a fraction of the way from one to another that is not smaller.
fn between(low: f64, high: f64, fraction: f64) -> f64 {
    let distance = high - low;
    if distance.is_finite() { low + distance * fraction } else { low * (1.0 - fraction) + high * fraction }
}
