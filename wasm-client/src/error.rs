//! `common`'s errors, and this crate's own, as JavaScript's: a `LibraryError` with a stable `code` and the particulars.

use common::ErrorKind;
use wasm_bindgen::prelude::*;

use crate::{
    objects::number,
    package::{LibraryError, error},
};

// Added to what npm/error.d.ts has, which are those of any library.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
declare module "./error.js" {
    interface ErrorCodes {
        /** There is no value to describe. */
        empty_series: unknown;
        /** The value at `index` is infinite or not a number. */
        not_finite: unknown;
        /** The `text` at `line` and `column` is not a finite number. */
        invalid_number: unknown;
        /** The number of bins is 0 or over 1,048,576. */
        invalid_bins: unknown;
        /** The buffer of a `Float64Array` was transferred away, or shrunk under it. */
        detached_buffer: unknown;
        /** WebAssembly's memory, of 4 GiB at most, cannot hold a copy of the values. */
        out_of_memory: unknown;
    }

    interface LibraryError {
        /** Of `not_finite` and `invalid_type`: where the value is among those given, from 0. */
        readonly index?: number;
        /** Of `invalid_number`: the line that the text is in, from 1. */
        readonly line?: number;
        /** Of `invalid_number`: where in the line the text starts, from 1, in characters. */
        readonly column?: number;
        /** Of `invalid_number`: the text. */
        readonly text?: string;
    }
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(method, setter)]
    fn set_index(this: &LibraryError, index: f64);

    #[wasm_bindgen(method, setter)]
    fn set_line(this: &LibraryError, line: f64);

    #[wasm_bindgen(method, setter)]
    fn set_column(this: &LibraryError, column: f64);

    #[wasm_bindgen(method, setter)]
    fn set_text(this: &LibraryError, text: &str);
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(crate) fn from_common(error: common::Error) -> JsValue {
    let thrown = LibraryError::new(error.code(), &error.to_string());
    match error.kind() {
        ErrorKind::NotFinite { index } => thrown.set_index(number(*index as u64)),
        ErrorKind::InvalidNumber { line, column, text } => {
            thrown.set_line(number(*line as u64));
            thrown.set_column(number(*column as u64));
            thrown.set_text(text);
        }
        _ => {}
    }
    thrown.into()
}

/// WebAssembly's memory, of 4 GiB at most, cannot hold a copy of the values; or JavaScript's cannot.
pub(crate) fn out_of_memory() -> JsValue {
    error("out_of_memory", "there is not enough memory for a copy of the values")
}
