//! Times `common` on the series that bench.js makes, and prints for each line `NAME LENGTH NANOSECONDS` samples.

use std::{env, hint::black_box, time::Instant};

/// The generator of bench.js: the same numbers on both sides.
fn series(length: usize) -> Vec<f64> {
    let mut state = 1_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state) / 4_294_967_296.0
        })
        .collect()
}

fn main() {
    let samples: usize = env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(30);
    for length in [100, 10_000, 1_000_000] {
        let values = series(length);
        let calls = (1_000_000 / length).clamp(1, 2000);
        let text: Vec<String> = values.iter().map(f64::to_string).collect();
        let text = text.join("\n");
        for _ in 0..samples {
            time("summarize", length, calls, || common::summarize(black_box(&values)));
            time("histogram", length, calls, || common::histogram(black_box(&values), 100));
            time("parse", length, calls, || common::parse(black_box(&text)));
        }
    }
}

fn time<T>(name: &str, length: usize, calls: usize, call: impl Fn() -> T) {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(call());
    }
    println!("{name} {length} {}", start.elapsed().as_nanos() / calls as u128);
}
