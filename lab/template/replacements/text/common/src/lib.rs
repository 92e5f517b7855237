//! Words of a text.

use std::{collections::BTreeMap, error, fmt};

const _: Option<&str> = option_env!("COMMON_DIGEST");

/// How often each word occurs, whatever its case.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: BTreeMap<String, u32>,
}

impl Tally {
    /// Counts the words of a text.
    pub fn add(&mut self, text: &str) {
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        for word in words {
            let count = self.counts.entry(word.to_lowercase()).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// How often a word occurred.
    #[must_use]
    pub fn count(&self, word: &str) -> u32 {
        self.counts.get(&word.to_lowercase()).copied().unwrap_or_default()
    }

    /// The word that occurred most often; of several, the first by the alphabet.
    ///
    /// # Errors
    ///
    /// [`NoWords`] if there was none.
    pub fn most_frequent(&self) -> Result<&str, NoWords> {
        let first = self.counts.iter().rev().max_by_key(|(_, count)| **count);
        first.map(|(word, _)| word.as_str()).ok_or(NoWords)
    }
}

/// There is no word in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoWords;

impl fmt::Display for NoWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there are no words")
    }
}

impl error::Error for NoWords {}
