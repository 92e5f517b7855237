//! Builds that do not end, that end late, or that fail.

use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::fixture::{COUNT_DATA, Checkout, MODES, Mode, PRINT_N, PRINT_V, manifest, old, slow_for_y};

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

/// Kills a process that the system lists at a path.
#[cfg(target_os = "linux")]
fn kill_process(listed: &std::path::Path) {
    let killed = Command::new("kill").arg("-9").arg(listed.file_name().unwrap()).status();
    assert!(killed.unwrap().success());
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
fn what_a_killed_build_has_compiled_is_not_kept() {
    let script = slow_for_y(2_000);
    let app = manifest("app") + "[dependencies]\nwords = { path = \"../words\" }\n";
    let main = "fn main() { println!(\"{}{}\", include_str!(concat!(env!(\"OUT_DIR\"), \"/n.txt\")), words::W); }";
    let files = [
        ("app/Cargo.toml", app.as_str()),
        ("app/build.rs", &script.replace("target/started", "../target/started")),
        ("app/src/main.rs", main),
        ("app/v.txt", "X"),
        ("words/src/lib.rs", "pub const W: &str = include_str!(\"../w.txt\");"),
        ("words/w.txt", "w"),
    ];
    for mode in MODES {
        let checkout = Checkout::of_members(mode, &["app", "words"], &files);
        checkout.write("app/Cargo.toml", &app);
        checkout.built();
        checkout.write("app/v.txt", "Y");
        checkout.write("words/w.txt", "edited");
        let build = checkout.start_until_build_script();
        thread::sleep(Duration::from_secs(1));
        kill(build);
        checkout.write("words/w.txt", "w");
        checkout.built();
        assert_eq!(checkout.value(), "Yw", "{mode:?}");
    }
}

/// As the system does when it is out of memory: the program that called cargo lives on.
#[cfg(target_os = "linux")]
#[test]
fn what_an_orphan_writes_is_not_kept_if_only_cargo_is_killed() {
    for mode in MODES {
        let checkout = slow(mode, 2_000);
        let mut build = checkout.start_until_build_script();
        let cargo = checkout.wait_for_process("cargo", "build --offline");
        kill_process(&cargo);
        assert!(!build.wait().unwrap().success());

        checkout.write("v.txt", "X");
        checkout.built();
        assert_eq!(checkout.value(), "X", "{mode:?}");
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

/// rustc has read the sources long before it writes what it compiles.
#[cfg(target_os = "linux")]
#[test]
fn what_an_orphaned_compiler_writes_is_not_kept() {
    let function = |n: u32| {
        format!(
            "fn f{n}(x: &[u64]) -> u64 {{ let mut v: Vec<u64> = x.iter().map(|a| a.wrapping_mul({n})).collect(); \
             v.sort_by_key(|a| a ^ {n}); v.iter().sum() }}\n"
        )
    };
    let functions: Vec<String> = (0..120).map(function).collect();
    let names: Vec<String> = (0..120).map(|n| format!("f{n} as fn(&[u64]) -> u64")).collect();
    let touch = format!("fn touch() -> u64 {{ [{}].iter().map(|f| f(&[1])).sum() }}\n", names.join(", "));
    let heavy = format!("const V: &str = \"Y\";\n{}{touch}", functions.concat());
    let light = "const V: &str = \"X\";\nfn touch() -> u64 { 0 }";
    let main = "include!(\"../v.rs\"); fn main() { if std::env::args().count() > 5 { touch(); } println!(\"{}\", V); }";

    let checkout = Checkout::of(Mode::Copy, &[("src/main.rs", main), ("v.rs", light)]);
    checkout.write("Cargo.toml", &(manifest("app") + "[profile.dev]\nopt-level = 3\ncodegen-units = 1\n"));
    checkout.built();
    checkout.write("v.rs", &heavy);
    let build = checkout.start();
    let rustc = checkout.wait_for_process("rustc", "--crate-name app");
    let cargo = checkout.wait_for_process("cargo", "build --offline");
    kill(build);
    kill_process(&cargo);
    assert!(rustc.exists(), "rustc has ended with cargo, or before it: this test shows nothing");

    checkout.write("v.rs", light);
    checkout.built();
    assert_eq!(checkout.value(), "X");
    assert!(!rustc.exists(), "the build did not wait for rustc");
}

#[cfg(unix)]
#[test]
fn a_build_waits_for_a_process_that_a_killed_one_has_left() {
    let checkout = slow(Mode::Checkout, 3_000);
    let began = Instant::now();
    kill(checkout.start_until_build_script());
    assert!(checkout.built().text.contains("waiting for another build"));
    assert!(began.elapsed() > Duration::from_secs(2));
}

#[test]
fn two_builds_at_once_wait_for_each_other() {
    for mode in MODES {
        let checkout = slow(mode, 1_500);
        let mut first = checkout.start_until_build_script();
        let second = checkout.built();
        assert!(second.text.contains("waiting for another build"), "{}", second.text);
        assert_eq!((second.compiled, checkout.value().as_str()), (0, "Y"), "{mode:?}");
        assert!(first.wait().unwrap().success());
    }
}

#[test]
fn a_file_that_is_gone_before_a_build_that_is_killed_is_seen_later() {
    let script = COUNT_DATA.replace("let count", "std::fs::write(\"target/started\", \"\").unwrap();\n    let count");
    let slow = script.replace("let count", "std::thread::sleep(std::time::Duration::from_millis(700));\n    let count");
    for mode in MODES {
        let files = [("build.rs", slow.as_str()), ("src/main.rs", PRINT_N), ("data/a", "1"), ("data/b", "2")];
        let checkout = Checkout::of(mode, &files);
        checkout.built();
        checkout.remove("target/started");
        checkout.remove("data/b");
        checkout.age();
        kill(checkout.start_until_build_script());
        checkout.age();
        checkout.built();
        assert_eq!(checkout.value(), "1", "{mode:?}");
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

/// A build script that copies a file between two pauses, if `v.txt` has `Y`.
fn copying_between_pauses(path: &str) -> String {
    format!(
        "fn main() {{
        println!(\"cargo::rerun-if-changed=v.txt\");
        println!(\"cargo::rerun-if-changed={path}\");
        let pause = || std::thread::sleep(std::time::Duration::from_millis(700));
        let is_slow = std::fs::read_to_string(\"v.txt\").unwrap() == \"Y\";
        if is_slow {{
            std::fs::write(\"target/started\", \"\").unwrap();
            pause();
        }}
        std::fs::copy({path:?}, std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\").unwrap();
        if is_slow {{
            pause();
        }}
    }}"
    )
}

/// The content is the same before and after: only the file's identity and its times tell.
#[test]
fn an_edit_during_a_build_that_is_taken_back_is_not_kept() {
    let script = copying_between_pauses("x.txt");
    for mode in MODES {
        let files = [("build.rs", script.as_str()), ("src/main.rs", PRINT_N), ("v.txt", "X"), ("x.txt", "x")];
        let checkout = Checkout::of(mode, &files);
        checkout.built();
        checkout.write("v.txt", "Y");

        let mut build = checkout.start_until_build_script();
        checkout.rename("x.txt", "kept");
        checkout.write("x.txt", "y");
        thread::sleep(Duration::from_secs(1));
        checkout.remove("x.txt");
        checkout.rename("kept", "x.txt");
        build.wait().unwrap();
        assert_eq!(checkout.value(), "y", "{mode:?}: the script has read nothing else, so this test shows nothing");
        checkout.built();
        assert_eq!(checkout.value(), "x", "{mode:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_elsewhere_during_a_build_is_not_kept() {
    let script = copying_between_pauses("link.txt");
    for mode in MODES {
        let files =
            [("build.rs", script.as_str()), ("src/main.rs", PRINT_N), ("v.txt", "X"), ("x.txt", "x"), ("y.txt", "y")];
        let checkout = Checkout::of(mode, &files);
        checkout.link("x.txt", "link.txt");
        checkout.age();
        checkout.built();
        checkout.write("v.txt", "Y");

        let mut build = checkout.start_until_build_script();
        checkout.link("y.txt", "link.txt");
        thread::sleep(Duration::from_secs(1));
        checkout.link("x.txt", "link.txt");
        filetime::set_symlink_file_times(checkout.path("link.txt"), old(), old()).unwrap();
        build.wait().unwrap();
        assert_eq!(checkout.value(), "y", "{mode:?}: the script has read nothing else, so this test shows nothing");
        checkout.built();
        assert_eq!(checkout.value(), "x", "{mode:?}");
    }
}

#[test]
fn an_edit_during_a_build_that_is_taken_back_later_is_not_kept() {
    for mode in MODES {
        let checkout = slow(mode, 1_000);
        let mut build = checkout.start_until_build_script();
        checkout.write("src/main.rs", "fn main() { println!(\"edited\"); }");
        build.wait().unwrap();
        assert_eq!(checkout.value(), "edited", "{mode:?}");
        checkout.write("src/main.rs", PRINT_N);
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

/// As a log, or what an editor leaves beside a file. A macro may read it without saying so, so the next build compares it.
#[test]
fn a_file_that_nobody_reads_may_change_during_a_build() {
    for mode in MODES {
        let checkout = slow(mode, 500);
        let mut build = checkout.start_until_build_script();
        checkout.write_now("build.log", "written");
        assert!(build.wait().unwrap().success(), "{mode:?}");
        assert_eq!(checkout.built().compiled, 1, "{mode:?}");
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
