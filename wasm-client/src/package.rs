//! What the package has whatever the library is, and what npm/guard.js, `cargo xtask` and the tests count on: the class
//! of its errors, the end of a panic, and what it was built from. Another library in the place of the example keeps it.

#![expect(unreachable_pub, reason = "an export has to be `pub`")]

use std::panic;

use wasm_bindgen::{handler, prelude::*};

// The build sets this variable to a digest of the files that this crate is made from. Cargo compares a variable
// that is read here by its value, so a change of content rebuilds the crate whatever the files' times say.
const DIGEST: Option<&str> = option_env!("FRESH_DIGEST");

// The standard library's own allocator would add 7 KB, an eighth. This one is for one thread, as WebAssembly is.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[wasm_bindgen(raw_module = "./error.js")]
extern "C" {
    /// The class of every error of this package, which is JavaScript's: see npm/error.js and npm/error.d.ts.
    pub(crate) type LibraryError;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new(code: &str, message: &str) -> LibraryError;

    /// Tells npm/guard.js that this instance is not to be trusted any more, and throws.
    fn panicked(message: &str);
}

/// An error with a stable code for programs and a message for people.
#[allow(dead_code, reason = "a library may have no errors of its own")]
pub(crate) fn error(code: &str, message: &str) -> JsValue {
    LibraryError::new(code, message).into()
}

/// Runs once in each instance of the module, ahead of everything else.
///
/// A panic is a bug of this library. It reaches the caller as an error with Rust's message, and the next call runs in a
/// fresh instance of the module: npm/guard.js sees to that, which stands around every export.
#[wasm_bindgen(start)]
fn start() {
    panic::set_hook(Box::new(|info| panicked(&format!("a bug in this library: {info}"))));
}

/// Asks for a fresh instance, which the next call to any export makes before it does anything else.
///
/// It has to be asked from outside, by npm/guard.js. A panic hook that did it would have any call that an iterator makes
/// meanwhile replace the instance under the calls around that one, which go on in the old one's memory.
#[wasm_bindgen(skip_typescript)]
pub fn restart() {
    handler::schedule_reinit();
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What this package was built from. */
export interface BuildInfo {
    /** The package's version. */
    version: string;
    /** How it was optimised. */
    profile: "release" | "dev";
    /** The SHA-256 digest of the Rust sources that the module was compiled from; `undefined` if it was not built by
     * `cargo xtask build`. */
    digest: string | undefined;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Object)]
    type BuildInfo;

    #[wasm_bindgen(constructor, js_class = "Object")]
    fn new() -> BuildInfo;

    #[wasm_bindgen(method, setter)]
    fn set_version(this: &BuildInfo, value: &str);

    #[wasm_bindgen(method, setter)]
    fn set_profile(this: &BuildInfo, value: &str);

    #[wasm_bindgen(method, setter)]
    fn set_digest(this: &BuildInfo, value: Option<&str>);
}

/// What this package was built from.
#[wasm_bindgen(js_name = buildInfo, unchecked_return_type = "BuildInfo")]
#[must_use]
pub fn build_info() -> JsValue {
    let info = BuildInfo::new();
    info.set_version(env!("CARGO_PKG_VERSION"));
    info.set_profile(if cfg!(debug_assertions) { "dev" } else { "release" });
    info.set_digest(DIGEST);
    info.into()
}
