//! What the client prints, as far as the lab reads it.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The crates that cargo named as it compiled them.
pub(super) fn compiled(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines() {
        // The client shows a line while it grows: only a whole one counts.
        if let Some((_, rest)) = line.split_once("   Compiling ")
            && let Some((name, version)) = rest.split_once(' ')
            && version.starts_with('v')
        {
            found.insert(name.to_owned());
        }
    }
    found
}

/// A time as `find` prints it, in seconds, to the nanosecond: a rounded one would be newer or older.
pub(super) fn time(text: &str) -> Option<SystemTime> {
    let (seconds, fraction) = text.split_once('.')?;
    let nanoseconds = fraction.get(..9)?.parse().ok()?;
    Some(UNIX_EPOCH + Duration::new(seconds.parse().ok()?, nanoseconds))
}

/// The line that says why a build failed.
pub(super) fn error(text: &str) -> String {
    let lines = || text.lines().filter_map(|line| Some(line.split_once("| ")?.1.trim()));
    let line = lines()
        .find(|line| line.starts_with("error"))
        .or_else(|| lines().find(|line| line.contains("ERROR")))
        .or(text.lines().last())
        .unwrap_or_default();
    // The client may show a line while it grows, and the whole of it only later.
    let whole = lines().filter(|grown| grown.starts_with(line)).max_by_key(|grown| grown.len());
    whole.unwrap_or(line).chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_to_the_nanosecond() {
        assert_eq!(time("1764028800.1234567890"), Some(UNIX_EPOCH + Duration::new(1_764_028_800, 123_456_789)));
        assert_eq!(time("1764028800"), None);
    }

    #[test]
    fn counts_each_crate_that_a_whole_line_names() {
        let text = "+wasm |    Compiling\n+wasm |    Compiling wasm-cl\n+wasm |    Compiling wasm-client v0.1.0 (/app)\n\
                    +wasm | [INFO]: Compiling to Wasm...\n+wasm |    compile  wasm-pack (2.49 s)\n";
        assert_eq!(compiled(text), BTreeSet::from(["wasm-client".to_owned()]));
    }

    #[test]
    fn reads_the_whole_of_an_error_that_was_shown_while_it_grew() {
        let text = "+wasm | error:\n+wasm | error: other sources: `touch` them\n+wasm | ERROR Earthfile line 20\n";
        assert_eq!(error(text), "error: other sources: `touch` them");
        assert_eq!(error("+wasm | ERROR Earthfile line 20\n"), "ERROR Earthfile line 20");
        assert_eq!(error("no route to the engine"), "no route to the engine");
    }
}
