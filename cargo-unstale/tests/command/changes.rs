//! What is compiled again, and what is not.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::fixture::Checkout;

#[test]
fn an_edit_with_an_old_time_is_compiled() {
    for how in ["", "--by-content "] {
        let checkout = Checkout::new();
        checkout.ok(&format!("{how}build"));
        assert_eq!(checkout.program("target/debug/app"), "old");
        assert_eq!(checkout.ok(&format!("{how}build")).compiled(), 0);

        checkout.write("v.txt", "new");
        assert_eq!(checkout.ok(&format!("{how}build")).compiled(), 1);
        assert_eq!(checkout.program("target/debug/app"), "new");
    }
}

#[test]
fn a_copy_whose_files_are_all_new_is_not_compiled_again() {
    let checkout = Checkout::new();
    checkout.ok("--by-content build");
    for name in ["src/main.rs", "v.txt", "Cargo.toml"] {
        filetime::set_file_mtime(checkout.path(name), filetime::FileTime::now()).unwrap();
    }
    assert_eq!(checkout.ok("--by-content build").compiled(), 0);
}

#[test]
fn profiles_and_commands_have_one_record() {
    let checkout = Checkout::new();
    checkout.ok("build --release");
    checkout.ok("check");
    checkout.write("v.txt", "new");
    checkout.ok("check");
    checkout.ok("build --release");
    assert_eq!(checkout.program("target/release/app"), "new");
    assert_eq!(checkout.ok("clippy").code, Some(0));
}

#[test]
fn cargo_itself_in_between_is_noticed() {
    let checkout = Checkout::new();
    checkout.ok("build");
    fs::rename(checkout.path("v.txt"), checkout.path("kept")).unwrap();
    fs::write(checkout.path("v.txt"), "new").unwrap();
    let cargo = Command::new("cargo")
        .args(["build", "--quiet"])
        .current_dir(checkout.path(""))
        .env_remove("CARGO_TARGET_DIR")
        .status();
    assert!(cargo.unwrap().success());
    assert_eq!(checkout.program("target/debug/app"), "new");

    fs::rename(checkout.path("kept"), checkout.path("v.txt")).unwrap();
    let said = checkout.ok("build");
    assert!(
        said.stderr.contains("note: all local crates are compiled again: cargo was called here"),
        "{}",
        said.stderr
    );
    assert_eq!(checkout.program("target/debug/app"), "old");
}

#[test]
fn a_source_that_a_build_script_writes_is_built_twice_by_itself() {
    let checkout = Checkout::new();
    checkout.write("build.rs", "fn main() { std::fs::copy(\"v.txt\", \"src/v.txt\").unwrap(); }");
    checkout.write("src/main.rs", "fn main() { println!(\"{}\", include_str!(\"v.txt\")) }\n");
    checkout.ok("build");
    checkout.write("v.txt", "new");
    let said = checkout.ok("build");
    assert!(
        said.stderr.contains("warning: changed while they were built, so all is built again: src/v.txt"),
        "{}",
        said.stderr
    );
    assert_eq!(checkout.program("target/debug/app"), "new");
}

/// The build script of `b` runs once `a` is compiled, and waits for the edit to be taken back.
#[test]
fn an_edit_that_is_taken_back_while_it_is_built_is_built_again() {
    let checkout = Checkout::empty();
    checkout.write("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n");
    checkout.package("a", "a");
    checkout.write("a/build.rs", &waiting_for("before"));
    checkout.write("a/src/lib.rs", "pub const V: &str = include_str!(\"../v.txt\");");
    checkout.package("b", "b");
    let manifest = fs::read_to_string(checkout.path("b/Cargo.toml")).unwrap();
    let dependencies = "[dependencies]\na.path = \"../a\"\n[build-dependencies]\na.path = \"../a\"\n";
    checkout.write("b/Cargo.toml", &(manifest + dependencies));
    checkout.write("b/build.rs", &waiting_for("after"));
    checkout.write("b/src/main.rs", "fn main() { println!(\"{}\", a::V) }\n");
    checkout.write("a/v.txt", "kept");

    let build = checkout.command_in("", &["build"]).stderr(Stdio::null()).spawn().unwrap();
    let wait_until = |name: &str| {
        while !checkout.path("target").join(name).exists() {
            thread::sleep(Duration::from_millis(20));
        }
    };
    wait_until("before.asked");
    checkout.write("a/v.txt", "edit");
    fs::write(checkout.path("target/before"), "").unwrap();
    wait_until("after.asked");
    checkout.write("a/v.txt", "kept");
    fs::write(checkout.path("target/after"), "").unwrap();

    assert!(build.wait_with_output().unwrap().status.success());
    assert_eq!(checkout.program("target/debug/b"), "kept");
}

/// A build script that waits for a file in the target directory.
fn waiting_for(name: &str) -> String {
    format!(
        "fn main() {{
    println!(\"cargo::rerun-if-changed=build.rs\");
    std::fs::write(\"../target/{name}.asked\", \"\").unwrap();
    while !std::path::Path::new(\"../target/{name}\").exists() {{
        std::thread::sleep(std::time::Duration::from_millis(20));
    }}
}}\n"
    )
}

#[test]
fn files_that_change_in_each_build_are_named() {
    let checkout = Checkout::new();
    checkout.write(
        "build.rs",
        "use std::time::UNIX_EPOCH;\nfn main() { std::fs::write(\"src/time.txt\", format!(\"{:?}\", UNIX_EPOCH.elapsed())).unwrap(); }",
    );
    checkout.write("src/main.rs", "fn main() { println!(\"{}\", include_str!(\"time.txt\")) }\n");
    let said = checkout.run("build");
    assert_eq!(said.code, Some(101));
    assert!(said.stderr.contains("error: files change each time they are built: src/time.txt"), "{}", said.stderr);
}

/// As with `cargo unstale build 2> build.log`.
#[test]
fn a_log_that_is_written_into_the_checkout_is_no_source() {
    let checkout = Checkout::new();
    checkout.write("build.rs", "fn main() {}\n");
    let log = fs::File::create(checkout.path("build.log")).unwrap();
    let status = checkout.command_in("", &["build"]).stderr(log).status().unwrap();
    let log = fs::read_to_string(checkout.path("build.log")).unwrap();
    assert!(status.success(), "{log}");
    assert_eq!(log.matches("Compiling").count(), 1, "{log}");
}

/// A second call would find uncommitted changes, and fail.
#[test]
fn what_clippy_fixes_is_not_fixed_twice() {
    let checkout = Checkout::new();
    checkout.write("src/main.rs", "fn main() { return; }\n");
    checkout.ok("clippy");
    let said = checkout.ok("clippy --fix --allow-no-vcs");
    assert!(said.stderr.contains("Fixed src/main.rs"), "{}", said.stderr);
    assert!(!said.stderr.contains("built again"), "{}", said.stderr);
    assert_eq!(checkout.ok("clippy").compiled(), 1);
}

#[test]
fn the_documentation_follows_a_file_outside_of_its_crate() {
    let checkout = Checkout::empty();
    checkout.write("Cargo.toml", "[workspace]\nmembers = [\"a\"]\nresolver = \"3\"\n");
    checkout.package("a", "a");
    checkout.write("a/src/lib.rs", "#![doc = include_str!(\"../../README.md\")]\n");
    checkout.write("README.md", "before");
    checkout.ok("doc");
    checkout.write("README.md", "afterwards");
    checkout.ok("doc");
    assert!(fs::read_to_string(checkout.path("target/doc/a/index.html")).unwrap().contains("afterwards"));
}
