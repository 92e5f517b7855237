//! What npm/guard.js needs from the module: Rust's message of a panic, and a fresh instance after it.

#![expect(unreachable_pub, reason = "an export has to be `pub`")]

use std::{cell::RefCell, panic};

use js_sys::Function;
use wasm_bindgen::{handler, prelude::*};

thread_local! {
    static WATCHER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Sets the function that is told about a panic, from npm/guard.js. Without it, a panic is only a trap.
#[wasm_bindgen(js_name = __watch, skip_typescript)]
pub fn watch(watcher: Function) {
    WATCHER.set(Some(watcher));
    panic::set_hook(Box::new(|info| {
        let message = format!("a bug in this library: {info}");
        if let Some(watcher) = WATCHER.take() {
            let _ = watcher.call1(&JsValue::UNDEFINED, &JsValue::from_str(&message));
        }
    }));
}

/// Asks for a fresh instance. The next call to any export makes it before anything else.
#[wasm_bindgen(js_name = __restart, skip_typescript)]
pub fn restart() {
    handler::schedule_reinit();
}
