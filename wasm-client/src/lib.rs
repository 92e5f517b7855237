//! The JavaScript side of `common`: convert, call, convert.
//!
//! Nothing is decided here; what a value means is `common`'s affair. `arguments` checks what is passed, `values` takes
//! series of numbers in, `objects` hands plain objects out, `error` makes errors of `common`'s; `package` is what every
//! library has, and `faults` is for tests.
//!
//! Exports take `&self` only: an exclusive borrow would stay locked if JavaScript's code threw in between.

#![expect(clippy::missing_errors_doc, reason = "`@throws` says it, and goes into the package's types")]

mod arguments;
mod error;
#[cfg(feature = "faults")]
mod faults;
mod objects;
mod package;
mod values;

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

/// Reads the numbers of a text, separated by white space, commas or semicolons; `#` starts a comment, which ends
/// with its line.
///
/// @throws `invalid_number` with `line` and `column` (from 1) at the first token that is not a finite number.
#[wasm_bindgen(unchecked_return_type = "Float64Array")]
pub fn parse(#[wasm_bindgen(unchecked_param_type = "string")] text: &JsValue) -> Result<JsValue, JsValue> {
    objects::series(&common::parse(&arguments::text(text)?).map_err(error::from_common)?)
}

/// Describes a series by its count, extremes, mean, sample variance and standard deviation, and quartiles.
///
/// The values are copied once; a `Float64Array` is by far the fastest to copy.
///
/// @throws `empty_series` if there are no values; `not_finite` with the `index` of the first value that is infinite
/// or not a number; `invalid_type` if there is anything but numbers.
#[wasm_bindgen(unchecked_return_type = "Summary")]
pub fn summarize(
    #[wasm_bindgen(unchecked_param_type = "Float64Array | Iterable<number>")] values: &JsValue,
) -> Result<JsValue, JsValue> {
    let summary = common::summarize(&values::numbers(values)?).map_err(error::from_common)?;
    Ok(objects::summary(&summary))
}

/// Counts a series in bins of equal width, from its smallest to its largest value.
///
/// @throws `invalid_bins` if `bins` is 0 or over 1,048,576; otherwise as `summarize`.
#[wasm_bindgen(unchecked_return_type = "Histogram")]
pub fn histogram(
    #[wasm_bindgen(unchecked_param_type = "Float64Array | Iterable<number>")] values: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "number")] bins: &JsValue,
) -> Result<JsValue, JsValue> {
    let bins = arguments::size("bins", bins)?;
    let histogram = common::histogram(&values::numbers(values)?, bins).map_err(error::from_common)?;
    objects::histogram(&histogram)
}

/// The same as `summarize` without the quartiles, for a series that comes piece by piece: it remembers no values.
///
/// It lives in WebAssembly's memory until it is collected; `free()`, or `using`, gives that back at once.
#[wasm_bindgen]
#[derive(Default)]
pub struct Accumulator(RefCell<common::Accumulator>);

#[wasm_bindgen]
impl Accumulator {
    /// An accumulator of no values.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number, or all of several; none if one of them is not finite.
    ///
    /// @throws `not_finite` with its `index`; `invalid_type` if there is anything but numbers.
    pub fn push(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number | Float64Array | Iterable<number>")] values: &JsValue,
    ) -> Result<(), JsValue> {
        let pushed = if let Some(value) = values.as_f64() {
            self.0.borrow_mut().push(value)
        } else {
            // Before the borrow: an iterator may call this very accumulator.
            let values = values::numbers(values)?;
            self.0.borrow_mut().push_slice(&values)
        };
        pushed.map_err(error::from_common)
    }

    /// Adds the values of another accumulator, which stays as it is.
    pub fn merge(&self, other: &Accumulator) {
        let other = other.0.borrow().clone();
        self.0.borrow_mut().merge(&other);
    }

    /// How many values were added.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> f64 {
        objects::number(self.0.borrow().count())
    }

    /// Describes the values added so far.
    ///
    /// @throws `empty_series` if there are none.
    #[wasm_bindgen(unchecked_return_type = "Moments")]
    pub fn summary(&self) -> Result<JsValue, JsValue> {
        let moments = self.0.borrow().summary().map_err(error::from_common)?;
        Ok(objects::moments(&moments))
    }
}
