//! From text to numbers: separators, comments, and where a token is if it is no number.
//! What a decimal number looks like is left to the standard library.

use crate::{Error, ErrorKind};

pub(crate) fn parse(text: &str) -> Result<Vec<f64>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut numbers = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, after) = cut(rest, |next| next == '#' || is_separator(next));
        if !token.is_empty() {
            let number = finite(token).ok_or_else(|| invalid(text, rest, token))?;
            numbers.try_reserve(1).map_err(|_| ErrorKind::OutOfMemory)?;
            numbers.push(number);
        }
        rest = if after.starts_with('#') {
            cut(after, is_line_end).1
        } else {
            after.trim_start_matches(is_separator)
        };
    }
    Ok(numbers)
}

/// Cuts a text before the first character of some kind.
fn cut(text: &str, kind: impl Fn(char) -> bool) -> (&str, &str) {
    text.find(kind).and_then(|end| text.split_at_checked(end)).unwrap_or((text, ""))
}

fn is_separator(character: char) -> bool {
    matches!(character, ',' | ';') || character.is_whitespace()
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r')
}

/// The standard library reads `inf`, `nan` and `1e999` as well: none of them is finite.
fn finite(token: &str) -> Option<f64> {
    token.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Lines are counted here, once there is an error, rather than for every number.
fn invalid(text: &str, rest: &str, token: &str) -> Error {
    let before = text.strip_suffix(rest).unwrap_or(text);
    let (mut line, mut column, mut previous) = (1, 1, '\n');
    for character in before.chars() {
        if !is_line_end(character) {
            column += 1;
        } else if (previous, character) != ('\r', '\n') {
            (line, column) = (line + 1, 1);
        }
        previous = character;
    }
    Error { kind: ErrorKind::InvalidNumber { line, column, text: token.to_owned() } }
}
