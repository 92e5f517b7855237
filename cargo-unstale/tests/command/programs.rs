//! What is run after it was compiled.

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::fixture::{Checkout, exists};

#[test]
fn a_test_that_fails_costs_nothing_the_next_time() {
    let checkout = Checkout::new();
    checkout.write(
        "src/main.rs",
        "fn main() {}\n#[test]\nfn is_old() { assert_eq!(include_str!(\"../v.txt\"), \"old\") }\n",
    );
    checkout.ok("test");

    checkout.write("v.txt", "new");
    let said = checkout.run("test");
    assert_eq!((said.code, said.compiled()), (Some(101), 1));
    assert!(said.stdout.contains("1 failed"), "{}", said.stdout);
    let said = checkout.run("test");
    assert_eq!((said.code, said.compiled()), (Some(101), 0), "{}", said.stderr);
}

#[test]
fn a_test_may_write_into_the_sources() {
    let checkout = Checkout::new();
    checkout.write(
        "src/main.rs",
        "fn main() {}\n#[test]\nfn writes() { std::fs::write(\"answer.snap\", \"1\").unwrap() }\n",
    );
    let said = checkout.ok("test");
    assert!(!said.stderr.contains("changed while"), "{}", said.stderr);
    assert!(exists(&checkout.path("answer.snap")));
}

#[test]
fn a_test_sees_no_wrapper() {
    let checkout = Checkout::new();
    checkout.write(
        "src/main.rs",
        "fn main() {}\n#[test]\nfn is_plain() { assert_eq!(std::env::var_os(\"RUSTC_WRAPPER\"), None) }\n",
    );
    checkout.ok("test");
}

#[test]
fn a_tests_own_arguments_reach_it() {
    let checkout = Checkout::new();
    checkout.write("src/main.rs", "fn main() {}\n#[test]\nfn one() {}\n#[test]\nfn two() {}\n");
    assert!(checkout.ok("test one").stdout.contains("1 passed"));
    assert!(checkout.ok("test -- --list").stdout.contains("two: test"));
    assert!(!checkout.ok("test --no-run").stdout.contains("passed"));
}

#[test]
fn documentation_is_tested_as_it_is() {
    let checkout = Checkout::new();
    checkout.write("src/lib.rs", "//! ```\n//! assert_eq!(app::N, 1);\n//! ```\npub const N: u8 = 1;\n");
    checkout.ok("test");
    checkout.write("src/lib.rs", "//! ```\n//! assert_eq!(app::N, 2);\n//! ```\npub const N: u8 = 1;\n");
    assert_eq!(checkout.run("test").code, Some(101));
    checkout.write("src/lib.rs", "//! ```\n//! assert_eq!(app::N, 2);\n//! ```\npub const N: u8 = 2;\n");
    assert!(checkout.ok("test --doc").stdout.contains("1 passed"));
}

#[test]
fn a_program_gets_its_arguments_and_decides_the_code() {
    let checkout = Checkout::new();
    checkout.write(
        "src/main.rs",
        "fn main() { println!(\"{:?}\", std::env::args().skip(1).collect::<Vec<_>>()); std::process::exit(7) }\n",
    );
    let said = checkout.run("run -- --release --target-dir x");
    assert_eq!(said.code, Some(7));
    assert_eq!(said.stdout, "[\"--release\", \"--target-dir\", \"x\"]\n");
}

#[test]
fn a_program_gets_what_follows_a_word() {
    let checkout = Checkout::new();
    checkout.write(
        "src/main.rs",
        "fn main() { print!(\"{}\", std::env::args().skip(1).collect::<Vec<_>>().join(\" \")) }\n",
    );
    assert_eq!(checkout.ok("run serve --release").stdout, "serve --release");
    assert!(!exists(&checkout.path("target/release")));
}

#[test]
fn only_the_program_that_is_run_is_compiled() {
    let checkout = Checkout::new();
    checkout.write(
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\ndefault-run = \"app\"\n",
    );
    checkout.write("src/bin/broken.rs", "fn main() { this does not compile }\n");
    assert_eq!(checkout.ok("run").stdout, "old\n");
    checkout.write("v.txt", "new");
    assert_eq!(checkout.ok("run --bin app").stdout, "new\n");
}

#[test]
fn a_program_that_runs_for_ever_blocks_no_build() {
    let checkout = Checkout::new();
    checkout.write(
        "src/main.rs",
        "fn main() { std::fs::write(\"target/runs\", \"\").unwrap(); std::thread::sleep(std::time::Duration::from_secs(300)) }\n",
    );
    let mut server = checkout.command_in("", &["run"]);
    let mut server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !exists(&checkout.path("target/runs")) {
        sleep(Duration::from_millis(50));
    }

    let said = checkout.ok("build --release");
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(!said.stderr.contains("waiting for another build"), "{}", said.stderr);
}

#[test]
fn a_warning_is_shown_once() {
    let checkout = Checkout::new();
    checkout.write("src/main.rs", "fn main() { let unused = 1; }\n#[test]\nfn one() {}\n");
    for words in ["run", "test", "build"] {
        let said = checkout.ok(words);
        assert_eq!(said.stderr.matches("unused variable").count(), 1, "{words}:\n{}", said.stderr);
    }
}

#[test]
fn an_error_is_shown_once() {
    let checkout = Checkout::new();
    checkout.write("src/main.rs", "fn main() { wrong() }\n");
    for words in ["run", "test", "build"] {
        let said = checkout.run(words);
        assert_eq!(said.code, Some(101));
        assert_eq!(said.stderr.matches("cannot find function `wrong`").count(), 1, "{words}:\n{}", said.stderr);
    }
    fs::write(checkout.path("src/main.rs"), "fn main() {}\n").unwrap();
    checkout.ok("run");
}

#[test]
fn documentation_tests_take_their_own_options() {
    let checkout = Checkout::new();
    checkout.write("src/lib.rs", "//! ```\n//! assert_eq!(app::N, 1);\n//! ```\npub const N: u8 = 1;\n");
    for words in ["test --doc --no-fail-fast", "test --doc lib", "test --doc -- --nocapture"] {
        assert!(checkout.ok(words).stdout.contains("1 passed"), "{words}");
    }
    assert_eq!(checkout.ok("test --doc").compiled(), 0);
}

#[test]
fn programs_get_each_message_once() {
    let checkout = Checkout::new();
    checkout.write("src/main.rs", "fn main() { let unused = 1; }\n#[test]\nfn one() {}\n");
    let said = checkout.ok("test --message-format json");
    assert_eq!(said.stdout.matches("\"reason\":\"compiler-message\"").count(), 1, "{}", said.stdout);
    let said = checkout.ok("test --message-format=short");
    assert_eq!(said.stderr.matches("unused variable").count(), 1, "{}", said.stderr);

    checkout.write("src/main.rs", "fn main() { one }\n");
    let said = checkout.run("run --message-format=json");
    assert_eq!(said.code, Some(101));
    assert_eq!(
        said.stdout.matches("cannot find value `one`").count(),
        2,
        "its text and its rendering:\n{}",
        said.stdout
    );
    let said = checkout.run("run --message-format short");
    assert_eq!(said.stderr.matches("src/main.rs:1:13: error").count(), 1, "{}", said.stderr);
}

#[cfg(unix)]
#[test]
fn a_signal_reaches_the_program_that_is_run() {
    use std::os::unix::process::ExitStatusExt;

    let checkout = Checkout::new();
    checkout.write("src/main.rs", "fn main() { std::process::abort() }\n");
    let status = checkout.command_in("", &["run"]).output().unwrap().status;
    assert_eq!(status.signal(), Some(6), "{status}");
}

#[cfg(unix)]
#[test]
fn a_browser_blocks_no_build() {
    let checkout = Checkout::new();
    let browser = checkout.script("browser", "#!/bin/sh\ntouch shown\nexec sleep 60\n");
    let mut opening = checkout.command_in("", &["doc", "--open"]);
    let mut opening = opening.env("BROWSER", browser).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !exists(&checkout.path("shown")) {
        assert!(opening.try_wait().unwrap().is_none_or(|status| status.success()));
        sleep(Duration::from_millis(50));
    }
    assert!(!checkout.ok("build").stderr.contains("waiting for another build"));
    let _ = opening.kill();
    opening.wait().unwrap();
}
