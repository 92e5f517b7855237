//! What the package was built from.

#![expect(unreachable_pub, reason = "an export has to be `pub`")]

use js_sys::Object;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::object;

// The build sets it to a digest of the sources. If the value changes, cargo compiles this crate again.
const DIGEST: Option<&str> = option_env!("MODULE_DIGEST");

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
