//! What a scenario cannot play, on the project itself: its messages, its package and the tools around it.
//!
//! Each case works in a copy of the project, in a folder whose name has a space and a letter beyond ASCII. The copy gets a
//! probe: a function whose answer is a word in a source file.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::{
    env, fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::sleep,
    time::{Duration, SystemTime},
};

const LIBRARY: &str = "common/src/lib.rs";
const BINDING: &str = "wasm-client/src/lib.rs";
const MANIFEST: &str = "common/Cargo.toml";
const PROBE: &str = "common/src/probe.rs";
const CONFIGURATION: &str = ".cargo/config.toml";
const DEV: &[&str] = &["build", "--dev"];
const VERIFY: &[&str] = &["verify"];
/// What an edit of `common` compiles.
const BOTH: &str = "common, wasm-client";

#[test]
fn an_edit_and_its_revert_with_old_times_are_built() {
    let copy = Copy::new();
    copy.build();
    let before = copy.package();
    for word in ["other", "first"] {
        copy.write(PROBE, &probe(word));
        copy.date(PROBE, 48);
        copy.fails(VERIFY, "common/src/probe.rs (changed)");
        assert_eq!(copy.build(), BOTH);
        assert_eq!(copy.answer(), word);
        copy.passes(VERIFY);
    }
    assert!(copy.package() == before, "the same sources gave another package");
    assert_eq!(copy.build(), "");
}

#[test]
fn only_what_changed_is_compiled() {
    let copy = Copy::new();
    copy.build();
    copy.write(BINDING, &(copy.read(BINDING) + "\n// The binding alone.\n"));
    copy.date(BINDING, 2);
    assert_eq!(copy.build(), "wasm-client");
    copy.write("wasm-client/npm/README.md", "# Another\n");
    copy.fails(VERIFY, "no crate changed");
    assert_eq!(copy.build(), "");
    copy.passes(VERIFY);
}

/// A crate that only tests use, and xtask: cargo goes by the times of both.
#[test]
fn the_checks_see_what_is_not_in_the_package() {
    let copy = Copy::new();
    let (code, own) = ("testkit/src/lib.rs", "xtask/examples/example.rs");
    copy.add_testkit(code);
    copy.write(own, &example("1"));
    copy.runs("cargo", &["fmt"]);
    copy.passes(&["test", "lint", "library"]);
    let before = copy.passes(&["digest", "--package"]).stdout;

    copy.write(code, &kit("41"));
    copy.write(own, &example("3.14"));
    for file in [code, own] {
        copy.date(file, 48);
    }
    copy.fails(&["test", "library"], "the_answer_is_right");
    copy.fails(&["test", "lint"], "clippy::approx_constant");

    copy.write(own, &example("1"));
    copy.write(code, &kit("42"));
    assert_eq!(copy.passes(&["digest", "--package"]).stdout, before, "the package is not built from these");
}

#[test]
fn the_checks_see_their_configuration() {
    let copy = Copy::new();
    let code = "testkit/src/lib.rs";
    copy.add_testkit(code);
    copy.write(code, &kit("u32::from(4_u32.is_multiple_of(2))"));
    copy.runs("cargo", &["fmt"]);
    copy.passes(&["test", "lint"]);
    for (file, what, other, refused) in [
        ("clippy.toml", "allow-unwrap-in-tests = true", "", "used `unwrap()`"),
        // Clippy knows in which version a function came.
        ("Cargo.toml", "rust-version = \"1.95\"", "rust-version = \"1.86\"", "is stable since"),
    ] {
        let sound = copy.read(file);
        copy.write(file, &sound.replace(what, other));
        copy.date(file, 48);
        copy.fails(&["test", "lint"], refused);
        copy.write(file, &sound);
    }
}

#[test]
fn the_checks_of_the_package_refuse_a_stale_one() {
    let copy = Copy::new();
    copy.build();
    for file in [PROBE, "wasm-client/npm/guard.js"] {
        let sound = copy.read(file);
        copy.write(file, &(sound.clone() + "\n// Edited.\n"));
        copy.date(file, 48);
        for check in ["package", "runtime"] {
            copy.fails(&["test", check], "the package is stale");
        }
        copy.write(file, &sound);
    }
}

#[test]
fn configuration_in_a_folder_and_for_a_build_script_is_seen() {
    let env = |word| format!("[env]\nWORD = \"{word}\"\n");
    // It does not declare the variable.
    let script = "fn main() {\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    \
                  println!(\"cargo::rustc-env=SAID={}\", std::env::var(\"WORD\").unwrap());\n}\n";
    let copy = Copy::new();
    let configuration = copy.read(CONFIGURATION);
    copy.write("common/build.rs", script);
    copy.write(PROBE, &answering("env!(\"SAID\")"));
    for word in ["one", "two"] {
        copy.write(CONFIGURATION, &(configuration.clone() + "\n" + &env(word)));
        copy.date(CONFIGURATION, 48);
        copy.build();
        assert_eq!(copy.answer(), word);
    }
    // wasm-pack calls cargo there.
    copy.write("wasm-client/.cargo/config.toml", &env("three"));
    copy.fails(VERIFY, "wasm-client/.cargo/config.toml (added)");
}

#[test]
fn hidden_files_of_editors_do_no_harm() {
    let copy = Copy::new();
    copy.build();
    std::os::unix::fs::symlink("me@host.123:456", copy.path("common/src/.#lib.rs")).unwrap();
    copy.write("xtask/src/.main.rs.swp", "swap");
    assert_eq!(copy.build(), "");
    copy.passes(VERIFY);
}

#[test]
fn a_target_folder_beside_the_checkout_is_no_source() {
    let copy = Copy::new();
    let script = "fn main() {\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    let dir = std::env::var(\"OUT_DIR\").unwrap();\n    \
                  std::fs::write(dir + \"/word.txt\", \"made\").unwrap();\n}\n";
    copy.write("common/build.rs", script);
    let made = "include_str!(concat!(env!(\"OUT_DIR\"), \"/word.txt\"))";
    copy.write(PROBE, &answering(made));
    assert_passes(&copy.xtask(DEV).env("CARGO_TARGET_DIR", "../beside").output().unwrap());
    assert_eq!(copy.answer(), "made");
}

#[test]
fn a_file_of_another_folder_has_to_be_declared() {
    let script = "fn main() {\n    println!(\"cargo::rerun-if-changed=../word.txt\");\n    \
                  println!(\"cargo::rustc-env=WORD={}\", std::fs::read_to_string(\"../word.txt\").unwrap().trim());\n}\n";
    for (source, script) in [("include_str!(\"../../word.txt\").trim_end()", None), ("env!(\"WORD\")", Some(script))] {
        let copy = Copy::new();
        copy.build();
        let before = copy.package();
        copy.write("word.txt", "outside\n");
        copy.write(PROBE, &answering(source));
        if let Some(script) = script {
            copy.write("common/build.rs", script);
        }
        copy.fails(DEV, "include = [\"word.txt\"]");
        assert!(copy.package() == before, "a failed build touched the package");
        let declared = "\n[package.metadata.unstale]\ninclude = [\"word.txt\"]\n";
        copy.write(MANIFEST, &(copy.read(MANIFEST) + declared));
        copy.build();
        assert_eq!(copy.answer(), "outside");
        copy.write("word.txt", "covered\n");
        copy.date("word.txt", 5);
        assert_eq!(copy.build(), BOTH);
        assert_eq!(copy.answer(), "covered");
        copy.write(MANIFEST, &copy.read(MANIFEST).replace("word.txt", "words.txt"));
        copy.fails(DEV, "names `words.txt`");
    }
}

#[test]
fn a_package_that_does_not_load_is_not_put_in_place() {
    let copy = Copy::new();
    copy.build();
    let before = copy.package();
    let entry = "wasm-client/npm/index.js";
    copy.write(entry, &(copy.read(entry) + "throw new Error('no way');\n"));
    copy.fails(DEV, "Error: no way");
    assert!(copy.package() == before, "a failed build touched the package");
}

#[test]
fn a_killed_build_leaves_the_package_and_no_stale_rest() {
    let copy = Copy::new();
    copy.build();
    let before = copy.package();
    for pause in [100, 400, 700, 1_000, 1_500] {
        copy.write(PROBE, &probe("killed"));
        let mut build = copy.start(DEV);
        sleep(Duration::from_millis(pause));
        kill(&mut build);
        assert!(copy.package() == before || copy.answer() == "killed", "neither the old nor the new package");
        copy.write(PROBE, &probe("first"));
        copy.date(PROBE, 48);
        copy.build();
        assert_eq!(copy.answer(), "first");
        assert_eq!(copy.package(), before);
    }
    let names = fs::read_dir(copy.path("wasm-client")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().starts_with(".pkg")).count(), 0, "a killed build's rest");
}

#[test]
fn an_edit_under_the_compiler_is_compiled_again() {
    let copy = Copy::new();
    copy.build();
    for pause in [200, 500, 800] {
        let word = format!("under {pause}");
        copy.write(BINDING, &(copy.read(BINDING) + "\n// Something to compile.\n"));
        let build = copy.start(DEV);
        sleep(Duration::from_millis(pause));
        copy.write(PROBE, &probe(&word));
        copy.date(PROBE, 48);
        // It was edited before the build read it, after its last look, or meanwhile: then it begins again by itself.
        assert_passes(&build.wait_with_output().unwrap());
        copy.build();
        assert_eq!(copy.answer(), word);
        copy.passes(VERIFY);
    }
}

#[test]
fn builds_wait_for_each_other() {
    let copy = Copy::new();
    copy.write(PROBE, &probe("together"));
    let both = [copy.start(DEV), copy.start(DEV)].map(|build| build.wait_with_output().unwrap());
    both.iter().for_each(assert_passes);
    assert!(both.iter().any(|output| everything(output).contains("waiting for another build")), "neither waited");
    assert_eq!(copy.answer(), "together");
}

#[test]
fn a_compile_error_leaves_the_package() {
    let copy = Copy::new();
    copy.build();
    let before = copy.package();
    copy.write(PROBE, "no Rust\n");
    copy.fails(DEV, "common/src/probe.rs:1");
    assert_eq!(copy.package(), before);
    copy.write(PROBE, &probe("first"));
    copy.date(PROBE, 48);
    copy.build();
    assert_eq!(copy.package(), before);
}

#[test]
fn variants_do_not_take_each_others_place() {
    // Cargo keeps one file for all variants of a cdylib, and finds the older one fresh when it comes back.
    let copy = Copy::new();
    let answer = "if cfg!(feature = \"loud\") { \"LOUD\" } else { \"quiet\" }";
    copy.write(BINDING, &copy.read(BINDING).replace("common::probe()", answer));
    let manifest = copy.read("wasm-client/Cargo.toml");
    for (default, word) in [("", "quiet"), ("\"loud\"", "LOUD"), ("", "quiet"), ("\"loud\"", "LOUD")] {
        let features = format!("[features]\ndefault = [{default}]\nloud = []\n");
        let with = if manifest.contains("[features]\n") {
            manifest.replace("[features]\n", &features)
        } else {
            format!("{manifest}\n{features}")
        };
        copy.write("wasm-client/Cargo.toml", &with);
        copy.date("wasm-client/Cargo.toml", 2);
        copy.build();
        assert_eq!(copy.answer(), word);
    }
}

#[test]
fn a_package_that_is_not_what_it_says_is_refused() {
    let copy = Copy::new();
    let _ = fs::remove_dir_all(copy.path("wasm-client/pkg"));
    copy.fails(VERIFY, "there is no package");
    copy.build();
    copy.fails(&["verify", "--rebuild"], "in the dev profile");
    copy.write("wasm-client/pkg/foreign.js", "");
    copy.fails(VERIFY, "not as `cargo xtask build` made them: foreign.js (added)");
    copy.write("wasm-client/pkg/build-info.json", "{");
    copy.fails(VERIFY, "build-info.json is damaged");
    copy.build();
    copy.passes(VERIFY);
    copy.runs("wasm-pack", &["build", "wasm-client", "--dev", "--target", "web", "--no-opt", "--mode", "no-install"]);
    copy.fails(VERIFY, "the package is unverified");
    copy.build();
    copy.passes(VERIFY);
}

#[test]
fn npm_asks_before_it_packs() {
    let copy = Copy::new();
    let pack = || {
        let mut npm = copy.command("npm", &["pack", "--dry-run"]);
        npm.current_dir(copy.path("wasm-client/pkg")).output().unwrap()
    };
    copy.build();
    assert_fails(&pack(), "in the dev profile");
    copy.passes(&["build"]);
    assert_passes(&pack());
    copy.write(PROBE, &probe("unpublished"));
    assert_fails(&pack(), "the package is stale");
}

#[test]
fn sources_other_than_the_expected_are_refused() {
    let copy = Copy::new();
    let digest = String::from_utf8(copy.passes(&["digest", "--package"]).stdout).unwrap();
    let expected = [DEV, &["--expect", digest.trim()]].concat();
    copy.passes(&expected);
    copy.write(PROBE, &probe("unexpected"));
    copy.fails(&expected, "was expected");
}

#[test]
fn a_vendored_crate_is_built_offline_and_seen() {
    let copy = Copy::new();
    let vendored = copy.runs("cargo", &["vendor", "--locked", "--versioned-dirs"]);
    let configured = copy.read(CONFIGURATION) + "\n" + &String::from_utf8_lossy(&vendored.stdout);
    copy.write(CONFIGURATION, &configured);
    let offline = || {
        let output = copy.xtask(DEV).env("CARGO_NET_OFFLINE", "true").output().unwrap();
        assert_passes(&output);
        output
    };
    offline();
    let folders = fs::read_dir(copy.path("vendor")).unwrap().map(|entry| entry.unwrap().file_name());
    let folder = folders.map(|name| name.into_string().unwrap()).find(|name| name.starts_with("cfg-if-")).unwrap();
    let source = format!("vendor/{folder}/src/lib.rs");
    copy.write(&source, &(copy.read(&source) + "\n// Edited.\n"));
    let list = format!("vendor/{folder}/.cargo-checksum.json");
    let package = copy.read(&list).rsplit_once("\"package\":").unwrap().1.to_owned();
    copy.write(&list, &format!("{{\"files\":{{}},\"package\":{package}"));
    copy.date(&source, 48);
    copy.fails(VERIFY, "cfg-if changed");
    assert_ne!(compiled(&offline()), "");
    copy.passes(VERIFY);
}

#[test]
fn flags_of_the_user_are_heeded() {
    let loud = answering("if cfg!(loud) { \"LOUD\" } else { \"quiet\" }");
    for configured in
        ["[build]\nrustflags = [\"--cfg=loud\"]\n", "[target.wasm32-unknown-unknown]\nrustflags = \"--cfg loud\"\n", ""]
    {
        let copy = Copy::new();
        copy.write(PROBE, &loud);
        copy.build();
        assert_eq!(copy.answer(), "quiet");
        let mut build = copy.xtask(DEV);
        if configured.is_empty() {
            build.env("RUSTFLAGS", "--cfg=loud");
        }
        copy.write(CONFIGURATION, &(copy.read(CONFIGURATION) + "\n" + configured));
        assert_passes(&build.output().unwrap());
        assert_eq!(copy.answer(), "LOUD", "{configured}");
    }
}

#[test]
fn another_default_target_is_not_that_of_xtask() {
    let copy = Copy::new();
    let mut build = copy.command("cargo", &["xtask", "build", "--dev"]);
    assert_passes(&build.env("CARGO_BUILD_TARGET", "wasm32-unknown-unknown").output().unwrap());
}

#[test]
fn errors_say_what_to_do() {
    let copy = Copy::new();
    let mut build = copy.xtask(DEV);
    assert_fails(&build.env("NODE_OPTIONS", "--no-such-flag").output().unwrap(), "no-such-flag");
    let manifest = copy.read(MANIFEST);
    for (include, said) in
        [("\"word.txt\"", "must list strings"), ("[\"/etc/hostname\"]", "must be a path from the root")]
    {
        copy.write(MANIFEST, &(manifest.clone() + "\n[package.metadata.unstale]\ninclude = " + include + "\n"));
        copy.fails(DEV, said);
    }
    copy.write(MANIFEST, &manifest);
    copy.write("Cargo.toml", &copy.read("Cargo.toml").replacen("version = \"0.1.0\"", "version = \"0.1.1\"", 1));
    copy.fails(DEV, "`cargo update --workspace`");
}

/// Whoever has other toolchains than the one in use has them tried as well.
#[test]
fn other_toolchains_build_what_the_sources_say() {
    let copy = Copy::new();
    let installed = copy.command("rustup", &["toolchain", "list"]).output();
    let installed = installed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    for toolchain in ["1.95.0", "1.99.1", "beta"] {
        if !installed.lines().any(|line| line.starts_with(&format!("{toolchain}-"))) {
            println!("NOT PLAYED: rustup has no {toolchain}");
            continue;
        }
        for word in ["first", toolchain, "first"] {
            copy.write(PROBE, &probe(word));
            copy.date(PROBE, 48);
            assert_passes(&copy.xtask(DEV).env("RUSTUP_TOOLCHAIN", toolchain).output().unwrap());
            assert_eq!(copy.answer(), word, "{toolchain}");
        }
    }
}

fn kill(build: &mut Child) {
    // The shell's own `kill`: a lean image has no other.
    let _ = Command::new("sh").args(["-c", &format!("kill -9 -{}", build.id())]).status().unwrap();
    build.wait().unwrap();
}

/// The copies share a place and a target folder, so one case plays at a time.
static TURN: Mutex<()> = Mutex::new(());

/// A copy of the project with a probe in it.
struct Copy {
    root: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Copy {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("my é proj");
        fs::create_dir_all(&root).unwrap();
        for entry in fs::read_dir(&root).unwrap().map(Result::unwrap).filter(|entry| entry.file_name() != "target") {
            let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
        }
        for entry in fs::read_dir(&original).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let wanted = name == ".cargo" || !name.starts_with('.');
            if wanted && !["target", "lab", "www", "docs"].contains(&name.as_str()) {
                copy_all(&original.join(&name), &root.join(&name));
            }
        }
        let copy = Self { root, _turn: turn };
        copy.write(PROBE, &probe("first"));
        let exported = "\nmod probe;\n#[doc(hidden)]\n#[must_use]\npub fn probe() -> &'static str { probe::probe() }\n";
        copy.write(LIBRARY, &(copy.read(LIBRARY) + exported));
        let bound = "\n/// The probe's word.\n#[wasm_bindgen]\n#[must_use]\npub fn probe() -> String { common::probe().into() }\n";
        copy.write(BINDING, &(copy.read(BINDING) + bound));
        let build =
            ["build", "--quiet", "--locked", "--manifest-path", "xtask/Cargo.toml", "--target-dir", "target/xtask"];
        assert_passes(&copy.command("cargo", &build).output().unwrap());
        copy
    }

    /// Adds a crate that only a test of `common` uses.
    fn add_testkit(&self, code: &str) {
        self.write(
            "testkit/Cargo.toml",
            "[package]\nname = \"testkit\"\nedition = \"2024\"\n\n[lints]\nworkspace = true\n",
        );
        self.write(code, &kit("42"));
        let test =
            "//! With the kit.\n\n#[test]\nfn the_answer_is_right() {\n    assert_eq!(testkit::answer(), 42);\n}\n";
        self.write("common/tests/kit.rs", test);
        self.write("Cargo.toml", &self.read("Cargo.toml").replace("members = [", "members = [\"testkit\", "));
        let uses = "[dev-dependencies]\ntestkit = { path = \"../testkit\" }";
        self.write(MANIFEST, &self.read(MANIFEST).replace("[dev-dependencies]", uses));
        self.runs("cargo", &["update", "--quiet", "--workspace", "--offline"]);
    }

    fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    #[track_caller]
    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        fs::create_dir_all(self.path(file).parent().unwrap()).unwrap();
        fs::write(self.path(file), text).unwrap();
    }

    /// Gives a file a time of some hours ago.
    fn date(&self, file: &str, hours: u64) {
        let file = fs::File::options().write(true).open(self.path(file)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3_600)).unwrap();
    }

    /// All files of the package, with their contents.
    fn package(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn visit(path: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
            if path.is_dir() {
                for entry in fs::read_dir(path).unwrap() {
                    visit(&entry.unwrap().path(), found);
                }
            } else {
                found.push((path.to_owned(), fs::read(path).unwrap()));
            }
        }
        let mut found = Vec::new();
        visit(&self.path("wasm-client/pkg"), &mut found);
        found.sort();
        found
    }

    /// What the built package says.
    #[track_caller]
    fn answer(&self) -> String {
        let program = "import { probe } from './index.js'; console.log(probe())";
        let mut node = self.command("node", &["--input-type=module", "--eval", program]);
        let output = node.current_dir(self.path("wasm-client/pkg")).output().unwrap();
        assert_passes(&output);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A program with the environment of a user.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).env("CARGO_TERM_COLOR", "never");
        // Those of the test's own cargo.
        for (name, _) in env::vars().filter(|(name, _)| name.starts_with("CARGO") && name != "CARGO_HOME") {
            command.env_remove(name);
        }
        if env::var_os("XTASK_TOOLS").is_none() {
            command.env("XTASK_TOOLS", Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools"));
        }
        command
    }

    #[track_caller]
    fn runs(&self, program: &str, arguments: &[&str]) -> Output {
        // The pinned tools need not be on PATH.
        let tools = String::from_utf8(self.xtask(&["tools"]).output().unwrap().stdout).unwrap();
        let dirs = tools.lines().map(PathBuf::from).filter(|path| path.is_absolute());
        let path = env::join_paths(dirs.chain(env::split_paths(&env::var_os("PATH").unwrap()))).unwrap();
        // `Command` looks for the program on the PATH that it is given.
        let output = self.command(program, arguments).env("PATH", path).output().unwrap();
        assert_passes(&output);
        output
    }

    fn xtask(&self, arguments: &[&str]) -> Command {
        self.command(self.path("target/xtask/debug/xtask").to_str().unwrap(), arguments)
    }

    /// Starts xtask in a process group of its own.
    fn start(&self, arguments: &[&str]) -> Child {
        self.xtask(arguments).process_group(0).spawn().unwrap()
    }

    #[track_caller]
    fn passes(&self, arguments: &[&str]) -> Output {
        let output = self.xtask(arguments).output().unwrap();
        assert_passes(&output);
        output
    }

    #[track_caller]
    fn fails(&self, arguments: &[&str], why: &str) {
        assert_fails(&self.xtask(arguments).output().unwrap(), why);
    }

    /// Builds for development, and returns which crates were compiled.
    #[track_caller]
    fn build(&self) -> String {
        compiled(&self.passes(DEV))
    }
}

/// The source of a crate that only tests use.
fn kit(answer: &str) -> String {
    format!("//! For tests.\n\n/// The answer.\n#[must_use]\npub fn answer() -> u32 {{\n    {answer}\n}}\n")
}

/// A program of xtask's.
fn example(number: &str) -> String {
    format!("//! An example.\n\nfn main() {{\n    println!(\"{{}}\", {number});\n}}\n")
}

fn probe(word: &str) -> String {
    answering(&format!("\"{word}\""))
}

/// The probe's source, whose answer is an expression.
fn answering(expression: &str) -> String {
    format!("pub(crate) fn probe() -> &'static str {{ {expression} }}\n")
}

/// The crates that cargo named as it compiled them, in the order of their names.
fn compiled(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let named = text.lines().filter_map(|line| line.trim_start().strip_prefix("Compiling ")?.split(' ').next());
    named.collect::<BTreeSet<&str>>().into_iter().collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn assert_passes(output: &Output) {
    assert!(output.status.success(), "{}", everything(output));
}

#[track_caller]
fn assert_fails(output: &Output, why: &str) {
    let said = everything(output);
    assert!(!output.status.success() && said.contains(why), "not `{why}`: {said}");
}

fn everything(output: &Output) -> String {
    let [out, error] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{error}{}", output.status)
}

/// Copies a file, or a folder less what is built in it.
fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            let built = ["node_modules", "pkg", "target"].iter().any(|folder| name == *folder);
            if !built && !name.to_string_lossy().starts_with(".pkg") {
                copy_all(&from.join(&name), &to.join(&name));
            }
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}
