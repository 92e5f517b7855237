//! The three builds of a step, and their target directories.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Message, MetadataCommand, PackageId};
use filetime::FileTime;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::edits::Checkout;

/// `cargo unstale`, as it is called.
pub(crate) struct Subject {
    pub(crate) program: PathBuf,
    pub(crate) by_content: bool,
}

pub(crate) struct Builds {
    root: PathBuf,
    /// Where the target directories are that are not in use.
    parked: PathBuf,
    subject: Subject,
    args: Vec<String>,
    /// The ids of the local crates.
    pub(crate) local: BTreeSet<PackageId>,
}

pub(crate) struct Outcome {
    /// Whether all is well. Otherwise plain cargo fails as well, or something is in `stale`.
    pub(crate) succeeded: bool,
    /// Artefacts that are not what a build from nothing gives.
    pub(crate) stale: Vec<String>,
    pub(crate) artifacts: usize,
    /// How many local crates were compiled.
    pub(crate) ours: usize,
    pub(crate) honest: usize,
    /// Whether plain cargo with honest times has other artefacts. Then its crates are too few to compare with.
    pub(crate) is_honest_stale: bool,
    /// Why ours has compiled all local crates.
    pub(crate) note: Option<String>,
}

struct Built {
    succeeded: bool,
    compiled: usize,
    /// The files of local crates, from the target directory.
    files: BTreeSet<PathBuf>,
    note: Option<String>,
}

impl Builds {
    pub(crate) fn new(root: &Path, subject: Subject, args: Vec<String>) -> Result<Self> {
        let metadata = MetadataCommand::new().current_dir(root).exec()?;
        let local = metadata.packages.iter().filter(|package| package.source.is_none());
        let local = local.map(|package| package.id.clone()).collect();
        ensure!(metadata.target_directory == root.join("target"), "the target directory is not in the checkout");

        let parked = root.with_extension("walk");
        for path in [&parked, &root.join("target")] {
            if path.exists() {
                fs::remove_dir_all(path)?;
            }
        }
        fs::create_dir(&parked)?;
        Ok(Self { root: root.to_owned(), parked, subject, args, local })
    }

    /// Builds in the three ways, and compares.
    pub(crate) fn step(&self, profile: &str, checkout: &mut Checkout) -> Result<Outcome> {
        let ours = self.run_in("ours", self.ours(profile))?;
        let times = self.date_honestly(checkout)?;
        let honest = self.run_in("honest", self.plain(profile))?;
        for (path, time) in times {
            filetime::set_file_mtime(path, time)?;
        }

        self.clean(profile)?;
        let reference = self.run_in("reference", self.plain(profile))?;
        let mut stale = Vec::new();
        let mut is_honest_stale = false;
        if ours.succeeded != reference.succeeded {
            stale.push(format!("success {} instead of {}", ours.succeeded, reference.succeeded));
        }
        if ours.succeeded && reference.succeeded {
            stale = self.different("ours", &reference)?;
            is_honest_stale = !self.different("honest", &reference)?.is_empty();
        }
        Ok(Outcome {
            succeeded: ours.succeeded && reference.succeeded,
            stale,
            artifacts: reference.files.len(),
            ours: ours.compiled,
            honest: honest.compiled,
            is_honest_stale,
            note: ours.note,
        })
    }

    /// The reference's artefacts that are others in a parked directory.
    fn different(&self, name: &str, reference: &Built) -> Result<Vec<String>> {
        let mut different = Vec::new();
        for path in &reference.files {
            let built = fs::read(self.parked.join(name).join(path)).ok();
            if built != Some(fs::read(self.parked.join("reference").join(path))?) {
                different.push(path.display().to_string());
            }
        }
        Ok(different)
    }

    /// Starts a build of ours, and kills all of it after some time.
    pub(crate) fn kill(&self, profile: &str, chance: &mut fastrand::Rng) -> Result<()> {
        self.take("ours")?;
        let mut build = self.ours(profile);
        // Only cargo and ours: a compiler may go on.
        let is_group = chance.bool();
        let mut child = build.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        sleep(Duration::from_millis(chance.u64(100..4_000)));
        let id = Pid::from_raw(i32::try_from(child.id())?);
        if is_group {
            let _ = killpg(id, Signal::SIGKILL);
        } else {
            let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
            child.kill()?;
            for child in children.split_whitespace() {
                let _ = nix::sys::signal::kill(Pid::from_raw(child.parse()?), Signal::SIGKILL);
            }
        }
        child.wait()?;
        self.park("ours")
    }

    /// Builds with plain cargo in our target directory.
    pub(crate) fn foreign(&self, profile: &str) -> Result<()> {
        self.run_in("ours", self.plain(profile))?;
        Ok(())
    }

    /// Gives all files honest times, and returns what they had.
    fn date_honestly(&self, checkout: &mut Checkout) -> Result<Vec<(PathBuf, FileTime)>> {
        let now = FileTime::now();
        for name in std::mem::take(&mut checkout.changed) {
            checkout.honest.insert(name, now);
        }

        let mut times = Vec::new();
        for (name, honest) in &checkout.honest {
            let path = self.root.join(name);
            if let Ok(metadata) = fs::metadata(&path) {
                times.push((path.clone(), FileTime::from_last_modification_time(&metadata)));
                filetime::set_file_mtime(&path, *honest)?;
            }
        }
        Ok(times)
    }

    /// Deletes all local crates from the reference.
    fn clean(&self, profile: &str) -> Result<()> {
        if !self.parked.join("reference").exists() {
            return Ok(());
        }
        self.take("reference")?;
        let mut clean = self.cargo();
        clean.args(["clean", "--quiet", "--profile", profile]);
        for id in &self.local {
            clean.args(["--package", &id.repr]);
        }
        let status = clean.status()?;
        ensure!(status.success(), "cargo clean failed");
        self.park("reference")
    }

    fn ours(&self, profile: &str) -> Command {
        let mut command = Command::new(&self.subject.program);
        command.current_dir(&self.root).env("CARGO_INCREMENTAL", "0").env("CARGO_TERM_COLOR", "never");
        if self.subject.by_content {
            command.arg("--by-content");
        }
        self.add_args(&mut command, profile);
        command
    }

    fn plain(&self, profile: &str) -> Command {
        let mut command = self.cargo();
        self.add_args(&mut command, profile);
        command
    }

    fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root).env("CARGO_INCREMENTAL", "0").env("CARGO_TERM_COLOR", "never");
        command
    }

    fn add_args(&self, command: &mut Command, profile: &str) {
        command.args(["build", "--offline", "--message-format=json", "--profile", profile]).args(&self.args);
    }

    fn run_in(&self, name: &str, mut command: Command) -> Result<Built> {
        self.take(name)?;
        let output = command.stdin(Stdio::null()).output().context("cannot start the build")?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        let root = format!("({}", self.root.display());
        let is_compiled = |line: &&str| line.trim_start().starts_with("Compiling ") && line.contains(&root);
        let compiled = stderr.lines().filter(is_compiled).count();
        let note = stderr.lines().find_map(|line| line.strip_prefix("note: all local crates are compiled again: "));
        let note = note.map(str::to_owned);

        let target = self.root.join("target");
        let mut files = BTreeSet::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) else { continue };
            if self.local.contains(&artifact.package_id) {
                let inside = artifact.filenames.iter().filter_map(|path| path.as_std_path().strip_prefix(&target).ok());
                files.extend(inside.map(Path::to_owned));
            }
        }
        self.park(name)?;
        Ok(Built { succeeded: output.status.success(), compiled, files, note })
    }

    fn take(&self, name: &str) -> Result<()> {
        let parked = self.parked.join(name);
        if parked.exists() {
            fs::rename(&parked, self.root.join("target")).with_context(|| format!("cannot take {name}"))?;
        }
        Ok(())
    }

    fn park(&self, name: &str) -> Result<()> {
        let target = self.root.join("target");
        if target.exists() {
            fs::rename(&target, self.parked.join(name)).with_context(|| format!("cannot park {name}"))?;
        }
        Ok(())
    }
}
