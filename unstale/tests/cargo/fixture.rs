//! A checkout in a folder of its own, which `examples/cargo-build.rs` builds.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, thread};

use filetime::FileTime;
use tempfile::TempDir;

/// Prints `v.txt`.
pub(crate) const PRINT_V: &str = "fn main() { println!(\"{}\", include_str!(\"../v.txt\")); }\n";

/// Prints what the build script has written.
pub(crate) const PRINT_N: &str =
    "fn main() { println!(\"{}\", include_str!(concat!(env!(\"OUT_DIR\"), \"/n.txt\"))); }\n";

/// Writes how many entries `data` has.
pub(crate) const COUNT_DATA: &str = "fn main() {
    println!(\"cargo::rerun-if-changed=data\");
    let count = std::fs::read_dir(\"data\").unwrap().count();
    std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", count.to_string()).unwrap();
}\n";

/// Whose times a build may change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    Checkout,
    Copy,
}

pub(crate) const MODES: [Mode; 2] = [Mode::Checkout, Mode::Copy];

pub(crate) struct Checkout {
    pub(crate) root: PathBuf,
    mode: Mode,
    variables: Vec<(String, String)>,
    _folder: TempDir,
}

/// What a build said.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) succeeded: bool,
    /// How many crates were compiled.
    pub(crate) compiled: usize,
    pub(crate) text: String,
}

impl Checkout {
    /// A package `app`, with these files, all dated 2001.
    pub(crate) fn of(mode: Mode, files: &[(&str, &str)]) -> Self {
        let checkout = Self::named("ws", mode);
        checkout.write("Cargo.toml", &manifest("app"));
        for (path, text) in files {
            checkout.write(path, text);
        }
        checkout
    }

    /// A workspace of members, each in a folder of its name.
    pub(crate) fn of_members(mode: Mode, members: &[&str], files: &[(&str, &str)]) -> Self {
        let checkout = Self::named("ws", mode);
        checkout.write("Cargo.toml", &format!("[workspace]\nmembers = {members:?}\nresolver = \"2\"\n"));
        for member in members {
            checkout.write(&format!("{member}/Cargo.toml"), &manifest(member));
        }
        for (path, text) in files {
            checkout.write(path, text);
        }
        checkout
    }

    /// An empty checkout in a folder of this name.
    pub(crate) fn named(name: &str, mode: Mode) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join(name);
        fs::create_dir(&root).unwrap();
        Self { root, mode, variables: Vec::new(), _folder: folder }
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file, and dates it 2001.
    pub(crate) fn write(&self, path: &str, text: &str) {
        self.write_now(path, text);
        filetime::set_file_mtime(self.path(path), old()).unwrap();
    }

    pub(crate) fn write_now(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// Dates every entry but those of the target directory 2001, as an archive does.
    pub(crate) fn age(&self) {
        let walk = walkdir::WalkDir::new(&self.root).into_iter();
        for entry in walk.filter_entry(|entry| entry.file_name() != "target") {
            filetime::set_symlink_file_times(entry.unwrap().path(), old(), old()).unwrap();
        }
    }

    #[cfg(unix)]
    pub(crate) fn link(&self, target: &str, path: &str) {
        let link = self.path(path);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(target, link).unwrap();
    }

    /// Builds the checkout through this crate.
    pub(crate) fn cargo(&self, arguments: &str) -> Built {
        Built::of(&self.command(arguments).output().unwrap())
    }

    pub(crate) fn build(&self) -> Built {
        self.cargo("build --offline")
    }

    /// A build that has to succeed.
    pub(crate) fn built(&self) -> Built {
        let built = self.build();
        assert!(built.succeeded, "{}", built.text);
        built
    }

    /// Starts a build, and comes back once its build script has written `started`.
    pub(crate) fn start_until_build_script(&self) -> Child {
        let child = self.command("build --offline").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = Instant::now();
        while !self.path("target/started").exists() {
            assert!(started.elapsed() < Duration::from_mins(2), "no build script was started");
            thread::sleep(Duration::from_millis(20));
        }
        child
    }

    /// Cargo without this crate, in the same target directory.
    pub(crate) fn plain_cargo(&self, arguments: &str) -> Built {
        Built::of(&self.clean_command("cargo").args(arguments.split(' ')).output().unwrap())
    }

    /// What the program prints.
    pub(crate) fn value(&self) -> String {
        self.value_of("debug")
    }

    pub(crate) fn value_of(&self, profile: &str) -> String {
        let output = Command::new(self.path(&format!("target/{profile}/app"))).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = self.clean_command(program());
        command.args(arguments.split(' '));
        if self.mode == Mode::Copy {
            command.env("COPY", "1");
        }
        command
    }

    fn clean_command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_INCREMENTAL", "0").env("CARGO_TERM_COLOR", "never");
        for name in
            ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "RUSTC_WRAPPER", "RUSTFLAGS", "CARGO_BUILD_BUILD_DIR"]
        {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Built {
    fn of(output: &Output) -> Self {
        let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        Self { succeeded: output.status.success(), compiled: text.matches("Compiling").count(), text }
    }

    #[track_caller]
    pub(crate) fn is_refused_with(&self, words: &str) {
        assert!(!self.succeeded && self.text.contains(words), "{words}: {}", self.text);
    }
}

pub(crate) fn manifest(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n")
}

/// A build script that writes what it has read from a file, relative to its package.
pub(crate) fn copying(path: &str) -> String {
    format!(
        "fn main() {{
    println!(\"cargo::rerun-if-changed={path}\");
    std::fs::copy({path:?}, std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\").unwrap();
}}\n"
    )
}

/// A build script that copies `v.txt`, says that it has started, and takes some time if the text is `Y`.
pub(crate) fn slow_for_y(millis: u64) -> String {
    format!(
        "fn main() {{
    println!(\"cargo::rerun-if-changed=v.txt\");
    let text = std::fs::read_to_string(\"v.txt\").unwrap();
    if text == \"Y\" {{
        std::fs::write(\"target/started\", \"\").unwrap();
        std::thread::sleep(std::time::Duration::from_millis({millis}));
    }}
    std::fs::write(std::env::var(\"OUT_DIR\").unwrap() + \"/n.txt\", text).unwrap();
}}\n"
    )
}

pub(crate) fn old() -> FileTime {
    FileTime::from_unix_time(1_000_000_000, 0)
}

pub(crate) fn date(path: &Path, time: SystemTime) {
    filetime::set_file_mtime(path, time.into()).unwrap();
}

/// The example, which cargo builds beside the tests.
fn program() -> PathBuf {
    let tests = env::current_exe().unwrap();
    let name = format!("examples/cargo-build{}", env::consts::EXE_SUFFIX);
    tests
        .ancestors()
        .map(|dir| dir.join(&name))
        .find(|path| path.is_file())
        .expect("cargo builds the examples with the tests")
}
