//! Errors with a code, and the codes that every package has.

use js_sys::{Error, Object};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::object;

/// A plain `Error` with the fields of a struct, or of a tagged enum, one of which is its `code`.
pub(crate) fn error(message: &str, fields: impl Serialize) -> JsValue {
    let error = Error::new(message);
    match object(fields) {
        Ok(fields) => Object::assign(&error, &fields).into(),
        Err(cause) => {
            // The message is still the library's; the code is that of the cause.
            error.set_cause(&cause);
            Object::assign(&error, cause.unchecked_ref()).into()
        }
    }
}

/// What serde says, without the name of JavaScript's class in front.
pub(super) fn message(cause: serde_wasm_bindgen::Error) -> String {
    Error::from(JsValue::from(cause)).message().into()
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** The codes that an error of any export may have besides the library's own. After `panic` and `trap` the package works as if it
 * had just been loaded; older objects are stale.
 *
 * - `wrong_type`: an argument has the wrong type; the error is a `TypeError`. Where a number or a boolean is expected,
 *   JavaScript converts what it gets instead.
 * - `invalid_options`: an option has a wrong value or no meaning; `option` is its name.
 * - `not_representable`: a result has no JavaScript form, such as an integer beyond 2^53.
 * - `out_of_memory`: there is no room for a copy of the values; WebAssembly's memory has 4 GiB at most.
 * - `freed_object`: the object was freed by `free()` or `using`, or the function by this package.
 * - `object_in_use`: the object was freed during a call that uses it.
 * - `stale_object`: the object was lost when an earlier call ended in `panic` or `trap`.
 * - `panic`: a bug in this package; the message has Rust's message and the place in the code.
 * - `trap`: the stack or the memory was exhausted during the call, or something threw in an async call and was not caught
 *   there. `cause` is that error.
 * - `not_loaded`, `mismatched_module`: there is no module at the address given to `init`, or one from another build.
 * - `blocked`, `unsupported`: this page or runtime forbids compiling WebAssembly, or has none at all.
 * - `sync_refused`: the module is too large for this browser to start it at import; `/init` starts it. */
export type PackageErrorCode = "wrong_type" | "invalid_options" | "not_representable" | "out_of_memory" | "freed_object"
    | "object_in_use" | "stale_object" | "panic" | "trap" | "not_loaded" | "mismatched_module" | "blocked"
    | "unsupported" | "sync_refused";
"#;
