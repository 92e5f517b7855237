//! BLAKE3 hashes.

use std::{error, fmt};

use serde::Serialize;

/// The hash of some bytes, in hexadecimal.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The hash of bytes that come piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    hasher: blake3::Hasher,
    is_closed: bool,
}

impl Hasher {
    /// Adds bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] after `digest`.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.is_closed {
            return Err(Error::Closed);
        }
        self.hasher.update(bytes);
        Ok(())
    }

    /// The hash of what was added, in hexadecimal.
    #[must_use]
    pub fn digest(&mut self) -> String {
        self.is_closed = true;
        self.hasher.finalize().to_hex().to_string()
    }
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Error {
    /// The digest was taken already.
    Closed,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the digest was taken already")
    }
}

impl error::Error for Error {}
