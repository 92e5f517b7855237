//! What happens to the checkout.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use filetime::FileTime;

/// Folders that no library or program is compiled from.
const LEFT_OUT: [&str; 6] = ["tests", "benches", "examples", "fuzz", "benchsuite", "target"];

pub(crate) struct Checkout {
    pub(crate) root: PathBuf,
    /// The sources that are edited, with what they were at first.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// Files that were edited since the last build of plain cargo with honest times.
    pub(crate) changed: BTreeSet<String>,
    /// When each file last changed, as a clock that is never set back would say.
    pub(crate) honest: BTreeMap<String, FileTime>,
    edited: BTreeSet<String>,
    deleted: BTreeSet<String>,
    counter: u64,
}

/// What was done to a file.
pub(crate) struct Edit {
    kind: &'static str,
    time: Time,
    file: String,
}

/// Which time a file is given.
#[derive(Clone, Copy, Debug)]
enum Time {
    Old,
    /// The one that it had.
    Equal,
    New,
    Future,
}

impl Checkout {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let root = root.canonicalize().context("no such checkout")?;
        let said = Command::new("git")
            .args(["ls-files", "-z", "*.rs", "*.txt", "*.html", "*.md"])
            .current_dir(&root)
            .output()?;
        ensure!(said.status.success(), "{} is no Git checkout", root.display());

        let mut files = BTreeMap::new();
        let mut honest = BTreeMap::new();
        for name in String::from_utf8(said.stdout)?.split_terminator('\0') {
            let is_left_out = name.split('/').any(|part| LEFT_OUT.contains(&part));
            if !is_left_out && root.join(name).is_file() {
                let modified = fs::metadata(root.join(name))?.modified()?;
                honest.insert(name.to_owned(), modified.into());
                files.insert(name.to_owned(), fs::read(root.join(name))?);
            }
        }
        Ok(Self {
            root,
            files,
            changed: BTreeSet::new(),
            honest,
            edited: BTreeSet::new(),
            deleted: BTreeSet::new(),
            counter: 0,
        })
    }

    /// Does something to a file.
    pub(crate) fn edit(&mut self, chance: &mut Rng) -> Result<Edit> {
        // What does not compile for long shows nothing.
        if let Some(file) = self.deleted.iter().next().cloned() {
            return self.restore(file, chance);
        }
        let file = match chance.u8(..3) {
            0 => chance.choice(&self.edited).cloned(),
            _ => None,
        };
        let sources: Vec<&String> =
            self.files.keys().filter(|name| has_extension(name, "rs") || chance.u8(..8) == 0).collect();
        let file = file.or_else(|| chance.choice(&sources).map(|file| (*file).clone())).context("no files")?;

        match chance.u8(..10) {
            0 => self.delete(file),
            1 => self.touch(file),
            2 => self.relink(&file, chance),
            3 | 4 if self.edited.contains(&file) => self.restore(file, chance),
            _ => self.rewrite(file, chance),
        }
    }

    /// Dates all files as a copy may: all old, all new, or each as it likes.
    pub(crate) fn date_all(&self, chance: &mut Rng) -> Result<()> {
        let how = chance.u8(..3);
        let now = FileTime::now();
        for name in self.files.keys() {
            let path = self.root.join(name);
            let time = match how {
                0 => FileTime::from_unix_time(1_586_995_200, 0),
                1 => now,
                _ => FileTime::from_unix_time(1_000_000_000 + i64::from(chance.u32(..700_000_000)), 0),
            };
            if path.exists() {
                filetime::set_file_mtime(&path, time)?;
            }
        }
        Ok(())
    }

    /// The content with a mark that gets into what is compiled.
    fn rewrite(&mut self, file: String, chance: &mut Rng) -> Result<Edit> {
        self.counter += 1;
        let mut text = self.files.get(&file).cloned().unwrap_or_default();
        if has_extension(&file, "rs") {
            let mark = format!("\n#[used]\nstatic UNSTALE_WALK: [u8; 8] = *b\"{:08}\";\n", self.counter);
            text.extend(mark.as_bytes());
        } else {
            text.extend(format!("{:08}\n", self.counter).as_bytes());
        }
        self.edited.insert(file.clone());
        self.write("edit", file, &text, Time::any(chance))
    }

    fn restore(&mut self, file: String, chance: &mut Rng) -> Result<Edit> {
        let text = self.files.get(&file).cloned().unwrap_or_default();
        self.edited.remove(&file);
        self.deleted.remove(&file);
        self.write("restore", file, &text, Time::any(chance))
    }

    fn delete(&mut self, file: String) -> Result<Edit> {
        fs::remove_file(self.root.join(&file))?;
        self.deleted.insert(file.clone());
        self.changed.insert(file.clone());
        Ok(Edit { kind: "delete", time: Time::New, file })
    }

    fn touch(&mut self, file: String) -> Result<Edit> {
        filetime::set_file_mtime(self.root.join(&file), FileTime::now())?;
        // Plain cargo compiles it as well.
        self.changed.insert(file.clone());
        Ok(Edit { kind: "touch", time: Time::New, file })
    }

    /// Puts a link in the place of a file, to one of two others beside it.
    fn relink(&mut self, file: &str, chance: &mut Rng) -> Result<Edit> {
        let edit = self.rewrite(file.to_owned(), chance)?;
        let path = self.root.join(file);
        let version = if chance.bool() { "one" } else { "two" };
        let target = path.with_extension(format!("walk-{version}"));
        let modified = FileTime::from_last_modification_time(&fs::metadata(&path)?);
        fs::copy(&path, &target)?;
        filetime::set_file_mtime(&target, modified)?;
        fs::remove_file(&path)?;
        std::os::unix::fs::symlink(target.file_name().context("no name")?, &path)?;
        filetime::set_symlink_file_times(&path, modified, modified)?;
        Ok(Edit { kind: "link", ..edit })
    }

    fn write(&mut self, kind: &'static str, file: String, text: &[u8], time: Time) -> Result<Edit> {
        let path = self.root.join(&file);
        let before = fs::metadata(&path).ok().map(|metadata| FileTime::from_last_modification_time(&metadata));
        // Not through a link, into the file that it leads to.
        let _ = fs::remove_file(&path);
        fs::write(&path, text)?;
        let modified = match time {
            Time::Old => Some(FileTime::from_unix_time(1_000_000_000, 0)),
            Time::Equal => before,
            Time::New => None,
            Time::Future => Some(FileTime::from_unix_time(4_000_000_000, 0)),
        };
        if let Some(modified) = modified {
            filetime::set_file_mtime(&path, modified)?;
        }
        self.changed.insert(file.clone());
        Ok(Edit { kind, time, file })
    }
}

impl Time {
    fn any(chance: &mut Rng) -> Self {
        match chance.u8(..10) {
            0..=3 => Self::Old,
            4..=6 => Self::Equal,
            7 | 8 => Self::New,
            _ => Self::Future,
        }
    }
}

impl Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({:?})", self.kind, self.file, self.time)
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}
