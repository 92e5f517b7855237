//! The promise, played through: after every kind of edit, with every kind of file time, the package is what the
//! sources say, only the crates concerned are compiled, and a package that is not is refused.
//!
//! Each case works in a copy of the workspace, which gets a probe: a function whose answer is a word in a source
//! file. The example library plays no part, so the cases hold for whatever takes its place.

#![cfg(unix)]

use std::{
    env, fs,
    os::unix::{ffi::OsStrExt, fs::symlink, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

// Cargo compares a variable that is read here by its value: an edited test is compiled again whatever its time.
const _: Option<&str> = option_env!("TESTS_DIGEST");

const LIBRARY: &str = "common/src/lib.rs";
const BINDING: &str = "wasm-client/src/lib.rs";
const PROBE: &str = "common/src/probe.rs";

#[test]
fn an_edit_with_an_old_time_is_seen_by_the_tests_and_built() {
    let copy = Copy::new();
    assert_passes(&copy.xtask(&["build"]));
    assert_passes(&copy.xtask(&["test", "package"]));
    for word in ["other", "another word"] {
        copy.write(PROBE, &probe(word));
        copy.date(PROBE, hours_ago(2));
        assert_fails(&copy.xtask(&["test", "package"]), "carries_the_digest_of_the_sources");
        assert_fails(&copy.xtask(&["verify"]), "common/src/probe.rs (changed)");
        let built = copy.xtask(&["build"]);
        assert_passes(&built);
        assert_eq!(compiled(&built), "common, wasm-client");
        assert_eq!(copy.answer(), word);
        assert_passes(&copy.xtask(&["test", "package"]));
        assert_passes(&copy.xtask(&["verify"]));
    }
}

#[test]
fn a_revert_with_an_old_time_is_built() {
    let copy = Copy::new();
    copy.build();
    let before = copy.package();
    copy.write(PROBE, &probe("other"));
    copy.build();
    assert_eq!(copy.answer(), "other");
    copy.write(PROBE, &probe("first"));
    copy.date(PROBE, hours_ago(48));
    assert_eq!(copy.build(), "common, wasm-client");
    assert_eq!(copy.answer(), "first");
    assert!(copy.package() == before, "the same sources gave another package");
}

#[test]
fn only_what_changed_is_compiled() {
    let copy = Copy::new();
    copy.build();
    assert_eq!(copy.build(), "nothing to do");
    copy.write(BINDING, &(copy.read(BINDING) + "\n// The binding alone.\n"));
    copy.date(BINDING, hours_ago(2));
    assert_eq!(copy.build(), "wasm-client");
    // Neither tests nor what surrounds the module are compiled into it.
    copy.write("common/tests/another.rs", "");
    copy.write("wasm-client/npm/README.md", "# Another\n");
    assert_fails(&copy.xtask(&["verify"]), "no crate changed");
    assert_eq!(copy.build(), "nothing to do");
    assert_passes(&copy.xtask(&["verify"]));
}

#[test]
fn file_times_alone_change_nothing_where_content_decides() {
    let copy = Copy::new();
    assert_passes(&copy.xtask(&["build", "--dev", "--by-content"]));
    let in_2020 = SystemTime::UNIX_EPOCH + Duration::from_secs(1_587_038_400);
    for time in [in_2020, SystemTime::now(), SystemTime::now() + Duration::from_secs(86_400)] {
        for file in copy.sources() {
            copy.date(&file, time);
        }
        let built = copy.xtask(&["build", "--dev", "--by-content"]);
        assert_passes(&built);
        assert_eq!(compiled(&built), "nothing to do");
    }
    for file in copy.sources() {
        copy.date(&file, in_2020);
    }
    assert_eq!(copy.build(), "nothing to do");
}

#[test]
fn modules_come_and_go() {
    let copy = Copy::new();
    copy.build();
    let library = copy.read(LIBRARY);
    // A folder module takes the place of the file module.
    copy.write(
        "common/src/probe/mod.rs",
        "mod word;\npub(crate) fn probe() -> &'static str { word::WORD }\n",
    );
    copy.write("common/src/probe/word.rs", "pub(crate) const WORD: &str = \"moved\";\n");
    copy.remove(PROBE);
    for file in ["common/src/probe/mod.rs", "common/src/probe/word.rs"] {
        copy.date(file, hours_ago(3));
    }
    assert_eq!(copy.build(), "common, wasm-client");
    assert_eq!(copy.answer(), "moved");
    fs::remove_dir_all(copy.path("common/src/probe")).unwrap();
    copy.write(
        LIBRARY,
        &library.replace("mod probe;", "mod probe { pub(crate) fn probe() -> &'static str { \"inline\" } }"),
    );
    copy.date(LIBRARY, hours_ago(3));
    assert_eq!(copy.build(), "common, wasm-client");
    assert_eq!(copy.answer(), "inline");
}

#[test]
fn an_included_file_is_a_source() {
    let copy = Copy::new();
    let included = "pub(crate) fn probe() -> &'static str { include_str!(\"../WHERE\").trim_end() }\n";
    copy.write(PROBE, &included.replace("WHERE", "word.txt"));
    copy.write("common/word.txt", "once\n");
    copy.build();
    copy.write("common/word.txt", "upon\n");
    copy.date("common/word.txt", hours_ago(5));
    assert_eq!(copy.build(), "common, wasm-client");
    assert_eq!(copy.answer(), "upon");
    // From outside of the crate's folder it has to be declared.
    copy.write(PROBE, &included.replace("WHERE", "../word.txt"));
    copy.write("word.txt", "outside\n");
    let before = copy.package();
    assert_fails(&copy.xtask(&["build", "--dev"]), "`common` reads common/src/../../word.txt");
    assert!(copy.package() == before, "a failed build touched the package");
    copy.write(
        "common/Cargo.toml",
        &(copy.read("common/Cargo.toml") + "\n[package.metadata.digest]\ninclude = [\"word.txt\"]\n"),
    );
    copy.build();
    assert_eq!(copy.answer(), "outside");
    copy.write("word.txt", "covered\n");
    copy.date("word.txt", hours_ago(5));
    assert_eq!(copy.build(), "common, wasm-client");
    assert_eq!(copy.answer(), "covered");
}

#[test]
fn a_build_script_follows_the_digest() {
    let copy = Copy::new();
    copy.write(PROBE, "pub(crate) fn probe() -> &'static str { env!(\"WORD\") }\n");
    copy.write("common/word.txt", "one");
    let script = "const _: Option<&str> = option_env!(\"BUILD_SCRIPTS_DIGEST\");\nfn main() {\n    \
                  println!(\"cargo::rerun-if-env-changed=COMMON_DIGEST\");\n    \
                  println!(\"cargo::rustc-env=WORD={}\", std::fs::read_to_string(\"word.txt\").unwrap());\n}\n";
    copy.write("common/build.rs", script);
    copy.build();
    assert_eq!(copy.answer(), "one");
    copy.write("common/word.txt", "two");
    copy.date("common/word.txt", hours_ago(5));
    copy.build();
    assert_eq!(copy.answer(), "two");
    copy.write(
        "common/build.rs",
        &script.replace(
            "println!(\"cargo::rerun-if-env-changed=COMMON_DIGEST\");",
            "println!(\"cargo::rerun-if-changed=build.rs\");",
        ),
    );
    assert_fails(&copy.xtask(&["build", "--dev"]), "the build script of `common` does not follow its digest");
    copy.write(
        "common/build.rs",
        &script.replace("const _: Option<&str> = option_env!(\"BUILD_SCRIPTS_DIGEST\");", ""),
    );
    assert_fails(&copy.xtask(&["build", "--dev"]), "`common` was compiled without its digest");
    // From outside of the crate's folder its input has to be declared.
    copy.write("word.txt", "outside");
    let script = script
        .replace("\"word.txt\"", "\"../word.txt\"")
        .replace("fn main() {\n", "fn main() {\n    println!(\"cargo::rerun-if-changed=../word.txt\");\n");
    copy.write("common/build.rs", &script);
    assert_fails(&copy.xtask(&["build", "--dev"]), "the build script of `common` reads ../word.txt");
    copy.write(
        "common/Cargo.toml",
        &(copy.read("common/Cargo.toml") + "\n[package.metadata.digest]\ninclude = [\"word.txt\"]\n"),
    );
    copy.build();
    assert_eq!(copy.answer(), "outside");
    copy.write("word.txt", "covered");
    copy.date("word.txt", hours_ago(5));
    copy.build();
    assert_eq!(copy.answer(), "covered");
}

#[test]
fn a_build_script_is_compiled_when_its_own_sources_change() {
    let copy = Copy::new();
    copy.write(PROBE, "pub(crate) fn probe() -> &'static str { env!(\"SCRIPT\") }\n");
    // It says a word of its own, and when it was compiled.
    let script = "const _: Option<&str> = option_env!(\"BUILD_SCRIPTS_DIGEST\");\n\
                  const WORD: &str = \"one\";\nfn main() {\n    \
                  println!(\"cargo::rerun-if-env-changed=COMMON_DIGEST\");\n    \
                  let program = std::env::current_exe().unwrap().metadata().unwrap();\n    \
                  println!(\"cargo::rustc-env=SCRIPT={WORD} {:?}\", program.modified().unwrap());\n}\n";
    copy.write("common/build.rs", script);
    copy.build();
    let first = copy.answer();
    copy.write(PROBE, &(copy.read(PROBE) + "// The library alone.\n"));
    copy.date(PROBE, hours_ago(2));
    assert_eq!(copy.build(), "common, wasm-client");
    assert_eq!(copy.answer(), first, "the build script was compiled for an edit of the library");
    copy.write("common/build.rs", &script.replace("\"one\"", "\"two\""));
    copy.date("common/build.rs", hours_ago(2));
    copy.build();
    assert!(copy.answer().starts_with("two "), "{}", copy.answer());
    // One that shares a module with its library follows the library's digest.
    let shared = script
        .replace("const WORD: &str = \"one\";", "#[path = \"src/word.rs\"]\nmod word;\nuse word::WORD;");
    copy.write("common/src/word.rs", "pub const WORD: &str = \"three\";\n");
    copy.write("common/build.rs", &shared);
    assert_fails(&copy.xtask(&["build", "--dev"]), "`common` reads common/src/word.rs");
    copy.write("common/build.rs", &shared.replace("BUILD_SCRIPTS_DIGEST", "COMMON_DIGEST"));
    copy.build();
    assert!(copy.answer().starts_with("three "), "{}", copy.answer());
    copy.write("common/src/word.rs", "pub const WORD: &str = \"four\";\n");
    copy.date("common/src/word.rs", hours_ago(2));
    copy.build();
    assert!(copy.answer().starts_with("four "), "{}", copy.answer());
}

#[test]
fn a_package_that_does_not_load_is_not_put_in_place() {
    let copy = Copy::new();
    copy.build();
    let before = copy.package();
    let entry = "wasm-client/npm/index.js";
    copy.write(entry, &(copy.read(entry) + "throw new Error('no way');\n"));
    let failed = copy.xtask(&["build", "--dev"]);
    assert_fails(&failed, "the package does not load in Node.js");
    assert_fails(&failed, "Error: no way");
    assert!(copy.package() == before, "a failed build touched the package");
}

#[test]
fn a_killed_build_leaves_the_package_and_no_stale_rest() {
    let copy = Copy::new();
    copy.build();
    let before = copy.package();
    for pause in [0, 100, 400, 900] {
        copy.write(PROBE, &probe("killed"));
        let mut build = copy.command(&["build", "--dev"]).process_group(0).spawn().unwrap();
        copy.wait_for_compiler();
        sleep(Duration::from_millis(pause));
        // The shell's own `kill`: a lean image has no other.
        let kill = format!("kill -9 -{}", build.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        build.wait().unwrap();
        let package = copy.package();
        assert!(
            package == before || copy.answer() == "killed",
            "the package is neither the old nor the new one"
        );
        copy.write(PROBE, &probe("first"));
        copy.date(PROBE, hours_ago(48));
        copy.build();
        assert_eq!(copy.answer(), "first");
        assert!(copy.package() == before);
    }
    let leftover = fs::read_dir(copy.path("wasm-client")).unwrap();
    let leftover =
        leftover.filter(|entry| entry.as_ref().unwrap().file_name().as_bytes().starts_with(b".pkg-"));
    assert_eq!(leftover.count(), 0, "a killed build's rest was not cleaned up");
}

#[test]
fn an_edit_under_the_compiler_is_compiled_again() {
    let copy = Copy::new();
    copy.build();
    // Edited after the digest was taken and before the file is read, then taken back with an old time.
    copy.write(BINDING, &(copy.read(BINDING) + "\n// Something to compile.\n"));
    let mut build = copy.command(&["build", "--dev"]).spawn().unwrap();
    copy.wait_for_compiler();
    copy.write(PROBE, &probe("under"));
    copy.date(PROBE, hours_ago(48));
    assert!(build.wait().unwrap().success());
    assert_eq!(copy.answer(), "under");
    assert_passes(&copy.xtask(&["verify"]));
}

#[test]
fn a_compile_error_leaves_the_package() {
    let copy = Copy::new();
    copy.build();
    let before = copy.package();
    copy.write(PROBE, "no Rust\n");
    assert_fails(&copy.xtask(&["build", "--dev"]), "the sources do not compile");
    assert!(copy.package() == before);
    copy.write(PROBE, &probe("first"));
    copy.date(PROBE, hours_ago(48));
    copy.build();
    assert!(copy.package() == before);
}

#[test]
fn a_release_follows_a_development_build() {
    let copy = Copy::new();
    assert_passes(&copy.xtask(&["build"]));
    copy.write(PROBE, &probe("other"));
    copy.date(PROBE, hours_ago(2));
    copy.build();
    assert_passes(&copy.xtask(&["build"]));
    assert_eq!(copy.answer(), "other");
    let optimised = fs::metadata(copy.path("wasm-client/pkg/glue_bg.wasm")).unwrap().len();
    copy.build();
    let plain = fs::metadata(copy.path("wasm-client/pkg/glue_bg.wasm")).unwrap().len();
    assert!(optimised < plain / 2, "{optimised} bytes released, {plain} in development");
}

#[test]
fn variants_do_not_take_each_others_place() {
    // Cargo keeps one file for all variants of a cdylib, and finds the older one fresh when it comes back.
    let copy = Copy::new();
    let binding = copy.read(BINDING);
    copy.write(
        BINDING,
        &binding.replace("common::probe()", "if cfg!(feature = \"loud\") { \"LOUD\" } else { \"quiet\" }"),
    );
    let manifest = copy.read("wasm-client/Cargo.toml");
    let with = |default: &str| {
        let features = format!("[features]\ndefault = [{default}]\nloud = []\n");
        if manifest.contains("[features]\n") {
            manifest.replace("[features]\n", &features)
        } else {
            format!("{manifest}\n{features}")
        }
    };
    for (default, word) in [("", "quiet"), ("\"loud\"", "LOUD"), ("", "quiet"), ("\"loud\"", "LOUD")] {
        copy.write("wasm-client/Cargo.toml", &with(default));
        copy.date("wasm-client/Cargo.toml", hours_ago(2));
        copy.build();
        assert_eq!(copy.answer(), word);
    }
}

#[test]
fn a_crate_without_its_digest_is_refused() {
    let copy = Copy::new();
    copy.write(LIBRARY, &copy.read(LIBRARY).replace("option_env!(\"COMMON_DIGEST\")", "None"));
    let refused = copy.xtask(&["build", "--dev"]);
    assert_fails(&refused, "`common` was compiled without its digest");
    assert_fails(&refused, "const _: Option<&str> = option_env!(\"COMMON_DIGEST\");");
}

#[test]
fn a_package_that_is_not_what_it_says_is_refused() {
    let copy = Copy::new();
    let _ = fs::remove_dir_all(copy.path("wasm-client/pkg"));
    assert_fails(&copy.xtask(&["verify"]), "there is no package");
    copy.build();
    assert_passes(&copy.xtask(&["verify"]));
    let start = Instant::now();
    assert_passes(&copy.xtask(&["verify"]));
    assert!(start.elapsed() < Duration::from_secs(1), "verify took {:?}", start.elapsed());

    copy.write("wasm-client/pkg/index.js", &(copy.read("wasm-client/pkg/index.js") + "// edited\n"));
    assert_fails(&copy.xtask(&["verify"]), "not as `cargo xtask build` made them: index.js (changed)");
    copy.write("wasm-client/pkg/build-info.json", "{");
    assert_fails(&copy.xtask(&["verify"]), "build-info.json is damaged");
    fs::remove_dir_all(copy.path("wasm-client/pkg")).unwrap();
    copy.write("wasm-client/pkg", "a file where the folder should be");
    copy.build();
    assert_passes(&copy.xtask(&["verify"]));

    // npm runs `verify` before it packs or publishes the folder.
    copy.write(PROBE, &probe("unpublished"));
    let mut npm = Command::new("npm");
    npm.args(["pack", "--dry-run"]).current_dir(copy.path("wasm-client/pkg"));
    let asks = copy.read("wasm-client/npm/package.json");
    let manifest = asks
        .replace("cargo xtask verify --release", concat!(env!("CARGO_BIN_EXE_xtask"), " verify --release"));
    assert!(manifest != asks, "npm does not ask");
    copy.write("wasm-client/npm/package.json", &manifest);
    copy.build();
    assert_passes(&copy.xtask(&["verify"]));
    assert_fails(&npm.output().unwrap(), "the package is of the dev profile");
    assert_passes(&copy.xtask(&["build"]));
    assert_passes(&npm.output().unwrap());
    copy.write(PROBE, &probe("unpublished 2"));
    assert_fails(&npm.output().unwrap(), "the package is stale");
}

#[test]
fn a_package_that_others_made_is_unverified() {
    let copy = Copy::new();
    copy.build();
    let tools = copy.xtask(&["tools"]);
    assert_passes(&tools);
    let folders = String::from_utf8(tools.stdout).unwrap();
    let folders = folders.lines().filter(|line| line.starts_with('/')).map(PathBuf::from);
    let path = env::join_paths(folders.chain(env::split_paths(&env::var_os("PATH").unwrap()))).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&copy.root).env("PATH", &path);
        assert_passes(&command.env("CARGO_TARGET_DIR", copy.target()).output().unwrap());
    };
    // As `wasm-pack build` does it: no digest, no build-info.json.
    let target = ["--target", "wasm32-unknown-unknown"];
    run("cargo", &[&["build", "--locked", "--lib", "--package", "wasm-client"], &target[..]].concat());
    fs::remove_file(copy.path("wasm-client/pkg/build-info.json")).unwrap();
    let module = copy.target().join("wasm32-unknown-unknown/debug/wasm_client.wasm");
    let module = module.to_str().unwrap();
    run("wasm-bindgen", &[module, "--target", "web", "--out-name", "glue", "--out-dir", "wasm-client/pkg"]);
    assert_fails(&copy.xtask(&["verify"]), "the package is unverified");
    copy.build();
    assert_passes(&copy.xtask(&["verify"]));
}

#[test]
fn the_digest_is_that_of_the_shell() {
    let copy = Copy::new();
    copy.write("common/src/a name with spaces.txt", "");
    copy.write("common/src/.hidden", "");
    let shell = "find -L Cargo.toml Cargo.lock .cargo/config.toml common -type f \
                 ! -path '*/.*' ! -path 'common/tests/*' ! -path 'common/benches/*' ! -path 'common/examples/*' -print0 \
                 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c -64";
    let expected = Command::new("sh").args(["-c", shell]).current_dir(&copy.root).output().unwrap().stdout;
    let digests = String::from_utf8(copy.xtask(&["digest"]).stdout).unwrap();
    let ours = digests.lines().find(|line| line.contains("  common (")).unwrap();
    assert_eq!(&ours[..64], String::from_utf8(expected).unwrap().trim());
    let contributing =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../CONTRIBUTING.md")).unwrap();
    let words =
        |text: &str| text.split_whitespace().filter(|word| *word != "\\").collect::<Vec<_>>().join(" ");
    assert!(words(&contributing).contains(&words(shell)), "CONTRIBUTING.md shows another shell line");
}

#[test]
fn files_that_no_digest_can_hold_are_named() {
    let copy = Copy::new();
    symlink("/etc/hostname", copy.path("common/src/outside.txt")).unwrap();
    assert_fails(&copy.xtask(&["digest"]), "leads out of the workspace");
    copy.remove("common/src/outside.txt");
    symlink("nowhere", copy.path("common/src/dangling.txt")).unwrap();
    assert_fails(&copy.xtask(&["digest"]), "cannot read");
    copy.remove("common/src/dangling.txt");
    let odd = copy.path("common/src").join(std::ffi::OsStr::from_bytes(b"\xff.rs"));
    fs::write(&odd, "").unwrap();
    assert_fails(&copy.xtask(&["digest"]), "is no UTF-8");
    fs::remove_file(odd).unwrap();
    copy.write("common/src/line\nbreak.rs", "");
    assert_fails(&copy.xtask(&["digest"]), "rename the file");
    copy.remove("common/src/line\nbreak.rs");
    symlink("probe.rs", copy.path("common/src/inside.rs")).unwrap();
    assert_passes(&copy.xtask(&["digest"]));
}

#[test]
fn an_expected_digest_refuses_other_sources() {
    let copy = Copy::new();
    let digest = String::from_utf8(copy.xtask(&["digest", "--package"]).stdout).unwrap();
    assert_passes(&copy.xtask(&["build", "--dev", "--expect", digest.trim()]));
    copy.write(PROBE, &probe("never uploaded"));
    assert_fails(&copy.xtask(&["build", "--dev", "--expect", digest.trim()]), "was expected");
}

#[test]
fn a_machine_that_lacks_something_is_told_what() {
    let copy = Copy::new();
    let path = env::var_os("PATH").unwrap();
    let bin = tempfile::tempdir().unwrap();
    let without_node = env::split_paths(&path).filter(|dir| !dir.join("node").exists());
    for program in ["cargo", "rustc", "rustup"] {
        let found = env::split_paths(&path).map(|dir| dir.join(program)).find(|path| path.exists()).unwrap();
        symlink(found, bin.path().join(program)).unwrap();
    }
    let lean = env::join_paths([bin.path().to_owned()].into_iter().chain(without_node)).unwrap();
    assert_fails(
        &copy.command(&["build"]).env("PATH", &lean).output().unwrap(),
        "Node.js 20.19, 22.12 or newer is needed",
    );

    let old_node = bin.path().join("node");
    fs::write(&old_node, "#!/bin/sh\necho v18.20.0\n").unwrap();
    Command::new("chmod").arg("+x").arg(&old_node).status().unwrap();
    assert_fails(
        &copy.command(&["build"]).env("PATH", &lean).output().unwrap(),
        "Node.js v18.20.0 is too old",
    );

    let empty = tempfile::tempdir().unwrap();
    let mut offline = copy.command(&["--offline", "build"]);
    offline.env("XTASK_TOOLS", empty.path()).env("CARGO_HOME", empty.path());
    offline.env("npm_config_cache", empty.path());
    assert_fails(&offline.output().unwrap(), "a network that reaches");

    let no_folder = bin.path().join("node");
    let mut unwritable = copy.command(&["build"]);
    assert_fails(
        &unwritable.env("CARGO_TARGET_DIR", no_folder).output().unwrap(),
        "cannot write to the target folder",
    );
    assert_fails(&copy.command(&["build"]).current_dir(bin.path()).output().unwrap(), "no workspace with");
}

/// The copies share a place and a target folder, so one case plays at a time.
static TURN: Mutex<()> = Mutex::new(());

/// A copy of the workspace with a probe in it.
struct Copy {
    root: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Copy {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workspace");
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        for entry in fs::read_dir(original).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let wanted = name == ".cargo" || !name.starts_with('.');
            if wanted && !["target", "lab", "www", "docs"].contains(&name.as_str()) {
                copy_all(&original.join(&name), &root.join(&name));
            }
        }
        let copy = Self { root, _turn: turn };
        copy.write(PROBE, &probe("first"));
        let exported = "\nmod probe;\n#[doc(hidden)]\npub fn probe() -> &'static str { probe::probe() }\n";
        copy.write(LIBRARY, &(copy.read(LIBRARY) + exported));
        let bound = "\n#[wasm_bindgen]\npub fn probe() -> String { common::probe().into() }\n";
        copy.write(BINDING, &(copy.read(BINDING) + bound));
        copy
    }

    fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    fn target(&self) -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("target")
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        fs::create_dir_all(self.path(file).parent().unwrap()).unwrap();
        fs::write(self.path(file), text).unwrap();
    }

    fn remove(&self, file: &str) {
        fs::remove_file(self.path(file)).unwrap();
    }

    fn date(&self, file: &str, time: SystemTime) {
        let file = fs::File::options().write(true).open(self.path(file)).unwrap();
        file.set_modified(time).unwrap();
    }

    /// All files of the crates.
    fn sources(&self) -> Vec<String> {
        let listed = self.xtask(&["digest", "--files", "package"]).stdout;
        let lines = String::from_utf8(listed).unwrap();
        lines.lines().map(|line| line[66..].to_owned()).collect()
    }

    /// All files of the package, with their contents.
    fn package(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(self.path("wasm-client/pkg"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    }

    /// What the built package says.
    fn answer(&self) -> String {
        let program = "import { probe } from './index.js'; console.log(probe())";
        let mut node = Command::new("node");
        node.args(["--input-type=module", "--eval", program]).current_dir(self.path("wasm-client/pkg"));
        let output = node.output().unwrap();
        assert_passes(&output);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments).current_dir(&self.root).env("CARGO_TARGET_DIR", self.target());
        if env::var_os("XTASK_TOOLS").is_none() {
            command.env("XTASK_TOOLS", Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools"));
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn xtask(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Builds for development, and returns which crates were compiled.
    #[track_caller]
    fn build(&self) -> String {
        let output = self.xtask(&["build", "--dev"]);
        assert_passes(&output);
        compiled(&output)
    }

    /// Waits until a build has written that it is about to compile.
    fn wait_for_compiler(&self) {
        let compiling = || {
            let folders = fs::read_dir(self.target().join("wasm/cargo")).unwrap();
            folders.map(|entry| entry.unwrap().path()).any(|folder| folder.join("building-dev").exists())
        };
        let start = Instant::now();
        while !compiling() {
            assert!(start.elapsed() < Duration::from_secs(60), "the build never began to compile");
            sleep(Duration::from_millis(2));
        }
    }
}

fn probe(word: &str) -> String {
    format!("pub(crate) fn probe() -> &'static str {{ \"{word}\" }}\n")
}

fn hours_ago(hours: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(hours * 3_600)
}

/// What a build's output says was compiled.
fn compiled(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("compile  "));
    line.and_then(|line| line.rsplit_once(" (")).expect("no line of what was compiled").0.to_owned()
}

#[track_caller]
fn assert_passes(output: &Output) {
    assert!(output.status.success(), "{}", everything(output));
}

#[track_caller]
fn assert_fails(output: &Output, why: &str) {
    assert!(
        !output.status.success() && everything(output).contains(why),
        "not `{why}`: {}",
        everything(output)
    );
}

fn everything(output: &Output) -> String {
    format!(
        "{}{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status
    )
}

/// Copies a file, or a folder less what is built in it.
fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            let built = ["node_modules", "pkg", "target"].iter().any(|folder| name == *folder);
            if !built && !name.as_bytes().starts_with(b".pkg-") {
                copy_all(&from.join(&name), &to.join(&name));
            }
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}
