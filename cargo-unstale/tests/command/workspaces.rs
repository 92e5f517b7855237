//! Workspaces of every shape.

use crate::fixture::Checkout;

#[test]
fn a_build_script_reads_another_members_file() {
    let checkout = Checkout::empty();
    checkout.write("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n");
    checkout.package("a", "app");
    checkout.write(
        "a/build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=../b/src/text.txt\");\n    \
         std::fs::copy(\"../b/src/text.txt\", std::env::var(\"OUT_DIR\").unwrap() + \"/text.txt\").unwrap();\n}\n",
    );
    checkout.write(
        "a/src/main.rs",
        "fn main() { print!(\"{}\", include_str!(concat!(env!(\"OUT_DIR\"), \"/text.txt\"))) }\n",
    );
    checkout.package("b", "b");
    checkout.write("b/src/lib.rs", "pub const TEXT: &str = include_str!(\"text.txt\");\n");
    checkout.write("b/src/text.txt", "old");

    assert_eq!(checkout.ok("run").stdout, "old");
    checkout.write("b/src/text.txt", "new");
    assert_eq!(checkout.ok("--by-content run -p app").stdout, "new");
}

#[test]
fn a_workspace_in_a_part_of_the_checkout_reads_the_rest() {
    let checkout = Checkout::empty();
    checkout.package("rust", "app");
    checkout.write("rust/src/main.rs", "fn main() { print!(\"{}\", include_str!(\"../../schema/v.txt\")) }\n");
    checkout.write("schema/v.txt", "old");
    assert_eq!(checkout.run_in("rust/src", &["run"]).stdout, "old");
    checkout.write("schema/v.txt", "new");
    assert_eq!(checkout.run_in("rust", &["run"]).stdout, "new");
}

#[test]
fn a_path_dependency_outside_of_the_checkout_is_named() {
    let outer = Checkout::empty();
    std::fs::remove_dir(outer.path(".git")).unwrap();
    outer.package("shared", "shared");
    outer.write("shared/src/lib.rs", "pub const N: &str = \"old\";\n");
    outer.package("app", "app");
    let manifest = std::fs::read_to_string(outer.path("app/Cargo.toml")).unwrap();
    outer.write("app/Cargo.toml", &format!("{manifest}\n[dependencies]\nshared = {{ path = \"../shared\" }}\n"));
    outer.write("app/src/main.rs", "fn main() { print!(\"{}\", shared::N) }\n");

    let said = outer.run_in("app", &["run"]);
    assert_eq!(said.code, Some(101));
    assert!(said.stderr.contains("the crate `shared` is outside of the checkout"), "{}", said.stderr);
    assert!(said.stderr.contains("--root"), "{}", said.stderr);

    assert_eq!(outer.run_in("app", &["--root", "..", "run"]).stdout, "old");
    outer.write("shared/src/lib.rs", "pub const N: &str = \"new\";\n");
    assert_eq!(outer.run_in("app", &["--root", "..", "run"]).stdout, "new");
}

/// A crate of a registry that only a third platform needs is not on this machine, and a local crate beside the workspace is
/// needed by another one: whoever builds for this machine would take its new content for built.
#[test]
fn a_crate_that_is_not_seen_is_refused() {
    let checkout = Checkout::empty();
    let registry = checkout.path("registry");
    checkout.write(
        ".cargo/config.toml",
        &format!(
            "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nlocal-registry = '{}'\n",
            registry.display()
        ),
    );
    let checksum = "0".repeat(64);
    checkout.write(
        "registry/index/fa/ra/faraway",
        &format!(
            "{{\"name\":\"faraway\",\"vers\":\"1.0.0\",\"deps\":[],\"cksum\":\"{checksum}\",\"features\":{{}},\"yanked\":false}}\n"
        ),
    );
    checkout.package("app", "app");
    checkout.write("app/src/main.rs", "fn main() { print!(\"app\") }\n");
    let manifest = std::fs::read_to_string(checkout.path("app/Cargo.toml")).unwrap();
    let far = format!("{manifest}[target.'cfg(target_os = \"hermit\")'.dependencies]\nfaraway = \"1\"\n");
    checkout.write("app/Cargo.toml", &far);
    assert_eq!(checkout.run_in("app", &["run"]).stdout, "app");

    checkout.package("beside", "beside");
    checkout.write("beside/src/lib.rs", "");
    let wasm = "[target.'cfg(target_arch = \"wasm32\")'.dependencies]\nbeside = { path = \"../beside\" }\n";
    checkout.write("app/Cargo.toml", &format!("{far}{wasm}"));
    let said = checkout.run_in("app", &["run"]);
    assert_eq!(said.code, Some(101), "{}", said.stderr);
    assert!(said.stderr.contains("needs the crate `beside`"), "{}", said.stderr);
    assert!(said.stderr.contains("cargo fetch"), "{}", said.stderr);

    let said = checkout.run_in("app", &["build", "--target", "wasm32-unknown-unknown"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
}

#[test]
fn a_custom_profile_and_features_are_cargos() {
    let checkout = Checkout::new();
    checkout.write(
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[features]\nloud = []\n\
         [profile.dist]\ninherits = \"release\"\n",
    );
    checkout
        .write("src/main.rs", "fn main() { print!(\"{}{}\", cfg!(feature = \"loud\"), include_str!(\"../v.txt\")) }\n");
    assert_eq!(checkout.ok("run --profile dist").stdout, "falseold");
    checkout.write("v.txt", "new");
    assert_eq!(checkout.ok("run --profile dist --features loud").stdout, "truenew");
    assert_eq!(checkout.ok("run --profile=dist").stdout, "falsenew");
}

/// The same version of the standard library, built twice.
#[cfg(unix)]
#[test]
fn another_standard_library_compiles_everything() {
    let checkout = Checkout::new();
    let libraries = checkout.path(".toolchain/rustlib");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in \"--print target-libdir\") echo {}/host/lib ;; *) exec rustc \"$@\" ;; esac\n",
        libraries.display()
    );
    let rustc = checkout.script(".toolchain/rustc", &script);
    let build = || {
        let output = checkout.command_in("", &["build"]).env("RUSTC", &rustc).output().unwrap();
        let said = crate::fixture::said(output);
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        said.compiled()
    };
    checkout.write(".toolchain/rustlib/host/lib/libstd.rlib", "one");
    checkout.write(".toolchain/rustlib/wasm32/lib/libstd.rlib", "one");
    assert_eq!([build(), build()], [1, 0]);

    // An installer gives the same contents other times.
    let now = filetime::FileTime::now();
    filetime::set_file_mtime(libraries.join("host/lib/libstd.rlib"), now).unwrap();
    assert_eq!([build(), build()], [0, 0]);
    for target in ["host", "wasm32"] {
        let library = libraries.join(target).join("lib/libstd.rlib");
        std::fs::write(library, "two").unwrap();
        assert_eq!([build(), build()], [1, 0], "{target}");
    }
}

/// Cargo takes an empty wrapper for none. Another may answer no questions.
#[cfg(unix)]
#[test]
fn a_wrapper_is_not_taken_for_the_compiler() {
    let checkout = Checkout::new();
    checkout.write(".cargo/config.toml", "[build]\nrustc-wrapper = \"\"\n");
    assert_eq!(checkout.ok("run").stdout, "old\n");

    checkout.script("wrapper", "#!/bin/sh\ncase $1 in -*) exit 1 ;; esac\nexec \"$@\"\n");
    checkout.write(".cargo/config.toml", "[build]\nrustc-wrapper = \"./wrapper\"\n");
    checkout.write("v.txt", "new");
    assert_eq!(checkout.ok("run").stdout, "new\n");
}
