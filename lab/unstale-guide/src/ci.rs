//! The page on CI caches: each job clones a checkout to one path, restores the archive of the job before, and builds.
//!
//! GitHub's archive is a tar file that keeps times to the nanosecond, GitLab's is a zip file that keeps whole seconds.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{Said, run, words};

pub(crate) struct Page {
    pub(crate) program: PathBuf,
    pub(crate) checkout: PathBuf,
    pub(crate) file: PathBuf,
    pub(crate) args: Vec<String>,
}

struct Archive {
    title: &'static str,
    save: &'static str,
    restore: &'static str,
}

const ARCHIVES: [Archive; 2] = [
    Archive { title: "GitHub's tar", save: "tar --posix -cf ../archive target", restore: "tar -xf ../archive" },
    Archive { title: "GitLab's zip", save: "zip -qry ../archive.zip target", restore: "unzip -q ../archive.zip" },
];

/// A CI machine, on which all jobs run.
struct Machine<'a> {
    page: &'a Page,
    /// Where each job has its clone.
    clone: PathBuf,
    _work: tempfile::TempDir,
}

pub(crate) fn play(page: &Page) -> Result<()> {
    println!("| archive | command | first job | nothing changed | one file edited |\n| --- | --- | --- | --- | --- |");
    for archive in &ARCHIVES {
        for is_ours in [false, true] {
            let machine = Machine::new(page)?;
            let title = if is_ours { "cargo unstale --by-content build" } else { "cargo build" };

            machine.clone()?;
            let first = machine.build(is_ours)?;
            run(words(archive.save).current_dir(&machine.clone))?;

            machine.clone()?;
            run(words(archive.restore).current_dir(&machine.clone))?;
            let unchanged = machine.build(is_ours)?;

            machine.clone()?;
            machine.edit()?;
            run(words(archive.restore).current_dir(&machine.clone))?;
            let edited = machine.build(is_ours)?;

            let cells = [first, unchanged, edited].map(|said| machine.cell(&said)).join(" | ");
            println!("| {} | `{title}` | {cells} |", archive.title);
        }
    }
    Ok(())
}

impl<'a> Machine<'a> {
    fn new(page: &'a Page) -> Result<Self> {
        let work = tempfile::tempdir()?;
        let clone = work.path().canonicalize()?.join("app");
        Ok(Self { page, clone, _work: work })
    }

    /// Clones the checkout anew, so that all files are dated now.
    fn clone(&self) -> Result<()> {
        if self.clone.exists() {
            fs::remove_dir_all(&self.clone)?;
        }
        run(Command::new("git").args(["clone", "--quiet"]).arg(&self.page.checkout).arg(&self.clone))?;
        // Some do not commit it.
        let lock = self.page.checkout.join("Cargo.lock");
        if lock.exists() {
            fs::copy(lock, self.clone.join("Cargo.lock"))?;
        }
        Ok(())
    }

    fn edit(&self) -> Result<()> {
        let path = self.clone.join(&self.page.file);
        let file = OpenOptions::new().append(true).open(&path);
        let mut file = file.with_context(|| format!("cannot edit {}", path.display()))?;
        file.write_all(b"\n#[used]\nstatic EDITED: u8 = 1;\n")?;
        Ok(())
    }

    fn build(&self, is_ours: bool) -> Result<Said> {
        let mut command = Command::new(if is_ours { &self.page.program } else { Path::new("cargo") });
        if is_ours {
            command.arg("--by-content");
        }
        command.arg("build").args(&self.page.args).current_dir(&self.clone);
        command.env("CARGO_INCREMENTAL", "0").env("CARGO_TERM_COLOR", "never").env_remove("CARGO_TARGET_DIR");
        run(&mut command)
    }

    fn cell(&self, said: &Said) -> String {
        let compiled = said.compiled(&self.clone.display().to_string()).len();
        format!("{compiled} crates, {:.1} s", said.seconds)
    }
}
