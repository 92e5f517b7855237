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

    /// Moves the checkout, with its target directory, to a folder of this name.
    pub(crate) fn relocate(&mut self, name: &str) {
        let root = self.root.with_file_name(name);
        fs::rename(&self.root, &root).unwrap();
        self.root = root;
    }

    pub(crate) fn edit_record(&self, edit: impl Fn(&mut serde_json::Value)) {
        let path = self.path("target/.unstale/record.json");
        let mut record = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        edit(&mut record);
        fs::write(path, record.to_string()).unwrap();
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

    /// Writes a shell script beside the checkout.
    #[cfg(unix)]
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;

        let path = self.root.with_file_name(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Builds the checkout where all but the target directory is read-only. None if this system allows no mounts.
    #[cfg(target_os = "linux")]
    pub(crate) fn build_read_only(&self) -> Option<Built> {
        let mounts =
            "mount --bind \"$0\" \"$0\" && mount --bind target \"$0/target\" && mount -o remount,bind,ro \"$0\"";
        let in_mounts = |then: &str| {
            let mut command = self.clean_command("unshare");
            command.args(["--map-root-user", "--mount", "sh", "-c", &format!("{mounts} && cd \"$0\" && {then}")]);
            command.arg(&self.root).arg(program()).env_remove("COPY");
            if self.mode == Mode::Copy {
                command.env("COPY", "1");
            }
            command.output()
        };
        if !in_mounts("! touch v.txt").is_ok_and(|output| output.status.success()) {
            return None;
        }
        Some(Built::of(&in_mounts("exec \"$1\" build --offline").unwrap()))
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

    /// Starts a build, and comes back at once.
    pub(crate) fn start(&self) -> Child {
        self.command("build --offline").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts a build, and comes back once its build script has written `started`.
    pub(crate) fn start_until_build_script(&self) -> Child {
        let child = self.start();
        let started = Instant::now();
        while !self.path("target/started").exists() {
            assert!(started.elapsed() < Duration::from_mins(2), "no build script was started");
            thread::sleep(Duration::from_millis(20));
        }
        child
    }

    /// Waits for a process of a program that runs in the checkout with these words, and says where the system lists it.
    #[cfg(target_os = "linux")]
    pub(crate) fn wait_for_process(&self, program: &str, words: &str) -> PathBuf {
        let started = Instant::now();
        while started.elapsed() < Duration::from_mins(1) {
            for entry in fs::read_dir("/proc").unwrap().flatten() {
                let line = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default().replace('\0', " ");
                // The wrapper has the same words.
                let is_it = fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe.ends_with(program));
                let is_here = fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == self.root);
                if is_it && is_here && line.contains(words) {
                    return entry.path();
                }
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("no process has the words {words}");
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
