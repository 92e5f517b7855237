//! From text to numbers: separators, comments, and the place of a token that is not a number. The standard library
//! reads the numbers themselves.

use crate::Error;

/// Reads the numbers of a text, in their order.
///
/// White space, commas and semicolons separate numbers, in runs of any length. A `#` starts a comment, which ends with the
/// line: at `\n`, `\r\n` or a lone `\r`. Other line breaks of Unicode, such as U+0085, are white space. A byte order mark at
/// the start is skipped. A number is decimal, may have a sign, a fraction and an exponent, and becomes the nearest `f64`.
///
/// # Errors
///
/// - [`Error::InvalidNumber`] at the first token that is not a number (`four`, `1_000`, `0x1f`), is not finite (`inf`,
///   `NaN`), or is beyond the range of `f64` (`1e999`).
/// - [`Error::OutOfMemory`] if there is no room for the numbers.
///
/// # Example
///
/// ```
/// assert_eq!(common::parse("1, 2.5; -3e2 # three numbers\n.5")?, [1.0, 2.5, -300.0, 0.5]);
/// # Ok::<(), common::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Vec<f64>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let separates = |next: char| matches!(next, ',' | ';') || next.is_whitespace();
    let mut numbers = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, after) = cut(rest, |next| next == '#' || separates(next));
        if !token.is_empty() {
            // The standard library also reads `inf`, `nan` and `1e999`, and none of them is finite.
            let number = token.parse().ok().filter(|number: &f64| number.is_finite());
            numbers.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            numbers.push(number.ok_or_else(|| invalid(text, rest, token))?);
        }
        let after = if after.starts_with('#') { cut(after, ends_line).1 } else { after };
        rest = after.trim_start_matches(separates);
    }
    Ok(numbers)
}

/// Cuts a text before the first character of some kind.
fn cut(text: &str, kind: impl Fn(char) -> bool) -> (&str, &str) {
    text.find(kind).and_then(|end| text.split_at_checked(end)).unwrap_or((text, ""))
}

fn ends_line(character: char) -> bool {
    matches!(character, '\n' | '\r')
}

/// Counts lines only now that there is an error, not at every number.
fn invalid(text: &str, rest: &str, token: &str) -> Error {
    let before = text.strip_suffix(rest).unwrap_or(text);
    let pairs = before.as_bytes().windows(2).filter(|pair| pair == b"\r\n").count();
    let line = 1 + before.chars().filter(|&next| ends_line(next)).count() - pairs;
    let column = 1 + before.chars().rev().take_while(|&next| !ends_line(next)).count();
    Error::InvalidNumber { line, column, text: token.to_owned() }
}
