//! BLAKE3 hashes, for JavaScript.

mod error;
mod panic;

use wasm_bindgen::{handler, prelude::*};

// The build sets this variable to a digest of the files that this crate is made from. Cargo compares a variable
// that is read here by its value, so a change of content rebuilds the crate whatever the files' times say.
const DIGEST: Option<&str> = option_env!("WASM_CLIENT_DIGEST");

#[wasm_bindgen(start)]
fn start() {
    panic::install();
}

/// Asks for a fresh instance, which the next call to any export makes before it does anything else.
#[wasm_bindgen(skip_typescript)]
pub fn restart() {
    handler::schedule_reinit();
}

#[wasm_bindgen]
extern "C" {
    type Object;

    #[wasm_bindgen(constructor)]
    fn new() -> Object;

    #[wasm_bindgen(method, setter)]
    fn set_version(this: &Object, version: &str);

    #[wasm_bindgen(method, setter)]
    fn set_profile(this: &Object, profile: &str);

    #[wasm_bindgen(method, setter)]
    fn set_digest(this: &Object, digest: Option<&str>);
}

/// What this package was built from.
#[wasm_bindgen(js_name = buildInfo)]
#[must_use]
pub fn build_info() -> JsValue {
    let object = Object::new();
    object.set_version(env!("CARGO_PKG_VERSION"));
    object.set_profile(if cfg!(debug_assertions) { "dev" } else { "release" });
    object.set_digest(DIGEST);
    object.into()
}

/// The hash of some bytes, in hexadecimal.
#[wasm_bindgen]
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    common::hash(bytes)
}

/// The hash of bytes that come piece by piece.
#[wasm_bindgen]
#[derive(Default)]
pub struct Hasher {
    hasher: common::Hasher,
    closed: bool,
}

#[wasm_bindgen]
impl Hasher {
    /// Of no bytes.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes.
    ///
    /// # Errors
    ///
    /// `closed` after `digest`.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        if self.closed {
            return Err(error::new("closed", "the digest was taken already"));
        }
        self.hasher.update(bytes);
        Ok(())
    }

    /// The hash of what was added, in hexadecimal.
    pub fn digest(&mut self) -> String {
        self.closed = true;
        self.hasher.digest()
    }
}
