//! BLAKE3 hashes.

const _: Option<&str> = option_env!("COMMON_DIGEST");

/// The hash of some bytes, in hexadecimal.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The hash of bytes that come piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of what was added so far, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}
