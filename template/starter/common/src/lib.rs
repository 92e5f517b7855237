//! Greetings, an example to write over. It is plain Rust, and knows nothing of JavaScript.

use std::{error, fmt};

use serde::{Deserialize, Serialize};

/// The most characters that a name may have.
const LONGEST: usize = 100;

/// How to greet. What is left out has its default value.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// The words before the name; `Hello` if there are none.
    pub greeting: Option<String>,
    /// Whether to raise the voice.
    pub is_loud: bool,
}

/// A greeting in one language.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Translation {
    /// The language's tag, such as `de`.
    pub language: &'static str,
    /// The whole greeting.
    pub text: String,
}

/// Why there is no greeting. The variant's name becomes the `code` of JavaScript's error, and its fields become fields.
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Error {
    /// The name is empty.
    EmptyName,
    /// The name is too long.
    LongName {
        /// How many characters it has.
        length: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyName => write!(f, "the name is empty"),
            Self::LongName { length } => write!(f, "the name has {length} characters; {LONGEST} are allowed"),
        }
    }
}

impl error::Error for Error {}

/// Greets somebody.
///
/// # Errors
///
/// The name is empty or has more than 100 characters.
pub fn greet(name: &str, options: &Options) -> Result<String, Error> {
    match name.chars().count() {
        0 => return Err(Error::EmptyName),
        length if length > LONGEST => return Err(Error::LongName { length }),
        _ => {}
    }

    let greeting = options.greeting.as_deref().unwrap_or("Hello");
    let end = if options.is_loud { "!!!" } else { "!" };
    Ok(format!("{greeting}, {name}{end}"))
}

/// Greets somebody in several languages.
#[must_use]
pub fn translations(name: &str) -> Vec<Translation> {
    let words = [("de", "Hallo"), ("en", "Hello"), ("fr", "Bonjour")];
    words.map(|(language, word)| Translation { language, text: format!("{word}, {name}!") }).into()
}

/// The guests of a party.
#[derive(Default)]
pub struct Guests {
    names: Vec<String>,
}

impl Guests {
    /// Adds a guest.
    pub fn add(&mut self, name: String) {
        self.names.push(name);
    }

    /// How many guests there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.names.len()
    }
}
