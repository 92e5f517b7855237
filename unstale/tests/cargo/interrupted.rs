//! Builds that do not end, that end late, or that fail.

use std::process::Child;
use std::thread;
use std::time::Duration;

use crate::fixture::{Checkout, MODES, Mode, PRINT_N, PRINT_V, slow_for_y};

fn slow(mode: Mode, millis: u64) -> Checkout {
    let checkout = Checkout::of(mode, &[("build.rs", &slow_for_y(millis)), ("src/main.rs", PRINT_N), ("v.txt", "X")]);
    checkout.built();
    checkout.write("v.txt", "Y");
    checkout
}

fn kill(mut build: Child) {
    build.kill().unwrap();
    build.wait().unwrap();
}

/// The build script still runs with the text that it read, although whoever started it is dead.
#[cfg(unix)]
#[test]
fn what_an_orphan_writes_is_not_kept() {
    for mode in MODES {
        let checkout = slow(mode, 3_000);
        kill(checkout.start_until_build_script());
        checkout.write("v.txt", "X");
        checkout.built();
        assert_eq!(checkout.value(), "X", "{mode:?}");
        thread::sleep(Duration::from_secs(1));
        checkout.built();
        assert_eq!(checkout.value(), "X", "{mode:?}");
    }
}

#[test]
fn an_edit_during_a_build_that_is_killed_is_not_kept() {
    for mode in MODES {
        let checkout = slow(mode, 500);
        let build = checkout.start_until_build_script();
        checkout.write("src/main.rs", "fn main() { println!(\"edited\"); }");
        thread::sleep(Duration::from_millis(300));
        kill(build);
        checkout.write("src/main.rs", PRINT_N);
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

/// The content is the same before and after: only its identity and its times tell.
#[test]
fn an_edit_during_a_build_that_is_taken_back_is_not_kept() {
    let main = "fn main() { println!(\"{}{}\", include_str!(concat!(env!(\"OUT_DIR\"), \"/n.txt\")), \
                include_str!(\"../w.txt\")); }";
    for mode in MODES {
        let files = [("build.rs", slow_for_y(1_500)), ("src/main.rs", main.to_owned())];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        let checkout = Checkout::of(mode, &files);
        checkout.write("v.txt", "X");
        checkout.write("w.txt", "x");
        checkout.built();
        checkout.write("v.txt", "Y");

        let mut build = checkout.start_until_build_script();
        checkout.rename("w.txt", "kept");
        checkout.write("w.txt", "y");
        assert!(build.wait().is_ok());
        checkout.remove("w.txt");
        checkout.rename("kept", "w.txt");
        checkout.built();
        assert_eq!(checkout.value(), "Yx", "{mode:?}");
    }
}

#[test]
fn a_content_from_between_two_builds_is_seen() {
    let main = "fn main() { println!(\"{}\", app::V); }";
    for mode in MODES {
        let files =
            [("src/lib.rs", "pub const V: &str = include_str!(\"../v.txt\");"), ("src/main.rs", main), ("v.txt", "X")];
        let checkout = Checkout::of(mode, &files);
        checkout.built();
        checkout.write_now("z", "Z");
        thread::sleep(Duration::from_millis(50));
        checkout.write_now("v.txt", "Y");
        checkout.write_now("src/main.rs", "fn main( {");
        assert!(!checkout.build().succeeded);

        checkout.rename("z", "v.txt");
        checkout.write_now("src/main.rs", main);
        checkout.built();
        assert_eq!(checkout.value(), "Z", "{mode:?}");
    }
}

#[test]
fn a_red_test_costs_nothing_the_next_time() {
    let main = PRINT_V.to_owned() + "#[test]\nfn it_is_x() { assert_eq!(include_str!(\"../v.txt\"), \"X\"); }";
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("src/main.rs", &main), ("v.txt", "X")]);
        checkout.cargo("test --offline");
        checkout.write("v.txt", "Y");
        let compiled = [(); 3].map(|()| checkout.cargo("test --offline").compiled);
        assert_eq!(compiled, [1, 0, 0], "{mode:?}");
    }
}
