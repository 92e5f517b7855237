//! Files that no snapshot has: hidden ones, and those outside of the checkout. The check names them; their edits are seen.

use crate::fixture::{Checkout, MODES, Mode, PRINT_N, copying, date, manifest};

#[test]
fn an_edit_outside_of_the_checkout_is_compiled() {
    for mode in MODES {
        let main = "fn main() { println!(\"{}\", include_str!(\"../../../out.txt\")); }";
        let checkout = Checkout::of_members(mode, &["app"], &[("app/src/main.rs", main)]);
        checkout.write("../out.txt", "X");
        checkout.build();
        assert_eq!(checkout.build().compiled, 0, "{mode:?}");
        checkout.write("../out.txt", "Y");
        checkout.build();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
        assert_eq!(checkout.build().compiled, 0, "{mode:?}");
    }
}

#[test]
fn an_edit_of_a_hidden_file_is_compiled() {
    for mode in MODES {
        let files = [("build.rs", copying(".git/HEAD")), ("src/main.rs", PRINT_N.to_owned())];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        let checkout = Checkout::of(mode, &files);
        checkout.write(".git/HEAD", "X");
        checkout.build();
        assert_eq!(checkout.build().compiled, 0, "{mode:?}");
        checkout.write(".git/HEAD", "Y");
        checkout.build();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
        assert_eq!(checkout.build().compiled, 0, "{mode:?}");
    }
}

/// As on some CI systems.
#[test]
fn a_file_in_cargos_home_is_seen_if_cargo_has_not_downloaded_it() {
    for mode in MODES {
        let main = "fn main() { println!(\"{}\", include_str!(\"../.cargo/data/n.txt\")); }";
        let mut checkout = Checkout::of(mode, &[("src/main.rs", main), (".cargo/data/n.txt", "X")]);
        checkout.set("CARGO_HOME", checkout.path(".cargo").to_str().unwrap());
        checkout.build();
        checkout.write(".cargo/data/n.txt", "Y");
        checkout.build();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

#[test]
fn a_hidden_file_of_a_copy_gets_its_time_back() {
    let files = [("build.rs", copying(".git/HEAD")), ("src/main.rs", PRINT_N.to_owned())];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let checkout = Checkout::of(Mode::Copy, &files);
    checkout.write(".git/HEAD", "X");
    checkout.build();
    date(&checkout.path(".git/HEAD"), std::time::SystemTime::now());
    assert_eq!(checkout.build().compiled, 0);
}

#[test]
fn a_new_file_in_a_hidden_folder_is_compiled() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=.data\");
        let count = std::fs::read_dir(\".data\").unwrap().count();
        std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", count.to_string()).unwrap();
    }";
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("build.rs", script), ("src/main.rs", PRINT_N), (".data/a", "")]);
        checkout.age();
        checkout.build();
        checkout.write(".data/b", "");
        checkout.age();
        checkout.build();
        assert_eq!(checkout.value(), "2", "{mode:?}");
    }
}

#[test]
fn a_file_that_a_build_writes_elsewhere_is_compiled_once() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=v.txt\");
        std::fs::copy(\"v.txt\", \".gen.txt\").unwrap();
    }";
    let main = "fn main() { println!(\"{}\", include_str!(\"../.gen.txt\")); }";
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("build.rs", script), ("src/main.rs", main), ("v.txt", "X")]);
        checkout.build();
        assert_eq!(checkout.build().compiled, 0, "{mode:?}");
        checkout.write("v.txt", "Y");
        checkout.build();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
        checkout.build();
        assert_eq!(checkout.build().compiled, 0, "{mode:?}");
    }
}

/// As by a generator that runs if its output is missing.
#[test]
fn an_edit_of_a_file_that_the_first_build_has_written_elsewhere_is_compiled() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=build.rs\");
        if !std::path::Path::new(\".gen.txt\").exists() {
            std::fs::write(\".gen.txt\", \"X\").unwrap();
        }
    }";
    let main = "fn main() { println!(\"{}\", include_str!(\"../.gen.txt\")); }";
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("build.rs", script), ("src/main.rs", main)]);
        checkout.build();
        checkout.write(".gen.txt", "Y");
        checkout.build();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

/// No folder's names tell of it.
#[test]
fn a_new_hidden_file_is_seen_where_a_build_script_declares_nothing() {
    let script = "fn main() {
        let text = std::fs::read_to_string(\".env\").unwrap_or(\"none\".to_owned());
        std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", text).unwrap();
    }";
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("build.rs", script), ("src/main.rs", PRINT_N)]);
        checkout.built();
        checkout.write(".env", "X");
        checkout.built();
        assert_eq!(checkout.value(), "X", "{mode:?}");
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

/// Cargo looks at all files of a package whose build script declares nothing.
#[test]
fn a_build_script_that_declares_nothing_may_read_hidden_files() {
    let script = "fn main() {
        std::fs::copy(\".env\", std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\").unwrap();
    }";
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("build.rs", script), ("src/main.rs", PRINT_N), (".env", "X")]);
        checkout.built();
        if mode == Mode::Copy {
            date(&checkout.path(".env"), std::time::SystemTime::now());
        }
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
        checkout.write(".env", "Y");
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

/// The build script of a crate runs before the libraries are compiled that the crate depends on.
#[test]
fn an_edit_of_a_hidden_file_after_a_build_that_failed_is_compiled() {
    let app = manifest("app") + "[dependencies]\ncore-of-app = { path = \"../core-of-app\" }\n";
    for mode in MODES {
        let script = copying("../.git/HEAD");
        let files = [
            ("app/Cargo.toml", app.as_str()),
            ("app/build.rs", &script),
            ("app/src/main.rs", PRINT_N),
            (".git/HEAD", "X"),
        ];
        let checkout = Checkout::of_members(mode, &["app", "core-of-app"], &files);
        checkout.write("core-of-app/src/lib.rs", "pub fn f( {}");
        checkout.cargo("build --offline --keep-going").is_refused_with("core-of-app");

        checkout.write("core-of-app/src/lib.rs", "pub fn f() {}");
        checkout.write(".git/HEAD", "Y");
        checkout.build();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
        assert_eq!(checkout.build().compiled, 0, "{mode:?}");
    }
}

#[test]
fn a_file_elsewhere_that_nobody_reads_any_more_compiles_nothing() {
    for mode in MODES {
        for path in [".git/index", "../out.txt"] {
            let checkout = Checkout::of(mode, &[("build.rs", &copying(path)), ("src/main.rs", "fn main() {}")]);
            checkout.write(path, "X");
            checkout.build();
            checkout.write("build.rs", &copying("v.txt"));
            checkout.write("v.txt", "");
            checkout.built();
            checkout.write(path, "Y");
            assert_eq!(checkout.built().compiled, 0, "{mode:?} {path}");
        }
    }
}

#[test]
fn a_hidden_file_that_another_profile_has_read_is_seen() {
    let main = "fn main() { println!(\"{}\", include_str!(\"../../.data/v.txt\")); }";
    for mode in MODES {
        let files = [("app/src/main.rs", main), ("other/src/main.rs", "fn main() {}"), (".data/v.txt", "X")];
        let checkout = Checkout::of_members(mode, &["app", "other"], &files);
        checkout.cargo("build --offline --release");
        checkout.write(".data/v.txt", "Y");
        checkout.cargo("build --offline --package other");
        checkout.write(".data/v.txt", "Z");
        checkout.cargo("build --offline --release");
        assert_eq!(checkout.value_of("release"), "Z", "{mode:?}");
    }
}

/// Whoever opens a pipe waits for somebody who writes.
#[cfg(unix)]
#[test]
fn a_pipe_in_a_declared_folder_is_not_read() {
    let script = "fn main() { println!(\"cargo::rerun-if-changed=.run\"); }";
    let checkout =
        Checkout::of(Mode::Checkout, &[("build.rs", script), ("src/main.rs", "fn main() {}"), (".run/a", "")]);
    let pipe = checkout.path(".run/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());

    let mut build = checkout.start();
    let started = std::time::Instant::now();
    while build.try_wait().unwrap().is_none() {
        if started.elapsed() > std::time::Duration::from_mins(1) {
            build.kill().unwrap();
            panic!("the build does not end");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(checkout.build().compiled, 0);
}

/// Rustdoc is no unit of cargo's: nothing else tells that the build script has run for it.
#[test]
fn a_hidden_file_that_a_build_script_has_read_for_documentation_is_seen() {
    for mode in MODES {
        let files = [("build.rs", &*copying(".git/HEAD")), ("src/main.rs", PRINT_N), (".git/HEAD", "X")];
        let checkout = Checkout::of(mode, &files);
        checkout.build();
        checkout.write("src/main.rs", &format!("{PRINT_N}// edited"));
        checkout.cargo("doc --offline");
        checkout.write(".git/HEAD", "Y");
        checkout.build();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_build_script_that_declares_nothing_may_read_a_hidden_link() {
    let script = "fn main() {
        std::fs::copy(\".env\", std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\").unwrap();
    }";
    for mode in MODES {
        let files = [("app/build.rs", script), ("app/src/main.rs", PRINT_N), (".env", "X")];
        let checkout = Checkout::of_members(mode, &["app"], &files);
        checkout.link("../.env", "app/.env");
        checkout.age();
        checkout.built();
        if mode == Mode::Copy {
            checkout.link("../.env", "app/.env");
        }
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
        checkout.write(".env", "Y");
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

#[test]
fn a_hidden_file_is_seen_although_the_list_of_what_was_compiled_is_lost() {
    for mode in MODES {
        let main = "fn main() { println!(\"{}\", include_str!(\"../.v.txt\")); }";
        let checkout = Checkout::of(mode, &[("src/main.rs", main), (".v.txt", "X")]);
        checkout.build();
        std::fs::remove_dir_all(checkout.path("target/.unstale/units")).unwrap();
        checkout.build();
        checkout.write(".v.txt", "Y");
        checkout.build();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}
