//! What a build refuses or warns of, and what the wrapper leaves alone.

use std::fs;
use std::process::Command;

use unstale::Workspace;

use crate::fixture::{Checkout, MODES, Mode, PRINT_V, manifest};

#[test]
fn a_file_outside_of_the_checkout_is_refused() {
    for mode in MODES {
        let main = "fn main() { println!(\"{}\", include_str!(\"../../out.txt\")); }";
        let checkout = Checkout::of(mode, &[("src/main.rs", main)]);
        checkout.write("../out.txt", "X");
        checkout.build().is_refused_with("outside of the checkout");
        // Nothing is compiled the second time, and it is still refused.
        checkout.build().is_refused_with("outside of the checkout");
    }
}

#[test]
fn a_hidden_file_is_refused_until_it_is_included() {
    let script = "fn main() { println!(\"cargo::rerun-if-changed=.git/HEAD\"); }";
    let files = [("build.rs", script), ("src/main.rs", PRINT_V), ("v.txt", "X"), (".git/HEAD", "ref: x")];
    let checkout = Checkout::of(Mode::Checkout, &files);
    checkout.build().is_refused_with("include = [\".git/HEAD\"]");

    let manifest = fs::read_to_string(checkout.path("Cargo.toml")).unwrap();
    checkout.write("Cargo.toml", &(manifest + "[package.metadata.unstale]\ninclude = [\".git/HEAD\"]\n"));
    checkout.built();
}

#[test]
fn a_folder_that_is_tagged_as_a_cache_is_refused_as_a_source() {
    let main = "fn main() { println!(\"{}\", include_str!(\"gen/v.txt\")); }";
    let files = [("src/main.rs", main), ("src/gen/v.txt", "X"), ("src/gen/CACHEDIR.TAG", "")];
    Checkout::of(Mode::Checkout, &files).build().is_refused_with("src/gen/v.txt, which no digest covers");
}

#[test]
fn a_source_that_a_build_makes_asks_for_one_more_build() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=v.txt\");
        std::fs::copy(\"v.txt\", \"src/gen.txt\").unwrap();
    }";
    let main = "fn main() { println!(\"{}\", include_str!(\"gen.txt\")); }";
    let checkout = Checkout::of(Mode::Checkout, &[("build.rs", script), ("src/main.rs", main), ("v.txt", "X")]);
    checkout.build().is_refused_with("src/gen.txt changed while it was built");
    checkout.built();
}

#[test]
fn a_source_that_is_written_with_the_same_bytes_is_named() {
    let script = "fn main() { std::fs::write(\"src/gen.txt\", \"X\").unwrap(); }";
    let main = "fn main() { println!(\"{}\", include_str!(\"gen.txt\")); }";
    let checkout = Checkout::of(Mode::Checkout, &[("build.rs", script), ("src/main.rs", main), ("src/gen.txt", "X")]);
    let built = checkout.built();
    assert!(built.text.contains("warning: src/gen.txt was written"), "{}", built.text);
}

#[test]
fn an_empty_wrapper_in_the_configuration_is_none() {
    let files = [(".cargo/config.toml", "[build]\nrustc-wrapper = \"\"\n"), ("src/main.rs", PRINT_V), ("v.txt", "X")];
    let checkout = Checkout::of(Mode::Checkout, &files);
    checkout.built();
    assert_eq!(checkout.value(), "X");
}

/// The script stands for a compiler cache: it says which crates it was asked for.
#[cfg(unix)]
#[test]
fn only_crates_that_are_not_local_go_through_a_compiler_cache() {
    let mut checkout = Checkout::of(Mode::Checkout, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
    let log = checkout.path("../log");
    let cache = checkout.script("cache.sh", &format!("echo \"$@\" >> '{}'\nexec \"$@\"", log.display()));
    checkout.set("RUSTC_WRAPPER", cache.to_str().unwrap());

    checkout.built();
    let calls = fs::read_to_string(&log).unwrap();
    assert!(calls.contains("-vV") || calls.contains("--print"), "{calls}");
    assert!(!calls.contains("--crate-name app"), "{calls}");
}

/// A compiler cache's server runs on when the build has ended.
#[cfg(unix)]
#[test]
fn no_build_waits_for_a_compiler_caches_server() {
    let mut checkout = Checkout::of(Mode::Checkout, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
    let cache = checkout.script("cache.sh", "sleep 60 < /dev/null > /dev/null 2>&1 &\nexec \"$@\"");
    checkout.set("RUSTC_WRAPPER", cache.to_str().unwrap());
    checkout.built();

    let built = checkout.built();
    assert!(!built.text.contains("waiting for another build"), "{}", built.text);
}

/// The script stands for a compiler that keeps the list elsewhere.
#[cfg(unix)]
#[test]
fn a_unit_without_dep_info_is_refused() {
    let mut checkout = Checkout::of(Mode::Checkout, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
    let rustc =
        checkout.script("rustc.sh", "rustc \"$@\" || exit 1\nfind target -name 'app*.d' -delete 2> /dev/null || true");
    checkout.set("RUSTC", rustc.to_str().unwrap());
    checkout.build().is_refused_with("cannot tell what `app` was built from");
}

/// Cargo then runs no script, so there is no output of one.
#[test]
fn a_build_script_that_cargos_configuration_replaces_is_no_error() {
    let host = Command::new("rustc").args(["--print", "host-tuple"]).output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let app = manifest("app") + "links = \"v\"\n";
    let config = format!("[target.{}.v]\nrustc-env = {{ V = \"X\" }}\n", host.trim());
    let files = [
        ("Cargo.toml", app.as_str()),
        (".cargo/config.toml", &config),
        ("build.rs", "fn main() { unreachable!() }"),
        ("src/main.rs", "fn main() { println!(\"{}\", env!(\"V\")); }"),
    ];
    let checkout = Checkout::of(Mode::Checkout, &files);
    checkout.built();
    assert_eq!(checkout.value(), "X");
    assert_eq!(checkout.built().compiled, 0);
}

#[test]
fn an_included_path_has_one_form() {
    for path in ["", ".", "./data", "data//n.txt", "/data", "../data"] {
        let app = manifest("app") + &format!("[package.metadata.unstale]\ninclude = [{path:?}]\n");
        let files = [("Cargo.toml", app.as_str()), ("src/main.rs", PRINT_V), ("v.txt", "X"), ("data/n.txt", "")];
        let checkout = Checkout::of(Mode::Checkout, &files);
        checkout.build().is_refused_with("must be a path from the root of the checkout");
    }
}

/// As autocfg does it.
#[test]
fn a_build_scripts_probe_succeeds() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=build.rs\");
        let mut probe = std::process::Command::new(std::env::var(\"RUSTC_WRAPPER\").unwrap());
        probe.arg(std::env::var(\"RUSTC\").unwrap());
        probe.args([\"--crate-name\", \"probe\", \"--crate-type=lib\", \"--emit=llvm-ir\", \"probe.rs\", \"--out-dir\"]);
        probe.arg(std::env::var(\"OUT_DIR\").unwrap());
        assert!(probe.status().unwrap().success());
    }";
    let files = [("build.rs", script), ("src/main.rs", PRINT_V), ("v.txt", "X"), ("probe.rs", "pub fn f() {}")];
    let checkout = Checkout::of(Mode::Checkout, &files);
    checkout.built();
    assert_eq!(checkout.built().compiled, 0);
}

#[test]
fn a_test_finds_nothing_of_the_wrapper_in_its_variables() {
    let main = PRINT_V.to_owned()
        + "#[test]
        fn variables() {
            let names = std::env::vars().map(|(name, _)| name);
            assert!(!names.filter(|name| name != \"RUSTC_WRAPPER\").any(|name| name.contains(\"UNSTALE\")));
        }";
    let checkout = Checkout::of(Mode::Checkout, &[("src/main.rs", &main), ("v.txt", "X")]);
    let tested = checkout.cargo("test --offline");
    assert!(tested.succeeded, "{}", tested.text);
}

/// Also where the checkout is reached through a link, so that its paths have two forms.
#[cfg(unix)]
#[test]
fn a_declared_file_is_found_from_a_linked_crate() {
    let dep = "[dependencies]\ndep = { path = \"dep\" }\n";
    let app = crate::fixture::manifest("app") + dep;
    let files = [
        ("Cargo.toml", app.as_str()),
        ("src/main.rs", "fn main() { println!(\"{}\", dep::V); }"),
        ("../real/dep/Cargo.toml", &crate::fixture::manifest("dep")),
        ("../real/dep/src/lib.rs", "pub const V: &str = include_str!(\"../../out.txt\");"),
        ("../real/out.txt", "X"),
    ];
    let checkout = Checkout::of(Mode::Checkout, &files);
    checkout.link("../real/dep", "dep");
    checkout.build().is_refused_with("outside of the checkout");
}

/// Another command builds it, and would take its present content for the one that this command has seen.
#[test]
fn a_crate_that_cargo_was_not_asked_for_is_refused() {
    let files = [
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nextra = { path = \"../extra\", optional = true }\n",
        ),
        ("app/src/lib.rs", ""),
        ("extra/Cargo.toml", "[package]\nname = \"extra\"\nversion = \"0.1.0\"\n"),
        ("extra/src/lib.rs", ""),
    ];
    let checkout = Checkout::named("ws", Mode::Checkout);
    for (path, text) in files {
        checkout.write(path, text);
    }
    let read = |options: &[&str]| {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        Workspace::read(&checkout.root, &checkout.path("app"), &options)
    };

    assert!(read(&["--offline", "--all-features"]).unwrap().crates.contains_key("extra"));
    let error = read(&["--offline"]).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("the crate `extra`") && error.contains("`--all-features`"), "{error}");
}

#[test]
fn what_a_test_does_not_read_any_more_is_not_refused() {
    let test = "#[test] fn it() { assert_eq!(include_str!(\"../../out.txt\"), \"X\"); }";
    let checkout = Checkout::of(Mode::Checkout, &[("src/main.rs", "fn main() {}")]);
    checkout.write("../out.txt", "X");
    for without in [Some("#[test] fn it() {}"), None] {
        checkout.write("tests/it.rs", test);
        checkout.cargo("test --no-run --offline").is_refused_with("out.txt, which is outside of the checkout");
        match without {
            Some(edited) => checkout.write("tests/it.rs", edited),
            None => checkout.remove("tests/it.rs"),
        }
        checkout.built();
    }
}

/// As in a test or a program that cargo runs, if its package has a build script.
#[test]
fn the_folder_of_another_builds_script_is_none_of_ours() {
    let mut checkout = Checkout::of(Mode::Checkout, &[("src/main.rs", "fn main() {}")]);
    let other = checkout.path("../other/out");
    std::fs::create_dir_all(&other).unwrap();
    checkout.set("OUT_DIR", other.to_str().unwrap());
    checkout.built();
}
