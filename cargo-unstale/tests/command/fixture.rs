//! A checkout in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use filetime::FileTime;

/// A time long before any build.
const LONG_AGO: FileTime = FileTime::from_unix_time(1_000_000_000, 0);

pub(crate) struct Checkout {
    dir: tempfile::TempDir,
}

/// What a command has said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Checkout {
    /// A package `app` that prints what is in `v.txt`.
    pub(crate) fn new() -> Self {
        let checkout = Self::empty();
        checkout.write("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        checkout.write("src/main.rs", "fn main() { println!(\"{}\", include_str!(\"../v.txt\")) }\n");
        checkout.write("v.txt", "old");
        checkout
    }

    pub(crate) fn empty() -> Self {
        let checkout = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(checkout.path(".git")).unwrap();
        checkout
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    /// Writes a file, with the time that an archive could give it.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        filetime::set_file_mtime(&path, LONG_AGO).unwrap();
    }

    /// Writes a file that can be started.
    #[cfg(unix)]
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;

        self.write(name, text);
        let path = self.path(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    pub(crate) fn package(&self, dir: &str, name: &str) {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        self.write(&format!("{dir}/Cargo.toml"), &manifest);
    }

    /// The command that a user would type, in a folder of the checkout.
    pub(crate) fn command_in(&self, dir: &str, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-unstale"));
        command.arg("unstale").args(words).current_dir(self.path(dir));
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR", "RUSTC_WRAPPER", "CARGO_BUILD_TARGET", "RUSTFLAGS"] {
            command.env_remove(name);
        }
        command.env("CARGO_TERM_COLOR", "never").env("CARGO_NET_OFFLINE", "true");
        command
    }

    pub(crate) fn run_in(&self, dir: &str, words: &[&str]) -> Said {
        said(self.command_in(dir, words).output().unwrap())
    }

    /// Runs the command, whatever comes of it.
    #[track_caller]
    pub(crate) fn run(&self, words: &str) -> Said {
        self.run_in("", &words.split(' ').collect::<Vec<_>>())
    }

    /// Runs the command, which has to succeed.
    #[track_caller]
    pub(crate) fn ok(&self, words: &str) -> Said {
        let said = self.run(words);
        assert_eq!(said.code, Some(0), "cargo unstale {words}:\n{}", said.stderr);
        said
    }

    /// What a program that was built says.
    #[track_caller]
    pub(crate) fn program(&self, name: &str) -> String {
        let output = Command::new(self.path(name)).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }
}

pub(crate) fn said(output: Output) -> Said {
    Said {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Said {
    /// How many crates were compiled.
    pub(crate) fn compiled(&self) -> usize {
        let is_compiled = |line: &&str| {
            ["Compiling ", "Checking ", "Documenting "].iter().any(|verb| line.trim_start().starts_with(verb))
        };
        self.stderr.lines().filter(is_compiled).count()
    }
}

pub(crate) fn exists(path: &Path) -> bool {
    path.try_exists().unwrap()
}
