//! Words of a text.

use std::{collections::BTreeMap, error, fmt};

use serde::Serialize;

/// How often each word occurs.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    shortest: u32,
    is_case_sensitive: bool,
    counts: BTreeMap<String, u32>,
}

impl Tally {
    /// A tally of words of at least so many letters; the default counts all, whatever their case.
    #[must_use]
    pub fn new(shortest: u32, is_case_sensitive: bool) -> Self {
        Self { shortest, is_case_sensitive, counts: BTreeMap::new() }
    }

    /// Counts the words of a text.
    pub fn add(&mut self, text: &str) {
        let shortest = usize::try_from(self.shortest).unwrap_or(usize::MAX).max(1);
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        for word in words.filter(|word| word.chars().count() >= shortest) {
            let count = self.counts.entry(self.folded(word)).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// How often a word occurred.
    #[must_use]
    pub fn count(&self, word: &str) -> u32 {
        self.counts.get(&self.folded(word)).copied().unwrap_or_default()
    }

    /// The word that occurred most often; of several, the first by the alphabet.
    ///
    /// # Errors
    ///
    /// [`Error::NoWords`] if there was none.
    pub fn most_frequent(&self) -> Result<&str, Error> {
        let first = self.counts.iter().rev().max_by_key(|(_, count)| **count);
        first.map(|(word, _)| word.as_str()).ok_or(Error::NoWords)
    }

    fn folded(&self, word: &str) -> String {
        if self.is_case_sensitive { word.to_owned() } else { word.to_lowercase() }
    }
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Error {
    /// There is no word in the text.
    NoWords,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there are no words")
    }
}

impl error::Error for Error {}
