//! BLAKE3 hashes, for JavaScript.

mod package;

use wasm_bindgen::prelude::*;

use crate::package::error;

/// The hash of some bytes, in hexadecimal.
#[wasm_bindgen]
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    common::hash(bytes)
}

/// The hash of bytes that come piece by piece.
#[wasm_bindgen]
#[derive(Default)]
pub struct Hasher(common::Hasher);

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
        self.0.update(bytes).map_err(|cause| error(&cause.to_string(), cause))
    }

    /// The hash of what was added, in hexadecimal.
    pub fn digest(&mut self) -> String {
        self.0.digest()
    }
}
