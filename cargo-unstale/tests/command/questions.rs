//! `status` and `digest`, which build nothing.

use std::process::Stdio;

use crate::fixture::{Checkout, exists, said};

fn workspace() -> Checkout {
    let checkout = Checkout::empty();
    checkout.write("Cargo.toml", "[workspace]\nmembers = [\"app\", \"common\", \"other\"]\nresolver = \"3\"\n");
    checkout.package("app", "app");
    checkout.write(
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\ncommon = { path = \"../common\" }\n",
    );
    checkout.write("app/src/main.rs", "fn main() { print!(\"{}\", common::TEXT) }\n");
    checkout.write("app/tests/it.rs", "");
    checkout.package("common", "common");
    checkout.write("common/src/lib.rs", "pub const TEXT: &str = include_str!(\"../../schema/text.txt\");\n");
    checkout.write("schema/text.txt", "old");
    checkout.package("other", "other");
    checkout.write("other/src/lib.rs", "");
    checkout
}

#[test]
fn the_status_says_what_changed_and_who_is_compiled() {
    let checkout = workspace();
    assert_eq!(checkout.ok("status").stdout, "nothing was built here yet\n");
    assert!(!exists(&checkout.path("target")));

    checkout.ok("build");
    assert!(checkout.ok("status").stdout.starts_with("Nothing changed since the last build in "));
    checkout.write("schema/text.txt", "new");
    checkout.write("README.md", "");
    let said = checkout.ok("status").stdout;
    let (_, said) = said.split_once('\n').unwrap();
    let wanted = "    README.md (added)\n    schema/text.txt (changed)\nWill be compiled again:\n    app\n    common\n";
    assert_eq!(said, wanted);

    assert_eq!(checkout.ok("build").compiled(), 2);
    checkout.write("Cargo.toml", "[workspace]\nmembers = [\"app\", \"common\", \"other\"]\nresolver = \"2\"\n");
    let said = checkout.ok("status").stdout;
    assert!(said.starts_with("All local crates will be compiled again: a manifest above the crates"), "{said}");
    assert!(said.ends_with("Will be compiled again:\n    app\n    common\n    other\n"), "{said}");
}

#[test]
fn the_status_changes_nothing() {
    let checkout = workspace();
    checkout.ok("build");
    checkout.write("schema/text.txt", "new");
    assert_eq!(checkout.ok("status").stdout, checkout.ok("status").stdout);
    assert_eq!(checkout.ok("run -q").stdout, "new");
}

#[test]
fn a_digest_is_that_of_the_files_that_are_compiled() {
    let checkout = workspace();
    let all = checkout.ok("digest").stdout;
    let app = checkout.ok("digest --package app").stdout;
    assert_eq!(all.trim_end().len(), 64);
    assert_ne!(all, app);

    let files = checkout.ok("digest -p app --files").stdout;
    let names: Vec<&str> = files.lines().map(|line| &line[66..]).collect();
    let wanted =
        ["Cargo.lock", "Cargo.toml", "app/Cargo.toml", "app/src/main.rs", "common/Cargo.toml", "common/src/lib.rs"];
    assert_eq!(names, wanted);

    checkout.write("other/src/lib.rs", "// Another crate.\n");
    assert_eq!(checkout.ok("digest -p app").stdout, app);
    assert_ne!(checkout.ok("digest").stdout, all);
    checkout.write("common/src/lib.rs", "// It is built from this one.\n");
    assert_ne!(checkout.ok("digest -p app").stdout, app);

    let said = checkout.run("digest -p nobody");
    assert_eq!((said.code, said.stderr.as_str()), (Some(101), "error: the workspace has no local crate `nobody`\n"));
}

/// As with `cargo unstale digest --files | head -1`.
#[test]
fn a_reader_may_have_enough_of_an_answer() {
    let workspace = workspace();
    for words in [["status"].as_slice(), &["digest", "--files"]] {
        let mut command = workspace.command_in("", words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let said = said(child.wait_with_output().unwrap());
        assert_eq!(said.code, Some(0), "{words:?}: {}", said.stderr);
    }
}
