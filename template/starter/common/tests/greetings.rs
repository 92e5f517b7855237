//! The library, without JavaScript.

#![cfg(test)]

use common::{Error, Guests, Options, Translation, greet, translations};

#[test]
fn greets_as_the_options_say() {
    let loud = Options { greeting: Some("Good morning".to_owned()), is_loud: true };
    assert_eq!(greet("Ada", &Options::default()), Ok("Hello, Ada!".to_owned()));
    assert_eq!(greet("Ada", &loud), Ok("Good morning, Ada!!!".to_owned()));
}

#[test]
fn refuses_names_that_are_empty_or_too_long() {
    let options = Options::default();
    assert_eq!(greet("", &options), Err(Error::EmptyName));
    assert_eq!(greet(&"ä".repeat(101), &options), Err(Error::LongName { length: 101 }));
    assert!(greet(&"ä".repeat(100), &options).is_ok());
}

#[test]
fn greets_in_several_languages() {
    let german = Translation { language: "de", text: "Hallo, Ada!".to_owned() };
    assert_eq!(translations("Ada")[0], german);
}

#[test]
fn counts_guests() {
    let mut guests = Guests::default();
    guests.add("Ada".to_owned());
    assert_eq!(guests.count(), 1);
}
