//! What changes in the checkout, with old times, and what cargo compiles then.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::fixture::{COUNT_DATA, Checkout, MODES, Mode, PRINT_N, PRINT_V, copying, date, manifest};

#[test]
fn an_edit_with_an_old_time_reaches_every_profile() {
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
        checkout.cargo("build --offline --release");
        checkout.write("v.txt", "Y");
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");

        checkout.write("v.txt", "X");
        checkout.cargo("build --offline --release");
        checkout.built();
        assert_eq!([checkout.value(), checkout.value_of("release")], ["X", "X"], "{mode:?}");
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

#[test]
fn what_is_not_compiled_is_dated_but_forgets_nothing() {
    for mode in MODES {
        let files = [("src/main.rs", PRINT_V), ("v.txt", "X"), ("npm/index.js", "one")];
        let mut checkout = Checkout::of(mode, &files);
        checkout.set("NOT_COMPILED", "npm");
        checkout.built();
        checkout.write("npm/index.js", "two");
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");

        // Whoever reads it nevertheless is found by cargo.
        checkout.write("src/main.rs", &PRINT_V.replace("v.txt", "npm/index.js"));
        checkout.built();
        checkout.write("npm/index.js", "three");
        checkout.built();
        assert_eq!(checkout.value(), "three", "{mode:?}");
    }
}

/// The whole workspace, or one of its members, may be below a folder that is left out everywhere else.
#[test]
fn a_crate_is_seen_wherever_it_is() {
    for mode in MODES {
        let checkout = Checkout::named("ws", mode);
        checkout.write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"app\", \".tools/text\", \"cache/number\"]\nresolver = \"2\"\n",
        );
        let dependencies =
            "[dependencies]\ntext = { path = \"../.tools/text\" }\nnumber = { path = \"../cache/number\" }\n";
        checkout.write("app/Cargo.toml", &(manifest("app") + dependencies));
        checkout.write("app/src/main.rs", "fn main() { println!(\"{}{}\", text::TEXT, number::TEXT); }");
        for [dir, name] in [[".tools/text", "text"], ["cache/number", "number"]] {
            checkout.write(&format!("{dir}/Cargo.toml"), &manifest(name));
            checkout.write(&format!("{dir}/src/lib.rs"), "pub const TEXT: &str = include_str!(\"text.txt\");");
            checkout.write(&format!("{dir}/src/text.txt"), "X");
        }
        checkout.write("cache/CACHEDIR.TAG", "");
        checkout.write("cache/other/text.txt", "X");
        checkout.built();
        assert_eq!(checkout.value(), "XX", "{mode:?}");

        checkout.write(".tools/text/src/text.txt", "Y");
        checkout.write("cache/number/src/text.txt", "Y");
        checkout.write("cache/other/text.txt", "Y");
        assert_eq!(checkout.built().compiled, 3, "{mode:?}");
        assert_eq!(checkout.value(), "YY", "{mode:?}");
    }
}

#[test]
fn another_crates_file_that_a_build_script_declares_is_seen() {
    for mode in MODES {
        let checkout = Checkout::of_members(
            mode,
            &["app", "other"],
            &[
                ("app/build.rs", &copying("../other/src/text.txt")),
                ("app/src/main.rs", PRINT_N),
                ("other/src/lib.rs", "pub const TEXT: &str = include_str!(\"text.txt\");"),
                ("other/src/text.txt", "X"),
            ],
        );
        checkout.built();
        checkout.write("other/src/text.txt", "Y");
        checkout.age();
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

#[test]
fn files_of_no_crate_are_seen() {
    let main = "fn main() { println!(\"{}{}\", include_str!(concat!(env!(\"OUT_DIR\"), \"/n.txt\")), \
                include_str!(\"../../schema/m.txt\")); }";
    for mode in MODES {
        let checkout = Checkout::of_members(
            mode,
            &["app"],
            &[
                ("app/build.rs", &copying("../schema/n.txt")),
                ("app/src/main.rs", main),
                ("schema/n.txt", "X"),
                ("schema/m.txt", "x"),
            ],
        );
        checkout.built();
        checkout.write("schema/n.txt", "Y");
        checkout.age();
        checkout.built();
        assert_eq!(checkout.value(), "Yx", "{mode:?}");
        checkout.write("schema/m.txt", "y");
        checkout.age();
        checkout.built();
        assert_eq!(checkout.value(), "Yy", "{mode:?}");
    }
}

#[test]
fn a_file_that_is_gone_is_seen_in_every_profile() {
    for mode in MODES {
        let files = [("build.rs", COUNT_DATA), ("src/main.rs", PRINT_N), ("data/a", "1"), ("data/b", "2")];
        let checkout = Checkout::of(mode, &files);
        checkout.cargo("build --offline --release");
        checkout.remove("data/b");
        checkout.age();
        checkout.built();
        checkout.age();
        checkout.cargo("build --offline --release");
        assert_eq!([checkout.value(), checkout.value_of("release")], ["1", "1"], "{mode:?}");
    }
}

#[test]
fn a_file_that_is_gone_before_a_build_that_fails_is_seen_later() {
    for mode in MODES {
        let files = [("build.rs", COUNT_DATA), ("src/main.rs", PRINT_N), ("data/a", "1"), ("data/b", "2")];
        let checkout = Checkout::of(mode, &files);
        checkout.built();
        checkout.remove("data/b");
        checkout.write("build.rs", "fn main( {");
        checkout.age();
        assert!(!checkout.build().succeeded);

        checkout.write("build.rs", COUNT_DATA);
        checkout.age();
        checkout.built();
        assert_eq!(checkout.value(), "1", "{mode:?}");
    }
}

#[test]
fn an_empty_folder_is_seen() {
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("build.rs", COUNT_DATA), ("src/main.rs", PRINT_N), ("data/a", "1")]);
        checkout.built();
        fs::create_dir(checkout.path("data/sub")).unwrap();
        checkout.age();
        checkout.built();
        assert_eq!(checkout.value(), "2", "{mode:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_elsewhere_is_seen() {
    let main = "fn main() { println!(\"{}\", include_str!(\"../link.txt\")); }";
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("src/main.rs", main), ("x.txt", "X"), ("y.txt", "Y")]);
        for (target, value) in [("x.txt", "X"), ("y.txt", "Y"), ("x.txt", "X")] {
            checkout.link(target, "link.txt");
            checkout.age();
            checkout.built();
            assert_eq!(checkout.value(), value, "{mode:?}");
        }
    }
}

/// Cargo looks at all files of a package whose build script declares nothing.
#[test]
fn a_file_that_is_gone_is_seen_although_nothing_is_declared() {
    let script = COUNT_DATA.replace("println!(\"cargo::rerun-if-changed=data\");", "");
    for mode in MODES {
        let files = [("build.rs", script.as_str()), ("src/main.rs", PRINT_N), ("data/a", "1"), ("data/b", "2")];
        let checkout = Checkout::of(mode, &files);
        checkout.built();
        checkout.cargo("build --offline --release");
        checkout.remove("data/b");
        checkout.age();
        checkout.built();
        checkout.cargo("build --offline --release");
        assert_eq!([checkout.value(), checkout.value_of("release")], ["1", "1"], "{mode:?}");
    }
}

/// A copy has no times of its own, and only the target directory knows when it first saw a content.
#[test]
fn a_content_stays_new_for_a_profile_that_was_not_built_since() {
    let script = copying("../n.txt");
    let files = [("app/build.rs", script.as_str()), ("app/src/main.rs", PRINT_N), ("n.txt", "X")];
    let checkout = Checkout::of_members(Mode::Copy, &["app"], &files);
    checkout.cargo("build --offline --release");
    checkout.write("n.txt", "Y");
    checkout.built();
    checkout.age();
    checkout.cargo("build --offline --release");
    assert_eq!([checkout.value(), checkout.value_of("release")], ["Y", "Y"]);
}

/// What is in `tests` is no part of a library, but a build script may read it.
#[test]
fn a_file_for_tests_that_is_gone_is_seen_although_nothing_is_declared() {
    let script =
        COUNT_DATA.replace("println!(\"cargo::rerun-if-changed=data\");", "").replace("\"data\"", "\"tests/data\"");
    for mode in MODES {
        let files =
            [("build.rs", script.as_str()), ("src/main.rs", PRINT_N), ("tests/data/a", ""), ("tests/data/b", "")];
        let checkout = Checkout::of(mode, &files);
        checkout.built();
        checkout.remove("tests/data/b");
        checkout.age();
        checkout.built();
        assert_eq!(checkout.value(), "1", "{mode:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_declared_link_to_another_folder_is_seen() {
    for mode in MODES {
        let files = [("build.rs", COUNT_DATA), ("src/main.rs", PRINT_N), ("one/a", ""), ("two/a", ""), ("two/b", "")];
        let checkout = Checkout::of(mode, &files);
        for (folder, count) in [("one", "1"), ("two", "2")] {
            checkout.link(folder, "data");
            checkout.age();
            checkout.built();
            assert_eq!(checkout.value(), count, "{mode:?}");
        }
    }
}

/// What is beside the checkout may be a whole disk.
#[cfg(unix)]
#[test]
fn a_link_to_a_folder_above_is_not_followed() {
    let checkout = Checkout::of(Mode::Copy, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
    checkout.link("/", "everything");
    checkout.link("..", "src/above");
    fs::write(checkout.path("../beside"), "").unwrap();
    checkout.built();
    let record = fs::read_to_string(checkout.path("target/.unstale/record.json")).unwrap();
    assert!(record.contains("v.txt") && !record.contains("beside"), "{record}");
}

/// The documentation of a crate named `build` is in a folder of that name, and so may be a benchmark's results.
#[test]
fn folders_of_others_that_look_like_cargos_cost_nothing() {
    let files = [("app/src/lib.rs", "pub const N: u8 = 1;"), ("build/src/lib.rs", "pub const N: u8 = 1;")];
    let checkout = Checkout::of_members(Mode::Checkout, &["app", "build"], &files);
    assert!(checkout.cargo("doc --offline").succeeded);
    checkout.built();
    checkout.write_now("target/criterion/build/kept", "");
    checkout.write("app/src/lib.rs", "pub const N: u8 = 2;");
    let built = checkout.built();
    assert_eq!(built.compiled, 1, "{}", built.text);
    assert!(checkout.path("target/doc/help.html").exists());
    assert!(checkout.path("target/criterion/build/kept").exists());
}

#[cfg(unix)]
#[test]
fn a_linked_folder_of_modules_is_seen() {
    let files = [
        ("src/main.rs", "#[path = \"gen/m.rs\"]\nmod m;\nfn main() { println!(\"{}\", m::V); }"),
        ("src/gen1/m.rs", "pub const V: &str = \"X\";"),
        ("src/gen2/m.rs", "pub const V: &str = \"Y\";"),
    ];
    for mode in MODES {
        let checkout = Checkout::of(mode, &files);
        checkout.link("gen1", "src/gen");
        checkout.built();
        checkout.link("gen2", "src/gen");
        checkout.age();
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_what_is_built_compiles_nothing() {
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
        checkout.link("target/debug/app", "app");
        checkout.built();
        checkout.built();
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_of_the_future_is_compiled_once() {
    let files = [("build.rs", COUNT_DATA), ("src/main.rs", PRINT_N), ("data/a", "")];
    for mode in MODES {
        let checkout = Checkout::of(mode, &files);
        checkout.link("a", "data/link");
        let future = filetime::FileTime::from_unix_time(4_000_000_000, 0);
        filetime::set_symlink_file_times(checkout.path("data/link"), future, future).unwrap();
        checkout.built();
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_profiles_folder_may_be_a_link() {
    let script = COUNT_DATA.replace("changed=data", "changed=build.rs");
    let files = [("build.rs", script.as_str()), ("src/main.rs", PRINT_N), ("data/a", ""), ("data/b", "")];
    for mode in MODES {
        let checkout = Checkout::of(mode, &files);
        fs::create_dir(checkout.path("../elsewhere")).unwrap();
        checkout.link("../../elsewhere", "target/debug");
        checkout.built();
        checkout.remove("data/b");
        checkout.built();
        assert_eq!(checkout.value(), "1", "{mode:?}");
    }
}

#[test]
fn a_file_that_a_package_excludes_is_seen_although_nothing_is_declared() {
    let app = manifest("app") + "exclude = [\"tests\"]\n";
    let script = copying("tests/n.txt").replace("cargo::rerun-if-changed", "not-declared");
    let files = [("Cargo.toml", app.as_str()), ("build.rs", &script), ("src/main.rs", PRINT_N), ("tests/n.txt", "X")];
    for mode in MODES {
        let checkout = Checkout::of(mode, &files);
        checkout.built();
        checkout.write("tests/n.txt", "Y");
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_copied_link_compiles_nothing() {
    let files = [("build.rs", COUNT_DATA), ("src/main.rs", PRINT_N), ("data/a", "1"), ("v.txt", "X")];
    let checkout = Checkout::of(Mode::Copy, &files);
    checkout.link("../v.txt", "data/link");
    checkout.built();
    checkout.link("../v.txt", "data/link");
    assert_eq!(checkout.built().compiled, 0);
}

#[cfg(unix)]
#[test]
fn a_file_with_two_names_has_one_time() {
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
        checkout.link("../v.txt", "other/v.txt");
        for value in ["X", "Y"] {
            checkout.write("v.txt", value);
            let built = checkout.built();
            assert!(!built.text.contains("was written while"), "{mode:?}: {}", built.text);
            assert_eq!(checkout.value(), value, "{mode:?}");
        }
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

#[test]
fn a_copy_with_new_times_compiles_nothing() {
    let checkout = Checkout::of(Mode::Copy, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
    checkout.built();
    checkout.write_now("v.txt", "X");
    checkout.write_now("src/main.rs", PRINT_V);
    assert_eq!(checkout.built().compiled, 0);
}

#[test]
fn a_file_may_be_dated_before_1970() {
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("src/main.rs", PRINT_V), ("v.txt", "")]);
        for text in ["X", "Y"] {
            checkout.write("v.txt", text);
            filetime::set_file_mtime(checkout.path("v.txt"), filetime::FileTime::from_unix_time(-1, 0)).unwrap();
            checkout.built();
            assert_eq!(checkout.value(), text, "{mode:?}");
        }
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

#[test]
fn a_file_of_the_future_is_compiled_once() {
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
        checkout.built();
        checkout.write("v.txt", "Y");
        date(&checkout.path("v.txt"), SystemTime::now() + Duration::from_secs(1_000_000_000));
        assert_eq!([checkout.built().compiled, checkout.built().compiled], [1, 0], "{mode:?}");
        assert_eq!(checkout.value(), "Y");
    }
}

#[test]
fn the_same_content_with_an_older_time_is_still_new_for_another_profile() {
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
        checkout.cargo("build --offline --release");
        checkout.write_now("v.txt", "Y");
        checkout.built();
        checkout.write("v.txt", "Y");
        checkout.cargo("build --offline --release");
        assert_eq!([checkout.value(), checkout.value_of("release")], ["Y", "Y"], "{mode:?}");
    }
}

#[test]
fn a_vendored_crate_is_seen_in_a_profile_of_ones_own() {
    let app = manifest("app") + "[dependencies]\ndep = \"1\"\n[profile.dist]\ninherits = \"release\"\n";
    let files = [
        ("Cargo.toml", app.as_str()),
        (".cargo/config.toml", "[source.crates-io]\nreplace-with = \"v\"\n[source.v]\ndirectory = \"vendor\"\n"),
        ("vendor/dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"),
        ("vendor/dep/.cargo-checksum.json", "{\"files\":{}}"),
        ("vendor/dep/src/lib.rs", "pub const V: &str = \"X\";"),
        ("src/main.rs", "fn main() { println!(\"{}\", dep::V); }"),
    ];
    for mode in MODES {
        let checkout = Checkout::of(mode, &files);
        checkout.cargo("build --offline --profile dist");
        checkout.write("vendor/dep/src/lib.rs", "pub const V: &str = \"Y\";");
        checkout.cargo("build --offline --profile dist");
        assert_eq!(checkout.value_of("dist"), "Y", "{mode:?}");
    }
}

/// The patched crate is reached through a vendored one only, and reads a file of the workspace.
#[test]
fn a_file_that_a_patched_crates_build_script_declares_is_seen() {
    let app = manifest("app") + "[dependencies]\nmid = \"1\"\n[patch.crates-io]\nleaf = { path = \"patched/leaf\" }\n";
    let mid = manifest("mid").replace("0.1.0", "1.0.0") + "[dependencies]\nleaf = \"1\"\n";
    let files = [
        ("Cargo.toml", app.as_str()),
        (".cargo/config.toml", "[source.crates-io]\nreplace-with = \"v\"\n[source.v]\ndirectory = \"vendor\"\n"),
        ("vendor/mid/Cargo.toml", &mid),
        ("vendor/mid/.cargo-checksum.json", "{\"files\":{}}"),
        ("vendor/mid/src/lib.rs", "pub use leaf::V;"),
        ("patched/leaf/Cargo.toml", &manifest("leaf").replace("0.1.0", "1.0.0")),
        ("patched/leaf/build.rs", &copying("../../schema/n.txt")),
        ("patched/leaf/src/lib.rs", "pub const V: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/n.txt\"));"),
        ("schema/n.txt", "X"),
        ("src/main.rs", "fn main() { println!(\"{}\", mid::V); }"),
    ];
    for mode in MODES {
        let checkout = Checkout::of(mode, &files);
        checkout.built();
        checkout.write("schema/n.txt", "Y");
        checkout.age();
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

#[test]
fn the_documentation_follows_a_file_of_another_crate() {
    let files = [
        ("a/src/lib.rs", "#![doc = include_str!(\"../../b/README.md\")]"),
        ("b/src/lib.rs", ""),
        ("b/README.md", "first-text"),
    ];
    let checkout = Checkout::of_members(Mode::Checkout, &["a", "b"], &files);
    for text in ["first-text", "second-text"] {
        checkout.write("b/README.md", text);
        assert!(checkout.cargo("doc --offline").succeeded);
        let page = fs::read_to_string(checkout.path("target/doc/a/index.html")).unwrap();
        assert!(page.contains(text));
    }
}

#[test]
fn the_documentation_follows_a_file_outside_of_the_crate() {
    for mode in MODES {
        let files = [("a/src/lib.rs", "#![doc = include_str!(\"../../README.md\")]"), ("README.md", "XXMARK")];
        let checkout = Checkout::of_members(mode, &["a"], &files);
        checkout.cargo("doc --offline");
        checkout.write("README.md", "YYMARK");
        checkout.cargo("doc --offline");
        let page = fs::read_to_string(checkout.path("target/doc/a/index.html")).unwrap();
        assert!(page.contains("YYMARK"), "{mode:?}");
    }
}

#[test]
fn a_folder_may_have_any_name() {
    for name in ["cafe\u{301}", "\u{1f980} crab", "{{project}}"] {
        for configured in [false, true] {
            // Open: cargo takes these braces for a template even behind `{workspace-root}`.
            if configured && name.contains('{') {
                println!("SKIPPED: {name} with a configured build-dir");
                continue;
            }
            let checkout = Checkout::named(name, Mode::Checkout);
            checkout.write("Cargo.toml", &manifest("app"));
            checkout.write("src/main.rs", PRINT_V);
            checkout.write("v.txt", "X");
            if configured {
                checkout.write(".cargo/config.toml", "[build]\nbuild-dir = \"elsewhere\"\n");
            }
            checkout.built();
            checkout.write("v.txt", "Y");
            checkout.built();
            assert_eq!(checkout.value(), "Y", "{name} {configured}");
        }
    }
}

/// Two crates may build a file of the same name. Cargo finds the one of the other crate, and takes it for its own.
#[test]
fn what_another_crate_has_overwritten_is_built_again() {
    for mode in MODES {
        let manifest = |name: &str| manifest(name) + "[lib]\nname = \"same\"\ncrate-type = [\"cdylib\"]\n";
        let code = |text: &str| format!("#[no_mangle]\npub static SAYS: [u8; 8] = *b\"{text}\";\n");
        let checkout = Checkout::of_members(mode, &["one", "two"], &[]);
        for (name, text) in [("one", "I AM ONE"), ("two", "I AM TWO")] {
            checkout.write(&format!("{name}/Cargo.toml"), &manifest(name));
            checkout.write(&format!("{name}/src/lib.rs"), &code(text));
        }
        let build = |name: &str| checkout.cargo(&format!("build --offline --package {name}"));
        let says = |text: &str| {
            let library = format!("{}same{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
            let library = fs::read(checkout.path("target/debug").join(library)).unwrap();
            library.windows(text.len()).any(|bytes| bytes == text.as_bytes())
        };

        for (name, text) in [("one", "I AM ONE"), ("two", "I AM TWO"), ("one", "I AM ONE"), ("two", "I AM TWO")] {
            assert!(build(name).succeeded);
            assert!(says(text), "{name}, {mode:?}");
            // One more time, the two are told apart.
            build(name);
            assert!(says(text), "{name}, {mode:?}");
            assert_eq!(build(name).compiled, 0, "{name}, {mode:?}");
        }

        checkout.write("two/src/lib.rs", &code("I AM NEW"));
        build("one");
        assert!(says("I AM ONE"), "{mode:?}");
        build("two");
        assert!(says("I AM NEW"), "{mode:?}");
    }
}

#[test]
fn what_changes_in_a_crate_while_nobody_needs_it_is_seen_later() {
    let without = manifest("app");
    let with = format!("{without}[dependencies]\nother = {{ path = \"../other\" }}\n");
    let script = "fn main() {
        let count = std::fs::read_dir(\"data\").unwrap().count();
        std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", count.to_string()).unwrap();
    }";
    for mode in MODES {
        let checkout = Checkout::of_members(mode, &["app"], &[("app/Cargo.toml", &with)]);
        checkout.write("Cargo.toml", "[workspace]\nmembers = [\"app\"]\nexclude = [\"other\"]\nresolver = \"2\"\n");
        checkout.write("app/src/main.rs", "fn main() { println!(\"{}\", other::N); }");
        checkout.write("other/Cargo.toml", &manifest("other"));
        checkout.write("other/build.rs", script);
        checkout.write("other/src/lib.rs", "pub const N: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/n.txt\"));");
        checkout.write("other/data/a", "");
        checkout.write("other/data/b", "");
        checkout.built();
        assert_eq!(checkout.value(), "2", "{mode:?}");

        checkout.write("app/Cargo.toml", &without);
        checkout.write("app/src/main.rs", "fn main() {}");
        checkout.remove("other/data/b");
        checkout.age();
        checkout.built();
        checkout.write("app/Cargo.toml", &with);
        checkout.write("app/src/main.rs", "fn main() { println!(\"{}\", other::N); }");
        checkout.built();
        assert_eq!(checkout.value(), "1", "{mode:?}");
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}
