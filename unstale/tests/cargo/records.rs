//! Target directories that something else has changed, and settings that no crate owns.

use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::fixture::{COUNT_DATA, Checkout, MODES, Mode, PRINT_N, PRINT_V, copying, date, manifest};

fn printing_v(mode: Mode) -> Checkout {
    let checkout = Checkout::of(mode, &[("src/main.rs", PRINT_V), ("v.txt", "X")]);
    checkout.built();
    checkout
}

/// Lets a plain cargo build another content, which is gone again afterwards.
fn let_plain_cargo_build_y(checkout: &Checkout) {
    checkout.rename("v.txt", "kept");
    checkout.write_now("v.txt", "Y");
    assert!(checkout.plain_cargo("build --offline").succeeded);
    assert_eq!(checkout.value(), "Y");
    checkout.rename("kept", "v.txt");
}

#[test]
fn a_plain_cargo_in_the_same_directory_is_noticed() {
    for mode in MODES {
        let checkout = printing_v(mode);
        let_plain_cargo_build_y(&checkout);
        checkout.built();
        assert_eq!(checkout.value(), "X", "{mode:?}");
    }
}

/// A dependency that was built while the clock was ahead is newer than all that is built for some time.
#[test]
fn a_plain_cargo_is_noticed_after_the_clock_was_ahead() {
    for mode in MODES {
        let checkout = printing_v(mode);
        let dependency = checkout.path("target/debug/deps/of-tomorrow");
        fs::write(&dependency, "").unwrap();
        date(&dependency, SystemTime::now() + Duration::from_hours(24));
        checkout.built();
        checkout.built();

        let_plain_cargo_build_y(&checkout);
        checkout.built();
        assert_eq!(checkout.value(), "X", "{mode:?}");
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

/// A script may unpack an archive.
#[test]
fn a_plain_cargo_is_noticed_beside_a_file_of_the_future() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=build.rs\");
        let file = std::fs::File::create(std::env::var(\"OUT_DIR\").unwrap() + \"/of-2096\").unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(4_000_000_000)).unwrap();
    }";
    for mode in MODES {
        let checkout = Checkout::of(mode, &[("build.rs", script), ("src/main.rs", PRINT_V), ("v.txt", "X")]);
        checkout.built();
        let_plain_cargo_build_y(&checkout);
        checkout.built();
        assert_eq!(checkout.value(), "X", "{mode:?}");
    }
}

/// The script does not declare its folder, so only the record says that something is gone from it.
#[cfg(unix)]
#[test]
fn what_is_restored_from_an_earlier_copy_is_noticed() {
    let script = COUNT_DATA.replace("changed=data", "changed=build.rs");
    let files = [("build.rs", script.as_str()), ("src/main.rs", PRINT_N), ("data/a", ""), ("data/b", "")];
    for mode in MODES {
        let checkout = Checkout::of(mode, &files);
        checkout.built();
        let copy = |from: &str, to: &str| {
            let paths = [from, to].map(|path| checkout.path(path));
            assert!(Command::new("cp").arg("-a").args(paths).status().unwrap().success());
        };
        copy("target/debug", "../kept");
        checkout.remove("data/b");
        checkout.built();
        assert_eq!(checkout.value(), "1", "{mode:?}");

        fs::remove_dir_all(checkout.path("target/debug")).unwrap();
        copy("../kept", "target/debug");
        checkout.built();
        assert_eq!(checkout.value(), "1", "{mode:?}");
    }
}

#[test]
fn what_a_program_writes_beside_itself_is_no_build() {
    for mode in MODES {
        let checkout = printing_v(mode);
        fs::write(checkout.path("target/debug/app.log"), "").unwrap();
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

#[test]
fn dep_info_for_other_build_systems_is_no_build() {
    for mode in MODES {
        let checkout = printing_v(mode);
        // As cargo does, sometimes, when there is nothing to build.
        let dep_info = checkout.path("target/debug/app.d");
        fs::write(&dep_info, fs::read(&dep_info).unwrap()).unwrap();
        assert_eq!(checkout.built().compiled, 0, "{mode:?}");
    }
}

#[test]
fn a_record_of_an_earlier_cache_is_noticed() {
    for mode in MODES {
        let checkout = printing_v(mode);
        let record = fs::read(checkout.path("target/.unstale/record.json")).unwrap();
        checkout.write("v.txt", "Y");
        checkout.built();
        fs::write(checkout.path("target/.unstale/record.json"), record).unwrap();
        checkout.write("v.txt", "X");
        checkout.built();
        assert_eq!(checkout.value(), "X", "{mode:?}");
    }
}

#[test]
fn a_setting_that_another_workspace_has_seen_reaches_this_one() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=build.rs\");
        let text = std::env::var(\"NAME_OF_IT\").unwrap();
        std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", text).unwrap();
    }";
    let app = manifest("app") + "[workspace]\n";
    let other = manifest("other") + "[workspace]\n";
    let files = [
        ("app/Cargo.toml", app.as_str()),
        ("app/build.rs", script),
        ("app/src/main.rs", PRINT_N),
        ("other/Cargo.toml", &other),
        ("other/src/lib.rs", ""),
    ];
    let mut checkout = Checkout::of(Mode::Checkout, &files);
    checkout.remove("Cargo.toml");
    for value in ["X", "Y"] {
        checkout.write(".cargo/config.toml", &format!("[env]\nNAME_OF_IT = \"{value}\"\n"));
        for workspace in ["other", "app"] {
            checkout.set("WORKSPACE", workspace);
            checkout.built();
        }
        assert_eq!(checkout.value(), value);
    }
}

/// Cargo itself compares paths from the root.
#[test]
fn a_checkout_that_was_moved_is_compiled_again() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=build.rs\");
        let here = std::env::current_dir().unwrap();
        std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", here.to_str().unwrap()).unwrap();
    }";
    for mode in MODES {
        let mut checkout = Checkout::of(mode, &[("build.rs", script), ("src/main.rs", PRINT_N)]);
        checkout.built();
        checkout.relocate("elsewhere");
        checkout.built();
        assert_eq!(checkout.value(), checkout.root.to_str().unwrap(), "{mode:?}");
    }
}

/// Cargo does not know what the wrapper adds.
#[test]
fn another_name_of_a_folder_reaches_what_is_compiled() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=build.rs\");
        std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.rs\", \"file!()\").unwrap();
    }";
    let main = "fn main() { println!(\"{}\", include!(concat!(env!(\"OUT_DIR\"), \"/n.rs\"))); }";
    for mode in MODES {
        let mut checkout = Checkout::of(mode, &[("build.rs", script), ("src/main.rs", main)]);
        for name in ["/first", "/second"] {
            checkout.set("NAME_OF_ROOT", name);
            checkout.built();
            assert!(checkout.value().starts_with(name), "{mode:?}: {}", checkout.value());
            assert_eq!(checkout.built().compiled, 0, "{mode:?}");
        }
    }
}

/// A declared file of no crate is found by its time alone, and what was built is dated tomorrow.
#[test]
fn a_clock_that_went_back_is_noticed() {
    let day = Duration::from_hours(24);
    let files =
        [("app/build.rs", copying("../n.txt")), ("app/src/main.rs", PRINT_N.to_owned()), ("n.txt", "X".to_owned())];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    for mode in MODES {
        let checkout = Checkout::of_members(mode, &["app"], &files);
        checkout.built();

        let walk = walkdir::WalkDir::new(checkout.path("target")).into_iter();
        // The wrapper there is a link of the program that is tested: with that date, cargo would never build it again.
        for entry in walk.filter_entry(|entry| entry.file_name() != ".unstale") {
            date(entry.unwrap().path(), SystemTime::now() + day);
        }
        checkout.edit_record(|record| {
            let seconds = &mut record["closed"]["at"]["secs_since_epoch"];
            *seconds = (seconds.as_u64().unwrap() + day.as_secs() + 60).into();
        });
        checkout.write("n.txt", "Y");
        checkout.built();
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

/// As another user's files, or those of a read-only mount.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_dated_is_compiled() {
    let files =
        [("app/build.rs", copying("../n.txt")), ("app/src/main.rs", PRINT_N.to_owned()), ("n.txt", "X".to_owned())];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    for mode in MODES {
        let checkout = Checkout::of_members(mode, &["app"], &files);
        checkout.write("v.txt", "");
        checkout.built();
        checkout.write("n.txt", "Y");
        let Some(built) = checkout.build_read_only() else {
            eprintln!("SKIPPED: this system allows no read-only mounts");
            return;
        };
        assert!(built.succeeded, "{}", built.text);
        assert_eq!(checkout.value(), "Y", "{mode:?}");
    }
}

/// Crates that were compiled with different builds of the standard library do not link.
#[test]
fn another_build_of_the_standard_library_clears_everything() {
    let mut checkout = printing_v(Mode::Checkout);
    let kept = checkout.path("target/debug/of-the-earlier-one");
    fs::write(&kept, "").unwrap();
    checkout.set("LIBRARIES", "another");
    assert_eq!(checkout.built().compiled, 1);
    assert!(!kept.exists());
}

#[test]
fn an_archive_of_whole_seconds_compiles_nothing_in_a_copy() {
    let checkout = printing_v(Mode::Copy);
    for entry in walkdir::WalkDir::new(checkout.path("target")) {
        let entry = entry.unwrap();
        let modified = fs::metadata(entry.path()).unwrap().modified().unwrap();
        let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        date(entry.path(), SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs()));
    }
    assert_eq!(checkout.built().compiled, 0);
}

#[test]
fn a_setting_that_a_manifest_inherits_reaches_a_build_script() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=build.rs\");
        let license = std::env::var(\"CARGO_PKG_LICENSE\").unwrap();
        std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", license).unwrap();
    }";
    let root = |license: &str| {
        format!("[workspace]\nmembers = [\"app\"]\nresolver = \"2\"\n[workspace.package]\nlicense = \"{license}\"\n")
    };
    for mode in MODES {
        let checkout = Checkout::of_members(mode, &["app"], &[("app/build.rs", script), ("app/src/main.rs", PRINT_N)]);
        checkout.write("app/Cargo.toml", &(manifest("app") + "license.workspace = true\n"));
        for license in ["X", "Y"] {
            checkout.write("Cargo.toml", &root(license));
            checkout.built();
            assert_eq!(checkout.value(), license, "{mode:?}");
        }
    }
}

#[test]
fn a_setting_of_another_workspace_reaches_its_member() {
    let root = |version: &str| {
        format!(
            "[workspace]\nmembers = [\"dep\"]\nresolver = \"2\"\n[workspace.package]\ndescription = \"{version}\"\n"
        )
    };
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=build.rs\");
        let text = std::env::var(\"CARGO_PKG_DESCRIPTION\").unwrap();
        std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", text).unwrap();
    }";
    let app = manifest("app") + "[dependencies]\ndep = { path = \"other/dep\" }\n[workspace]\nexclude = [\"other\"]\n";
    let files = [
        ("Cargo.toml", app.as_str()),
        ("src/main.rs", "fn main() { println!(\"{}\", dep::V); }"),
        ("other/dep/Cargo.toml", &(manifest("dep") + "description.workspace = true\n")),
        ("other/dep/build.rs", script),
        ("other/dep/src/lib.rs", "pub const V: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/n.txt\"));"),
    ];
    let checkout = Checkout::of(Mode::Checkout, &files);
    for text in ["X", "Y"] {
        checkout.write("other/Cargo.toml", &root(text));
        checkout.built();
        assert_eq!(checkout.value(), text);
    }
}

#[test]
fn a_variable_in_cargos_configuration_reaches_a_macro() {
    let macros = "#[proc_macro]
        pub fn name(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
            format!(\"{:?}\", std::env::var(\"NAME_OF_IT\").unwrap()).parse().unwrap()
        }";
    let files = [
        ("app/Cargo.toml", manifest("app") + "[dependencies]\nmacros = { path = \"../macros\" }\n"),
        ("app/src/main.rs", "fn main() { println!(\"{}\", macros::name!()); }".to_owned()),
        ("macros/Cargo.toml", manifest("macros") + "[lib]\nproc-macro = true\n"),
        ("macros/src/lib.rs", macros.to_owned()),
    ];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let checkout = Checkout::of_members(Mode::Checkout, &["app", "macros"], &files);
    for value in ["X", "Y"] {
        checkout.write(".cargo/config.toml", &format!("[env]\nNAME_OF_IT = \"{value}\"\n"));
        checkout.built();
        assert_eq!(checkout.value(), value);
    }
}

#[test]
fn a_variable_in_a_configuration_above_the_checkout_reaches_a_build_script() {
    let script = "fn main() {
        println!(\"cargo::rerun-if-changed=build.rs\");
        let text = std::env::var(\"NAME_OF_IT\").unwrap();
        std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", text).unwrap();
    }";
    let checkout = Checkout::of(Mode::Checkout, &[("build.rs", script), ("src/main.rs", PRINT_N)]);
    for value in ["X", "Y"] {
        checkout.write("../.cargo/config.toml", &format!("[env]\nNAME_OF_IT = \"{value}\"\n"));
        checkout.built();
        assert_eq!(checkout.value(), value);
    }
}
