//! What programs answered when they were asked for their version. As long as a program's file is the same, it is not
//! started again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;
use std::{env, fs};

use serde::{Deserialize, Serialize};

/// Answers by the program and its arguments.
pub(super) struct Answers {
    file: PathBuf,
    known: BTreeMap<String, Answer>,
    is_new: bool,
}

#[derive(Serialize, Deserialize)]
struct Answer {
    stamp: Stamp,
    said: String,
}

/// What changes when a program's file is replaced.
#[derive(PartialEq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    modified: SystemTime,
}

impl Answers {
    /// Reads the answers in a file. If it is missing or damaged, all programs are asked.
    pub(super) fn read(file: &Path) -> Self {
        let known = fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        Self { file: file.to_owned(), known: known.unwrap_or_default(), is_new: false }
    }

    /// Keeps them. If that fails, the programs are asked again the next time.
    pub(super) fn write(&self) {
        let Some(dir) = self.file.parent().filter(|_| self.is_new) else { return };
        let new = self.file.with_extension("new");
        let written = fs::create_dir_all(dir).and_then(|()| fs::write(&new, serde_json::to_vec(&self.known)?));
        let _ = written.and_then(|()| fs::rename(&new, &self.file));
    }

    /// What a program on PATH, or at a path, prints; none if it is missing or fails.
    pub(super) fn ask(&mut self, program: &Path, arguments: &[&str]) -> Option<String> {
        let path = on_path(program)?;
        let metadata = fs::metadata(&path).ok()?;
        let key = format!("{} {}", path.display(), arguments.join(" "));
        let stamp = Stamp { size: metadata.len(), modified: metadata.modified().ok()? };
        if let Some(answer) = self.known.get(&key).filter(|answer| answer.stamp == stamp) {
            return Some(answer.said.clone());
        }

        let said = ask_now(&path, arguments)?;
        self.known.insert(key, Answer { stamp, said: said.clone() });
        self.is_new = true;
        Some(said)
    }
}

/// Asks without remembering: for a program that stands for others, as rustup's do.
pub(super) fn ask_now(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first word that starts with a digit, or with `v` and a digit.
pub(super) fn version_in(said: &str) -> Option<&str> {
    let words = said.split_whitespace().map(|word| word.strip_prefix('v').unwrap_or(word));
    words.into_iter().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

pub(super) fn on_path(program: &Path) -> Option<PathBuf> {
    let name =
        if cfg!(windows) && program.extension().is_none() { program.with_extension("exe") } else { program.to_owned() };
    if program.components().count() > 1 {
        return Some(name);
    }
    let dirs = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&dirs).map(|dir| dir.join(&name)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_first_number() {
        assert_eq!(version_in("wasm-opt version 132 (version_132)"), Some("132"));
        assert_eq!(version_in("v22.12.0"), Some("22.12.0"));
        assert_eq!(version_in("wasm-pack 0.15.1"), Some("0.15.1"));
        assert_eq!(version_in("nothing"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_is_asked_again_only_if_its_file_changed() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("tool");
        let write = |version: &str| {
            fs::write(&program, format!("#!/bin/sh\necho asked >>{}/log\necho {version}\n", dir.path().display()))
                .unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        };
        let ask = || {
            let mut answers = Answers::read(&dir.path().join("answers.json"));
            let said = answers.ask(&program, &["--version"]).unwrap();
            answers.write();
            said
        };

        write("1.0");
        assert_eq!([ask(), ask()], ["1.0", "1.0"]);
        write("2.0.0");
        assert_eq!([ask(), ask()], ["2.0.0", "2.0.0"]);
        assert_eq!(fs::read_to_string(dir.path().join("log")).unwrap(), "asked\nasked\n");
    }
}
