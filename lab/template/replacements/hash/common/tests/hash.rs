//! Hashes of bytes.

/// From the authors' test vectors.
const OF_NOTHING: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

#[test]
fn hashes_pieces_as_the_whole() -> Result<(), common::Error> {
    assert_eq!(common::hash(b""), OF_NOTHING);
    let mut hasher = common::Hasher::default();
    hasher.update(b"one ")?;
    hasher.update(b"two")?;
    assert_eq!(hasher.digest(), common::hash(b"one two"));
    assert_eq!(hasher.update(b"three"), Err(common::Error::Closed));
    Ok(())
}
