//! Lets npm/guard.js see the module's stack, to clear it of what an error that was thrown through Rust left there.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg=--export=__stack_pointer");
    }
}
