//! Cargo's arguments, and what is said about wrong ones.

use crate::fixture::{Checkout, exists, said};

#[test]
fn the_target_directory_is_the_one_that_cargo_would_use() {
    let checkout = Checkout::new();
    checkout.ok("build");
    assert!(exists(&checkout.path("target/debug/app")));
    checkout.ok("build --target-dir one");
    assert!(exists(&checkout.path("one/debug/app")));
    checkout.ok("build --target-dir=one/two");
    assert!(exists(&checkout.path("one/two/debug/app")));

    let mut command = checkout.command_in("src", &["build"]);
    let built = said(command.env("CARGO_TARGET_DIR", checkout.path("three")).output().unwrap());
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    assert!(exists(&checkout.path("three/debug/app")));
    assert!(!exists(&checkout.path("src/target")));

    checkout.write(".cargo/config.toml", "build.target-dir = \"four\"\n");
    checkout.ok("run");
    assert!(exists(&checkout.path("four/debug/app")));
}

#[test]
fn a_manifest_may_be_elsewhere() {
    let checkout = Checkout::empty();
    checkout.package("sub/app", "app");
    checkout.write("sub/app/src/main.rs", "fn main() { print!(\"{}\", include_str!(\"../../v.txt\")) }\n");
    checkout.write("sub/v.txt", "old");
    assert_eq!(checkout.ok("run --manifest-path sub/app/Cargo.toml").stdout, "old");
    checkout.write("sub/v.txt", "new");
    assert_eq!(checkout.ok("run --manifest-path=sub/app/Cargo.toml").stdout, "new");
    assert!(exists(&checkout.path("sub/app/target/debug/app")));
}

#[test]
fn a_build_directory_is_left_alone() {
    let checkout = Checkout::new();
    checkout.write(".cargo/config.toml", "build.build-dir = \"elsewhere\"\n");
    checkout.ok("build");
    checkout.write("v.txt", "new");
    assert_eq!(checkout.ok("run").stdout, "new\n");
    assert_eq!(checkout.program("target/debug/app"), "new");
    assert_eq!(checkout.ok("build").compiled(), 0);
}

#[test]
fn a_build_directory_in_the_arguments_is_not_used() {
    let checkout = Checkout::new();
    for text in ["old", "new"] {
        checkout.write("v.txt", text);
        checkout.ok("build --config build.build-dir=\"elsewhere\"");
        assert_eq!(checkout.program("target/debug/app"), text);
    }
    assert!(!crate::fixture::exists(&checkout.path("elsewhere")));
}

#[test]
fn a_target_directory_may_be_named_in_several_ways() {
    let checkout = Checkout::new();
    for dir in ["target", "src/../target", "./target", "src/../src/../target"] {
        checkout.ok(&format!("build --target-dir {dir}"));
    }
    assert_eq!(checkout.ok("build").compiled(), 0);
}

/// The profile is only in the arguments.
#[test]
fn what_is_forgotten_is_forgotten_with_the_same_configuration() {
    let checkout = Checkout::empty();
    checkout.write("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n");
    for name in ["a", "b"] {
        checkout.package(name, name);
        checkout.write(&format!("{name}/src/lib.rs"), "");
    }
    let build = "build --profile dist --config profile.dist.inherits=\"release\"";
    checkout.ok(build);
    checkout.write("a/src/lib.rs", "pub fn f() {}");
    assert_eq!(checkout.ok(build).compiled(), 1);
}

#[test]
fn a_configuration_that_cargo_accepts_is_no_error() {
    let checkout = Checkout::new();
    checkout.write(".cargo/config.toml", "build.jobs = \"default\"\n");
    assert_eq!(checkout.ok("run").stdout, "old\n");
}

/// Cargo hands such variables on, but does not tell who reads them.
#[test]
fn a_variable_that_cargo_is_told_to_set_reaches_code() {
    let checkout = Checkout::new();
    checkout.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    \
         println!(\"cargo::rustc-env=WORD={}\", std::env::var(\"GIVEN\").unwrap_or_default());\n}\n",
    );
    checkout.write("src/main.rs", "fn main() { print!(\"{}\", env!(\"WORD\")) }\n");
    checkout.write("ci.toml", "env.GIVEN = \"a\"\n");
    assert_eq!(checkout.ok("run --config ci.toml").stdout, "a");
    checkout.write("ci.toml", "env.GIVEN = \"b\"\n");
    assert_eq!(checkout.ok("run --config ci.toml").stdout, "b");
    assert_eq!(checkout.ok("run --config env.GIVEN=\"c\"").stdout, "c");
    assert_eq!(checkout.ok("run --config=env.GIVEN=\"d\"").stdout, "d");
    assert_eq!(checkout.ok("build --config=env.GIVEN=\"d\"").compiled(), 0);

    checkout.write("src/.cargo/config.toml", "env.GIVEN = \"e\"\n");
    assert_eq!(checkout.run_in("src", &["run"]).stdout, "e");
    assert_eq!(checkout.ok("run").stdout, "");
}

/// Another version of cargo keeps what it builds at other places.
#[cfg(unix)]
#[test]
fn what_is_forgotten_is_forgotten_by_the_cargo_that_builds() {
    let checkout = Checkout::new();
    checkout.write(
        "build.rs",
        "fn main() {\n    let count = std::fs::read_dir(\"tests\").unwrap().count();\n    \
         println!(\"cargo::rustc-env=COUNT={count}\");\n}\n",
    );
    checkout.write("src/main.rs", "fn main() { print!(\"{}\", env!(\"COUNT\")) }\n");
    checkout.write("tests/one.rs", "");
    checkout.write("tests/two.rs", "");
    checkout.script("bin/cargo", "#!/bin/sh\n");
    let path = format!("{}:{}", checkout.path("bin").display(), std::env::var("PATH").unwrap());

    let run = || said(checkout.command_in("", &["--by-content", "run"]).env("PATH", &path).output().unwrap());
    assert_eq!(run().stdout, "2");
    std::fs::remove_file(checkout.path("tests/two.rs")).unwrap();
    filetime::set_file_mtime(checkout.path("tests"), filetime::FileTime::from_unix_time(1_000_000_000, 0)).unwrap();
    assert_eq!(run().stdout, "1");
}

#[test]
fn errors_are_cargos() {
    let checkout = Checkout::new();
    let refused = [
        ("publish", 101, "error: no such command that compiles: `publish`"),
        ("+beta build", 101, "error: a toolchain comes before the command's name"),
        ("build --manifest-path nowhere/Cargo.toml", 101, "error: manifest path `nowhere/Cargo.toml` does not exist"),
        ("build --nothing", 1, "error: unexpected argument '--nothing' found"),
        ("build -p nobody", 101, "error: package ID specification `nobody` did not match any packages"),
        ("run --bin nobody", 101, "error: no bin target named `nobody`"),
        ("--root nowhere build", 101, "error: cannot find the folder nowhere"),
        ("--by-contents build", 1, "error: unexpected argument '--by-contents' found"),
    ];
    for (words, code, wanted) in refused {
        let said = checkout.run(words);
        assert!(said.stderr.lines().any(|line| line.starts_with(wanted)), "{words}:\n{}", said.stderr);
        assert_eq!(said.stderr.matches("error: ").count(), 1, "{words}:\n{}", said.stderr);
        assert_eq!(said.code, Some(code), "{words}:\n{}", said.stderr);
    }
}

#[test]
fn a_manifest_that_cargo_refuses_is_explained_by_cargo() {
    let checkout = Checkout::new();
    checkout.write("Cargo.toml", "[package]\nname = \"app\"\nversion = \"one\"\n");
    let said = checkout.run("build");
    assert_eq!(said.code, Some(101));
    assert!(said.stderr.starts_with("error: "), "{}", said.stderr);
    assert_eq!(said.stderr.matches("error: ").count(), 1, "{}", said.stderr);
    assert!(said.stderr.contains("Cargo.toml:3"), "{}", said.stderr);
}

#[test]
fn help_is_ours_and_cargos() {
    let checkout = Checkout::new();
    assert!(checkout.ok("--help").stdout.contains("--by-content"));
    assert!(checkout.ok("build --help").stdout.contains("--release"));
    assert!(!exists(&checkout.path("target")));
    assert_eq!(checkout.ok("--version").stdout, concat!("cargo unstale ", env!("CARGO_PKG_VERSION"), "\n"));
}
