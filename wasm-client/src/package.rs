//! What every package has, whatever the library is. Keep this file when you replace the example.

#![expect(unreachable_pub, reason = "an export has to be `pub`")]

use std::{cell::RefCell, panic};

use js_sys::{Error, Function, Object};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{handler, prelude::*};

// The build sets it to a digest of the sources. If the value changes, cargo compiles this crate again.
const DIGEST: Option<&str> = option_env!("MODULE_DIGEST");

// The standard library's allocator would add 7 KB, an eighth of the module. This one is for a single thread.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[derive(Serialize)]
struct Fields<T> {
    #[serde(flatten)]
    of: T,
}

/// A plain object with the fields of a struct.
///
/// serde-wasm-bindgen would assign the fields, and the values of an array, so a setter on `Object.prototype` would be called.
/// A map's entries become the object's own fields.
pub(crate) fn object(value: impl Serialize) -> Result<Object, JsValue> {
    Object::from_entries(&Fields { of: value }.serialize(&Serializer::new())?)
}

/// A plain `Error` with the fields of a struct, or of a tagged enum, one of which is its `code`.
#[allow(dead_code, reason = "a library may have no errors of its own")]
pub(crate) fn error(message: &str, fields: impl Serialize) -> JsValue {
    let error = Error::new(message);
    object(fields).map_or_else(Into::into, |fields| {
        let fields = Object::get_own_property_descriptors(&fields);
        Object::define_properties(&error, fields.unchecked_ref()).into()
    })
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What this package was built from. */
export interface BuildInfo {
    /** The package's version. */
    version: string;
    /** How it was optimised. */
    profile: "release" | "dev";
    /** The SHA-256 digest of the Rust sources; `undefined` if `cargo xtask build` did not build it. */
    moduleDigest: string | undefined;
}

/** The codes that an error of any export may have besides the library's own. An argument of the wrong type is a `TypeError`
 * without a code. After `panic` and `trap` the package works as if it had just been loaded; older objects are stale.
 *
 * - `out_of_memory`: there is no room for a copy of the values; WebAssembly's memory has 4 GiB at most.
 * - `freed_object`: the object was freed by `free()` or `using`.
 * - `object_in_use`: the object was freed during a call that uses it.
 * - `stale_object`: the object was lost when an earlier call ended in `panic` or `trap`.
 * - `panic`: a bug in this package; the message has Rust's message and the place in the code.
 * - `trap`: the stack or the memory was exhausted during the call. `cause` is the engine's error.
 * - `not_loaded`, `mismatched_module`: there is no module at the address given to `init`, or one from another build.
 * - `blocked`, `unsupported`: this page or runtime forbids compiling WebAssembly, or has none at all.
 * - `sync_refused`: the module is too large for this browser to start it at import; `/init` starts it. */
export type PackageErrorCode = "out_of_memory" | "freed_object" | "object_in_use" | "stale_object" | "panic" | "trap"
    | "not_loaded" | "mismatched_module" | "blocked" | "unsupported" | "sync_refused";
"#;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BuildInfo {
    version: &'static str,
    profile: &'static str,
    module_digest: Option<&'static str>,
}

/// What this package was built from.
#[wasm_bindgen(js_name = buildInfo, unchecked_return_type = "BuildInfo")]
pub fn build_info() -> Result<Object, JsValue> {
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    object(BuildInfo { version: env!("CARGO_PKG_VERSION"), profile, module_digest: DIGEST })
}

thread_local! {
    static WATCHER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Sets the function that is told about a panic, from npm/guard.js. Without it, a panic is only a trap.
#[wasm_bindgen(js_name = __watch, skip_typescript)]
pub fn watch(watcher: Function) {
    WATCHER.set(Some(watcher));
    panic::set_hook(Box::new(|info| {
        let message = format!("a bug in this library: {info}");
        if let Some(watcher) = WATCHER.take() {
            let _ = watcher.call1(&JsValue::UNDEFINED, &JsValue::from_str(&message));
        }
    }));
}

/// Asks for a fresh instance. The next call to any export makes it before anything else.
#[wasm_bindgen(js_name = __restart, skip_typescript)]
pub fn restart() {
    handler::schedule_reinit();
}
