//! Reading numbers: what separates them, what is not a number, and the place that the error names.

use common::{Error, parse};
use proptest::prelude::*;

use crate::series;

#[track_caller]
fn reads(text: &str, expected: &[f64]) {
    assert_eq!(parse(text).as_deref(), Ok(expected));
}

#[track_caller]
fn rejects(text: &str, line: usize, column: usize, token: &str) {
    assert_eq!(parse(text), Err(Error::InvalidNumber { line, column, text: token.to_owned() }));
}

#[test]
fn reads_decimal_numbers() {
    reads("1.5 .5 5. +0.1 -2", &[1.5, 0.5, 5.0, 0.1, -2.0]);
    reads("1e3 1E-3 -2.5e+1", &[1000.0, 0.001, -25.0]);
    reads("1.7976931348623157e308 5e-324 1e-999", &[f64::MAX, 5e-324, 0.0]);
    assert!(parse("-0").is_ok_and(|numbers| numbers[0].is_sign_negative()));
}

#[test]
fn any_run_of_separators_separates() {
    reads("1 2\t3,4;5\n6\r\n7\r8", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    reads(" ,;\n1 ,\n;,, 2;", &[1.0, 2.0]);
    reads("1\u{a0}2\u{85}3\u{2028}4\u{3000}5", &[1.0, 2.0, 3.0, 4.0, 5.0]);
    for text in ["", "\u{feff}", " \n\t", ",;", "# 1 2 3", "#"] {
        reads(text, &[]);
    }

    // A comment ends with its line.
    reads("1 ## two # 3\r\n#\n4", &[1.0, 4.0]);
    reads("1# two\r3", &[1.0, 3.0]);
    reads("1 # two\u{85}3\u{2028}4\n5", &[1.0, 5.0]);

    // A byte order mark is skipped at the start only.
    reads("\u{feff}1", &[1.0]);
    rejects("\u{feff}\u{feff}1", 1, 1, "\u{feff}1");
    rejects("1 \u{feff}2", 1, 3, "\u{feff}2");
}

#[test]
fn rejects_what_is_no_finite_number() {
    for token in ["four", "1_000", "0x1f", "1e", "e1", "--1", "+", ".", "1.2.3", "½", "inf", "-NaN", "1e999"] {
        rejects(token, 1, 1, token);
    }
    rejects("1 two three", 1, 3, "two");
}

#[test]
fn counts_lines_as_editors_do_and_columns_in_characters() {
    rejects("1\r\n2\r\nx", 3, 1, "x");
    rejects("1\n\r2\r\r\n\n  x", 6, 3, "x");
    rejects("1\u{3000}é😀,", 1, 3, "é😀");
    rejects("# é\n1\tx# comment", 2, 3, "x");
}

#[test]
fn the_message_shows_forty_characters_of_a_token() {
    let longest = "é".repeat(40);
    for (token, dots) in [(longest.clone(), ""), (longest.clone() + "é", "…")] {
        let message = format!("line 1, column 1: `{longest}{dots}` is not a finite number");
        assert_eq!(parse(&token).unwrap_err().to_string(), message);
    }
}

proptest! {
    #[test]
    fn reads_back_any_numbers_as_they_were(
        numbers in series(),
        separators in prop::collection::vec("[,;]|[,; \t\r\n]{1,3}|[ ]*#[^\r\n]*[\r\n]", 1..9),
    ) {
        let tokens = numbers.iter().zip(separators.iter().cycle());
        let text = tokens.map(|(number, separator)| number.to_string() + separator).collect::<String>();
        let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(parse(&text).map(|read| bits(&read)), Ok(bits(&numbers)));
    }
}
