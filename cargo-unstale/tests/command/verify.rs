//! `verify`, which builds again from nothing.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::fixture::{Checkout, exists};

/// A workspace whose build script reads a file of no crate without declaring it, and whose paths are in the program.
fn with_undeclared_file() -> Checkout {
    let checkout = Checkout::empty();
    checkout.write("Cargo.toml", "[workspace]\nmembers = [\"app\"]\nresolver = \"3\"\n");
    checkout.package("app", "app");
    checkout.write(
        "app/build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    \
         std::fs::copy(\"../undeclared.txt\", std::env::var(\"OUT_DIR\").unwrap() + \"/text.txt\").unwrap();\n}\n",
    );
    checkout.write(
        "app/src/main.rs",
        "fn main() { print!(\"{}{}\", env!(\"OUT_DIR\").len(), include_str!(concat!(env!(\"OUT_DIR\"), \"/text.txt\"))) }\n",
    );
    checkout.write("undeclared.txt", "old");
    checkout
}

#[test]
fn what_was_built_is_what_a_build_from_nothing_gives() {
    let checkout = with_undeclared_file();
    for words in ["verify -- build", "verify -- build --release", "verify -- build --target-dir other"] {
        let said = checkout.ok(words);
        assert_eq!(said.stdout, "1 artefacts have the bytes that a build from nothing gives\n", "{}", said.stderr);
    }
    assert_eq!(checkout.ok("build --release").compiled(), 0);
    assert!(!exists(&checkout.path("target/.unstale/aside")));
}

#[test]
fn a_file_that_nobody_declares_is_found() {
    let checkout = with_undeclared_file();
    checkout.ok("build");
    checkout.write("undeclared.txt", "new");
    assert_eq!(checkout.ok("build").compiled(), 0);

    let said = checkout.run("verify -- build");
    assert_eq!(said.code, Some(101));
    assert!(said.stderr.contains("error: 1 of 1 artefacts are different"), "{}", said.stderr);
    assert!(said.stderr.contains("    debug/app\n"), "{}", said.stderr);
    assert!(checkout.program("target/debug/app").ends_with("old"));

    checkout.ok("build");
    assert!(checkout.program("target/debug/app").ends_with("new"));
}

#[test]
fn an_interrupted_check_is_put_back() {
    for name in ["aside", "moving"] {
        let checkout = with_undeclared_file();
        checkout.ok("build");
        let kept = checkout.path("target/.unstale").join(name);
        fs::create_dir(&kept).unwrap();
        fs::rename(checkout.path("target/debug"), kept.join("debug")).unwrap();
        fs::create_dir(checkout.path("target/debug")).unwrap();

        assert_eq!(checkout.ok("build").compiled(), 0, "{name}");
        assert!(!exists(&kept));
    }
}

/// What a compiler of the killed one writes would replace what is built now.
#[cfg(unix)]
#[test]
fn a_build_waits_for_the_processes_of_a_check_that_was_killed() {
    let checkout = with_undeclared_file();
    let script = "fn main() {
    println!(\"cargo::rerun-if-changed=build.rs\");
    let is_second = std::path::Path::new(\"../target/.unstale/aside\").exists();
    if is_second {
        std::fs::write(\"../target/second\", \"\").unwrap();
        std::thread::sleep(std::time::Duration::from_secs(3));
    }
    let text = if is_second { \"second\" } else { \"first\" };
    std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/text.txt\", text).unwrap();
}\n";
    checkout.write("app/build.rs", script);
    let mut check = checkout.command_in("", &["verify", "--", "build"]).stderr(Stdio::null()).spawn().unwrap();
    while !exists(&checkout.path("target/second")) {
        thread::sleep(Duration::from_millis(20));
    }
    check.kill().unwrap();
    check.wait().unwrap();

    let said = checkout.ok("build");
    assert!(said.stderr.contains("waiting for another build"), "{}", said.stderr);
    assert!(checkout.program("target/debug/app").ends_with("first"));
}

#[test]
fn what_makes_nothing_is_refused() {
    let checkout = with_undeclared_file();
    let said = checkout.run("verify -- test");
    assert_eq!(said.code, Some(101));
    assert!(said.stderr.starts_with("error: `test` makes nothing to compare"), "{}", said.stderr);
    assert_eq!(checkout.run("verify").code, Some(1));
}
