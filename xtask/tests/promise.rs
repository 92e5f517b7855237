//! The promise, tested once: `verify` sees an edit with an old time, and `build` builds it.
//!
//! It names nothing in the library, so it works for any library that replaces the example.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use walkdir::WalkDir;

const BINDING: &str = "wasm-client/src/lib.rs";
const PROBE: &str = "wasm-client/src/probe.rs";

#[test]
fn an_edit_with_an_old_time_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    copy_sources(root);
    fs::write(root.join(PROBE), probe("first")).unwrap();
    let binding = fs::read_to_string(root.join(BINDING)).unwrap();
    fs::write(root.join(BINDING), binding + "\nmod probe;\n").unwrap();
    xtask(root, &["build", "--dev"], true);
    xtask(root, &["verify"], true);
    assert!(has(root, "first probe"));

    fs::write(root.join(PROBE), probe("other")).unwrap();
    let probe = File::options().write(true).open(root.join(PROBE)).unwrap();
    probe.set_modified(SystemTime::now() - Duration::from_hours(48)).unwrap();
    let refused = xtask(root, &["verify"], false);
    assert!(
        refused.contains("wasm-client changed") && refused.contains("wasm-client/src/probe.rs (changed)"),
        "{refused}"
    );
    let built = xtask(root, &["build", "--dev"], true);
    assert_eq!(built.matches("Compiling").count(), 1, "not exactly one crate was compiled: {built}");
    assert!(has(root, "other probe") && !has(root, "first probe"), "the package is stale");
    xtask(root, &["verify"], true);
    let again = xtask(root, &["build", "--dev"], true);
    assert!(!again.contains("Compiling") && again.contains("unchanged"), "{again}");
}

/// Copies the workspace, except for what is built, installed or not needed here.
fn copy_sources(to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let left_out = ["target", "node_modules", "pkg", "www", "docs", "lab", ".git", ".pkg-new"];
    let walk = WalkDir::new(from).min_depth(1).into_iter();
    for entry in walk.filter_entry(|it| !left_out.iter().any(|name| it.file_name() == *name)).map(Result::unwrap) {
        let to = to.join(entry.path().strip_prefix(from).unwrap());
        let is_dir = entry.file_type().is_dir();
        (if is_dir { fs::create_dir(to) } else { fs::copy(entry.path(), to).map(drop) }).unwrap();
    }
}

/// A Rust module that puts a text into the WebAssembly module, whatever the library is.
fn probe(word: &str) -> String {
    let attributes = "#[unsafe(no_mangle)]\n#[allow(unsafe_code, reason = \"a name for the linker\")]";
    format!("{attributes}\npub static PROBE: [u8; 11] = *b\"{word} probe\";\n")
}

fn has(root: &Path, text: &str) -> bool {
    let module = fs::read(root.join("wasm-client/pkg/glue_bg.wasm")).unwrap();
    module.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Runs the program under test, and returns its output.
fn xtask(root: &Path, arguments: &[&str], passes: bool) -> String {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = xtask.args(arguments).current_dir(root).env_remove("CARGO_TARGET_DIR").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.success(), passes, "{said}");
    said
}
