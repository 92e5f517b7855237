//! Reading numbers: what separates them, what is none of them, and where the message says it is.

mod support;

use common::{ErrorKind, parse};
use proptest::prelude::*;
use support::{config, rejects, series};

// Cargo compares the value: tests that change are built anew, whatever the files' times say.
const _: Option<&str> = option_env!("TESTS_DIGEST");

#[track_caller]
fn reads(text: &str, expected: &[f64]) {
    assert_eq!(parse(text).as_deref(), Ok(expected));
}

#[track_caller]
fn rejects_at(text: &str, line: usize, column: usize, token: &str) {
    let message = format!("line {line}, column {column}: `{token}` is not a finite number");
    rejects(parse(text), "invalid_number", &message);
    let kind = ErrorKind::InvalidNumber { line, column, text: token.to_owned() };
    assert_eq!(parse(text).err().map(|error| error.kind().clone()), Some(kind));
}

#[test]
fn reads_decimal_numbers() {
    reads("1 -2 +3", &[1.0, -2.0, 3.0]);
    reads("1.5 .5 5. 0.1", &[1.5, 0.5, 5.0, 0.1]);
    reads("1e3 1E-3 -2.5e+1", &[1000.0, 0.001, -25.0]);
    reads("1.7976931348623157e308 5e-324 1e-999", &[f64::MAX, 5e-324, 0.0]);
}

#[test]
fn keeps_the_sign_of_zero() {
    assert!(parse("-0").is_ok_and(|numbers| numbers[0].is_sign_negative()));
}

#[test]
fn any_run_of_separators_separates() {
    reads("1 2\t3,4;5\n6\r\n7\r8", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    reads(" ,;\n1 ,\n;,, 2;", &[1.0, 2.0]);
    reads("1\u{a0}2\u{85}3\u{2028}4\u{3000}5", &[1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn a_text_without_numbers_gives_none() {
    for text in ["", "\u{feff}", " \n\t", ",;", "# 1 2 3", "#"] {
        reads(text, &[]);
    }
}

#[test]
fn a_comment_ends_with_its_line() {
    reads("1 # two\n3", &[1.0, 3.0]);
    reads("1# two\r3", &[1.0, 3.0]);
    reads("1 ## two # 3\r\n#\n4", &[1.0, 4.0]);
    reads("1 # two\u{85}3\u{2028}4\n5", &[1.0, 5.0]);
}

#[test]
fn skips_a_byte_order_mark_at_the_start_only() {
    reads("\u{feff}1", &[1.0]);
    rejects_at("\u{feff}one", 1, 1, "one");
    rejects_at("\u{feff}\u{feff}1", 1, 1, "\u{feff}1");
    rejects_at("1 \u{feff}2", 1, 3, "\u{feff}2");
    rejects_at("1\u{feff}", 1, 1, "1\u{feff}");
}

#[test]
fn rejects_what_is_no_number() {
    for token in ["four", "1_000", "0x1f", "1e", "e1", "--1", "+", ".", "1.2.3", "½", "1'000"] {
        rejects_at(token, 1, 1, token);
    }
}

#[test]
fn rejects_what_is_not_finite() {
    for token in ["inf", "-Inf", "+INFINITY", "infinity", "nan", "NaN", "-nan", "1e999", "-1e999"] {
        rejects_at(token, 1, 1, token);
    }
}

#[test]
fn the_first_offender_is_named() {
    rejects_at("1 two three", 1, 3, "two");
}

#[test]
fn counts_lines_as_editors_do() {
    rejects_at("1\n2\nx", 3, 1, "x");
    rejects_at("1\r\n2\r\nx", 3, 1, "x");
    rejects_at("1\r2\rx", 3, 1, "x");
    rejects_at("1\n\r2\r\r\n\n  x", 6, 3, "x");
    rejects_at("1\u{85}2\u{2028}\u{b}\u{c}x", 1, 7, "x");
}

#[test]
fn counts_columns_in_characters() {
    rejects_at("\tx", 1, 2, "x");
    rejects_at("1,x", 1, 3, "x");
    rejects_at("1\u{3000}é😀,", 1, 3, "é😀");
    rejects_at("# é\n1 x# comment", 2, 3, "x");
}

#[test]
fn the_message_shows_forty_characters_of_a_token() {
    let longest = "é".repeat(40);
    rejects_at(&longest, 1, 1, &longest);

    let token = "é".repeat(41);
    let message = format!("line 1, column 1: `{longest}…` is not a finite number");
    rejects(parse(&token), "invalid_number", &message);
    let kind = ErrorKind::InvalidNumber { line: 1, column: 1, text: token.clone() };
    assert_eq!(parse(&token).unwrap_err().kind(), &kind);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_gives_finite_numbers_or_an_error(
        text in prop_oneof![any::<String>(), "[-+0-9.eEinfax,;# \t\r\n\u{85}é\u{feff}]*"],
    ) {
        match parse(&text) {
            Ok(numbers) => prop_assert!(numbers.iter().all(|number| number.is_finite())),
            Err(error) => prop_assert_eq!(error.code(), "invalid_number"),
        }
    }

    #[test]
    fn reads_back_any_numbers_as_they_were(
        numbers in series(),
        separators in prop::collection::vec("[,;]|[,; \t\r\n]{1,3}|[ ]*#[^\r\n]*[\r\n]", 1..9),
    ) {
        let mut text = String::new();
        for (number, separator) in numbers.iter().zip(separators.iter().cycle()) {
            text += &number.to_string();
            text += separator;
        }
        let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(parse(&text).map(|read| bits(&read)), Ok(bits(&numbers)));
    }

    #[test]
    fn finds_the_line_and_column_of_an_offender(
        before in prop::collection::vec("([0-9]{1,3}[,; \t]){0,4}(# [0-9é]*)?", 0..5),
        line in "([0-9]{1,3}[,; \t\u{3000}]){0,4}",
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
    ) {
        let text = [before.as_slice(), &[format!("{line}x 1")]].concat().join(end);
        rejects_at(&text, before.len() + 1, line.chars().count() + 1, "x");
    }
}
