//! Whatever the text: no panic, only finite numbers, the place of an error is that of its token, and what was read
//! reads the same when it is written out.

#![no_main]

use common::Error;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match common::parse(text) {
    Ok(numbers) => {
        assert!(numbers.iter().all(|number| number.is_finite()));
        let written: Vec<String> = numbers.iter().map(|number| format!("{number:e}")).collect();
        assert_eq!(common::parse(&written.join(" ")).as_ref(), Ok(&numbers));
    }
    Err(error) => {
        let Error::InvalidNumber { line, column, text: token } = &error else {
            panic!("another error: {error:?}");
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        let found: String = lines.split('\n').nth(line - 1).unwrap().chars().skip(column - 1).collect();
        assert!(found.starts_with(token.as_str()), "{found:?} does not start with {token:?}");
        assert!(!token.parse::<f64>().is_ok_and(f64::is_finite));
    }
});
