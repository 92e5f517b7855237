//! From text to numbers: lines, comments, separators, and where a token is if it is no number.
//! What a decimal number looks like is left to the standard library.

use crate::{Error, ErrorKind};

pub(crate) fn parse(text: &str) -> Result<Vec<f64>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut numbers = Vec::new();
    for (index, line) in lines(text).enumerate() {
        let content = line.split_once('#').map_or(line, |(content, _comment)| content);
        let mut start = 0;
        for piece in content.split_inclusive(is_separator) {
            let token = piece.trim_end_matches(is_separator);
            if !token.is_empty() {
                let number = finite(token).ok_or_else(|| ErrorKind::InvalidNumber {
                    line: index + 1,
                    column: content.char_indices().take_while(|&(at, _)| at < start).count() + 1,
                    text: token.to_owned(),
                })?;
                numbers.push(number);
            }
            start += piece.len();
        }
    }
    Ok(numbers)
}

/// The lines without their ends: `\n`, `\r\n` or a lone `\r`, as editors count them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

fn is_separator(character: char) -> bool {
    matches!(character, ',' | ';') || character.is_whitespace()
}

/// The standard library reads `inf`, `nan` and `1e999` as well: none of them is finite.
fn finite(token: &str) -> Option<f64> {
    token.parse().ok().filter(|number: &f64| number.is_finite())
}
