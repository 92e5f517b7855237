//! Exports with bugs, one of each kind, for recovery.test.js; they are in no package.

#![expect(clippy::panic, unreachable_pub, reason = "bugs are what it is for; an export has to be `pub`")]

use std::{cell::RefCell, hint::black_box};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use crate::Accumulator;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(call: &JsValue);
}

thread_local! {
    static STATE: RefCell<u32> = const { RefCell::new(0) };
}

/// Panics while the state is borrowed, which stays so in this instance.
#[wasm_bindgen]
pub fn panics(text: &str) {
    STATE.with_borrow_mut(|state| {
        *state += 1;
        panic!("`{text}` was too much");
    });
}

/// How often it was called in this instance.
#[wasm_bindgen]
#[must_use]
pub fn counts() -> u32 {
    STATE.with_borrow_mut(|state| {
        *state += 1;
        *state
    })
}

/// What arrives of arguments that are copied into the memory.
#[wasm_bindgen]
#[must_use]
pub fn echo(text: &str, values: &[f64], any: JsValue) -> Vec<JsValue> {
    vec![text.into(), values.iter().sum::<f64>().into(), any]
}

/// Recurses until the stack is exhausted.
#[wasm_bindgen]
#[must_use]
#[expect(unconditional_recursion, reason = "the stack is to be exhausted")]
pub fn overflows(depth: u32) -> u32 {
    let frame = black_box([depth; 16]);
    overflows(depth.wrapping_add(1)).wrapping_add(frame.iter().sum())
}

/// Allocates, without asking whether it can, until the memory is exhausted.
#[wasm_bindgen]
pub fn exhausts() {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(black_box(Vec::with_capacity(1 << 28)));
    }
}

/// Runs into the instruction that no program should reach.
#[wasm_bindgen]
pub fn traps() {
    std::process::abort();
}

/// Fails as an export does that uses wasm-bindgen's own error.
///
/// # Errors
/// Always.
#[wasm_bindgen]
pub fn fails() -> Result<(), JsError> {
    Err(JsError::new("expected instance of a better day"))
}

/// An object that no constructor in JavaScript made.
#[wasm_bindgen]
#[must_use]
pub fn makes() -> Accumulator {
    Accumulator::new()
}

/// Does what an async export does: promises, and goes on in a microtask. The promise is settled by what that calls.
#[wasm_bindgen]
pub fn later(how: &str) -> Promise {
    Promise::new(&mut |resolve: Function, _| {
        let how = how.to_owned();
        queue_microtask(&Closure::once_into_js(move || match how.as_str() {
            "panic" => panics(&how),
            "trap" => traps(),
            _ => queue_microtask(&resolve),
        }));
    })
}
