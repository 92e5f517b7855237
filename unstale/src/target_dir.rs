//! A target directory: its locks, its clock, and how cargo is made to forget what it has built there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};
use std::{env, io};

use cargo_metadata::PackageId;
use walkdir::{DirEntry, WalkDir};

use crate::dep_info;
use crate::error::{Error, Result};
use crate::record::Record;
use crate::workspace::Workspace;
use crate::wrapper;

/// The folder with our own files.
const OWN: &str = ".unstale";

/// What the directory was last built from.
const RECORD: &str = "record.json";

/// The lock that a build's processes inherit.
pub(crate) const WORKERS: &str = "workers";

/// A folder that is being deleted.
const GONE: &str = "gone";

/// Cargo deletes nothing in a folder without this tag.
const CACHEDIR_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# A target directory of cargo.\n";

/// A locked target directory: one build at a time.
pub struct TargetDir {
    path: PathBuf,
    _lock: File,
}

/// A lock that the processes of a build inherit. It is held until the last of them has ended, even if cargo was killed.
pub struct Workers {
    _lock: File,
}

/// A folder of artifacts, such as `release` or `wasm32-unknown-unknown/debug`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ProfileDir {
    /// The folder's name: the profile's, but for `debug`.
    name: String,
    /// None for the host, if no target was named.
    target: Option<String>,
}

impl TargetDir {
    /// Makes the directory, and waits until no other build runs in it; `on_wait` is called before that. If cargo was
    /// killed, its compilers may still run: they have to end, too.
    ///
    /// # Errors
    /// The directory cannot be made, written or locked.
    pub fn lock(path: &Path, on_wait: impl Fn()) -> Result<Self> {
        let path = std::path::absolute(path).map_err(Error::io("find", path))?;
        fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
        // Each build has to call it by the same name.
        let path = dep_info::resolve(&path);
        let own = path.join(OWN);
        fs::create_dir_all(&own).map_err(Error::io("create", &own))?;
        // Later versions of cargo clean nothing without it.
        let tag = path.join("CACHEDIR.TAG");
        if !tag.exists() {
            fs::write(&tag, CACHEDIR_TAG).map_err(Error::io("write", &tag))?;
        }

        let lock = lock(&own.join("lock"), &on_wait)?;
        let dir = Self { path, _lock: lock };
        self::lock(&dir.own(WORKERS), &on_wait)?;
        Ok(dir)
    }

    /// Deletes the target directories in a folder that nobody has built in for some time, such as those of earlier
    /// toolchains: a cache would grow by them without end.
    ///
    /// # Errors
    /// A directory that cannot be deleted.
    pub fn remove_unused(parent: &Path, unused_for: Duration) -> Result<()> {
        for name in subfolders(parent) {
            let path = parent.join(name);
            let record = path.join(OWN).join(RECORD);
            let last = fs::metadata(&record).and_then(|metadata| metadata.modified());
            let age = last.ok().and_then(|last| SystemTime::now().duration_since(last).ok());
            if age.is_none_or(|age| age < unused_for) {
                continue;
            }
            let lock = File::create(path.join(OWN).join("lock"));
            if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
                fs::remove_dir_all(&path).map_err(Error::io("delete", &path))?;
            }
        }
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Deletes what cargo has built in it.
    ///
    /// # Errors
    /// A folder that cannot be deleted.
    pub fn clear(&self) -> Result<()> {
        for dir in self.profile_dirs() {
            self.remove(&dir)?;
        }
        Ok(())
    }

    /// The options with which cargo builds in the directory.
    ///
    /// # Errors
    /// `build-dir` is configured, and cargo would take this directory's path for a template.
    pub fn cargo_options(&self, workspace: &Workspace) -> Result<Vec<String>> {
        let mut options = vec!["--target-dir".to_owned(), self.path.display().to_string()];

        let metadata = &workspace.metadata;
        if metadata.build_directory.as_ref().is_some_and(|dir| *dir != metadata.target_directory) {
            // Cargo takes braces for variables of its own.
            let path = self.path.display().to_string();
            if path.contains(['{', '}']) {
                return Err(Error::Braces { path: self.path.clone() });
            }
            // A string of JSON is one of TOML, too.
            options.extend(["--config".to_owned(), format!("build.build-dir={}", serde_json::Value::from(path))]);
        }
        Ok(options)
    }

    /// Makes the next build wait for the processes that are started from now on, even if this one is killed. A
    /// [`Build`](crate::Build) does so itself.
    ///
    /// # Errors
    /// The lock cannot be written.
    pub fn lend_lock(&self) -> Result<Workers> {
        Workers::lock(self)
    }

    /// Makes the next build compile all local crates, because something was found wrong here.
    ///
    /// # Errors
    /// The record cannot be deleted.
    pub fn forget_record(&self) -> Result<()> {
        let record = self.own(RECORD);
        match fs::remove_file(&record) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("delete", &record)(error)),
            _ => Ok(()),
        }
    }

    pub(crate) fn own(&self, name: &str) -> PathBuf {
        self.path.join(OWN).join(name)
    }

    pub(crate) fn record(&self) -> Option<Record> {
        Record::read(&self.own(RECORD))
    }

    pub(crate) fn write_record(&self, record: &Record) -> Result<()> {
        record.write(&self.own(RECORD))
    }

    /// The present time by the clock that dates the files here.
    pub(crate) fn now(&self) -> Result<SystemTime> {
        let clock = self.own("clock");
        fs::write(&clock, "").map_err(Error::io("write", &clock))?;
        let metadata = fs::metadata(&clock).map_err(Error::io("read", &clock))?;
        metadata.modified().map_err(Error::io("read", &clock))
    }

    /// The latest time of what cargo has built for each profile, up to the present one: what was built while the clock was
    /// ahead would hide what is built now. Tests may write beside the profiles' folders, and programs beside themselves.
    pub(crate) fn newest(&self, now: SystemTime) -> BTreeMap<PathBuf, SystemTime> {
        let mut all = BTreeMap::new();
        for dir in self.profile_dirs() {
            let mut newest = SystemTime::UNIX_EPOCH;
            for entry in self.built_in(&dir) {
                let modified = entry.metadata().ok().and_then(|metadata| metadata.modified().ok());
                newest = modified.filter(|modified| *modified <= now).unwrap_or(newest).max(newest);
            }
            all.insert(dir.inside(), newest);
        }
        all
    }

    /// Gives what was built while the clock was ahead the present time: what depends on it would be older in each build.
    pub(crate) fn date_future(&self, now: SystemTime) {
        for entry in self.profile_dirs().iter().flat_map(|dir| self.built_in(dir)) {
            let modified = entry.metadata().ok().and_then(|metadata| metadata.modified().ok());
            if modified.is_some_and(|modified| modified > now) {
                // If its time stays, cargo compiles more.
                let _ = filetime::set_symlink_file_times(entry.path(), now.into(), now.into());
            }
        }
    }

    /// What is in the folders of a profile. The programs themselves are links to what is there.
    ///
    /// The dep-info beside an example is for other build systems. Cargo sometimes writes it when there is nothing to build.
    fn built_in(&self, dir: &ProfileDir) -> impl Iterator<Item = DirEntry> {
        let walk = WalkDir::new(self.dir_of(dir)).min_depth(1).into_iter();
        let walk =
            walk.filter_entry(|entry| !is_for_others(entry) && (entry.depth() > 1 || entry.file_type().is_dir()));
        walk.flatten()
    }

    /// Makes cargo forget crates, in every profile and for every target that the directory holds.
    pub(crate) fn forget(&self, workspace: &Workspace, crates: &BTreeSet<&PackageId>) -> Result<()> {
        if crates.is_empty() {
            return Ok(());
        }
        let dirs = self.profile_dirs();
        let targets: BTreeSet<&String> = dirs.iter().filter_map(|dir| dir.target.as_ref()).collect();
        let profiles: BTreeSet<&String> = dirs.iter().map(|dir| &dir.name).collect();

        let mut cleaning: Vec<(&String, Child)> = Vec::new();
        for name in profiles {
            let mut clean = self.clean(workspace)?;
            clean.args(["--profile", if name == "debug" { "dev" } else { name }]);
            if !targets.is_empty() {
                // With targets named, cargo cleans the host's folder only if that is asked for.
                clean.args(["--target", "host-tuple"]);
            }
            for target in &targets {
                clean.args(["--target", target]);
            }
            for id in crates {
                clean.args(["--package", &id.repr]);
            }
            cleaning.push((name, start(&mut clean)?));
        }

        for (name, mut clean) in cleaning {
            let status = clean.wait().map_err(|source| Error::Start { program: "cargo clean".to_owned(), source })?;
            if !status.success() {
                // A profile that is no longer in the manifest, or a target that this compiler does not know.
                for dir in dirs.iter().filter(|dir| dir.name == *name) {
                    self.remove(dir)?;
                }
            }
        }
        Ok(())
    }

    /// Deletes the local crates' documentation, because rustdoc does not say what it has read.
    pub(crate) fn forget_docs(&self, workspace: &Workspace) -> Result<()> {
        let targets = self.profile_dirs().into_iter().filter_map(|dir| dir.target);
        let parents: BTreeSet<PathBuf> =
            targets.map(|target| self.path.join(target)).chain([self.path.clone()]).collect();
        let names: BTreeSet<String> = workspace.local_target_names().collect();
        for doc in parents.iter().flat_map(|parent| names.iter().map(|name| parent.join("doc").join(name))) {
            if doc.exists() {
                fs::remove_dir_all(&doc).map_err(Error::io("delete", &doc))?;
            }
        }
        Ok(())
    }

    fn clean(&self, workspace: &Workspace) -> Result<Command> {
        // Another version of cargo would look for what was built elsewhere.
        let mut clean = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        clean.current_dir(&workspace.asked_in).args(["clean", "--quiet"]).args(&workspace.asked_with);
        clean.arg("--manifest-path").arg(workspace.metadata.workspace_root.join("Cargo.toml"));
        // What it needs was there when the workspace was read. The lock file is not ours to write.
        clean.arg("--frozen").args(self.cargo_options(workspace)?);
        // With another wrapper than in the build, cargo would ask the compiler about itself again, in both.
        clean.env("RUSTC_WRAPPER", wrapper::link(self));
        clean.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(clean)
    }

    /// Deletes a profile's folder. What is left of it if that is interrupted is no profile's any more.
    fn remove(&self, dir: &ProfileDir) -> Result<()> {
        let mut path = self.dir_of(dir);
        let gone = self.own(GONE);
        let _ = fs::remove_dir_all(&gone);
        // A mount cannot be moved.
        if fs::rename(&path, &gone).is_ok() {
            path = gone;
        }
        fs::remove_dir_all(&path).map_err(Error::io("delete", &path))
    }

    fn dir_of(&self, dir: &ProfileDir) -> PathBuf {
        self.path.join(dir.inside())
    }

    /// The name of the profile's folder that a unit's folder is in.
    pub(crate) fn profile_dir_of(&self, dir: &Path) -> Option<String> {
        let inside = dir.strip_prefix(&self.path).ok()?;
        let mut parent = self.path.clone();
        for name in inside.iter().take(2) {
            parent.push(name);
            if is_profile_dir(&parent) {
                return Some(name.to_string_lossy().into_owned());
            }
        }
        None
    }

    fn profile_dirs(&self) -> BTreeSet<ProfileDir> {
        let mut found = BTreeSet::new();
        for name in subfolders(&self.path) {
            if is_profile_dir(&self.path.join(&name)) {
                found.insert(ProfileDir { name, target: None });
                continue;
            }
            for profile in subfolders(&self.path.join(&name)) {
                if is_profile_dir(&self.path.join(&name).join(&profile)) {
                    found.insert(ProfileDir { name: profile, target: Some(name.clone()) });
                }
            }
        }
        found
    }
}

impl ProfileDir {
    /// Where it is in the target directory.
    fn inside(&self) -> PathBuf {
        self.target.iter().chain([&self.name]).collect()
    }
}

impl Workers {
    pub(crate) fn lock(dir: &TargetDir) -> Result<Self> {
        let path = dir.own(WORKERS);
        let lock = lock(&path, &|| ())?;
        set_inherited(&lock, true).map_err(Error::io("lock", &path))?;
        Ok(Self { _lock: lock })
    }
}

fn lock(path: &Path, on_wait: &dyn Fn()) -> Result<File> {
    let lock = File::create(path).map_err(Error::io("write", path))?;
    if lock.try_lock().is_err() {
        on_wait();
        lock.lock().map_err(Error::io("lock", path))?;
    }
    Ok(lock)
}

/// Whether the processes that are started from now on keep a file open. Windows has no need: there cargo's own processes
/// end with it.
#[cfg(unix)]
fn set_inherited(file: &File, inherited: bool) -> io::Result<()> {
    let flags = if inherited { rustix::io::FdFlags::empty() } else { rustix::io::FdFlags::CLOEXEC };
    Ok(rustix::io::fcntl_setfd(file, flags)?)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "other systems can fail")]
fn set_inherited(_: &File, _: bool) -> io::Result<()> {
    Ok(())
}

fn start(command: &mut Command) -> Result<Child> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.spawn().map_err(|source| Error::Start { program, source })
}

/// Whether cargo has built in a folder. Its versions lay it out in different ways, but all lock it. Folders that have other
/// names in them are somebody else's: rustdoc's, or a benchmark's.
fn is_profile_dir(dir: &Path) -> bool {
    [".cargo-lock", ".cargo-build-lock", ".fingerprint"].iter().any(|name| dir.join(name).exists())
}

/// Whether an entry of a profile's folder is dep-info beside an example.
fn is_for_others(entry: &DirEntry) -> bool {
    let path = entry.path();
    path.parent().is_some_and(|parent| parent.ends_with("examples")) && path.extension() == Some("d".as_ref())
}

fn subfolders(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let dirs = entries.filter(|entry| entry.path().is_dir());
    dirs.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_in_its_profiles_folder_or_in_none() {
        let parent = tempfile::tempdir().unwrap();
        let dir = TargetDir::lock(parent.path(), || ()).unwrap();
        for profile in ["debug/.fingerprint", "wasm32-unknown-unknown/dist/.cargo-lock"] {
            fs::create_dir_all(parent.path().join(profile)).unwrap();
        }
        let profile_of = |unit: &str| dir.profile_dir_of(&dir.path().join(unit));
        assert_eq!(profile_of("debug/deps").as_deref(), Some("debug"));
        assert_eq!(profile_of("wasm32-unknown-unknown/dist/build/app/1f/out").as_deref(), Some("dist"));
        assert_eq!(profile_of("criterion/build"), None);
        assert_eq!(dir.profile_dir_of(Path::new("/elsewhere/debug/deps")), None);
    }

    #[test]
    fn nothing_that_was_built_is_of_the_future() {
        let parent = tempfile::tempdir().unwrap();
        let dir = TargetDir::lock(parent.path(), || ()).unwrap();
        let library = parent.path().join("debug/deps/libx.rlib");
        fs::create_dir_all(library.parent().unwrap()).unwrap();
        fs::write(parent.path().join("debug/.cargo-lock"), "").unwrap();
        fs::write(&library, "").unwrap();
        let now = dir.now().unwrap();
        filetime::set_file_mtime(&library, (now + Duration::from_hours(24)).into()).unwrap();

        dir.date_future(now);
        assert_eq!(fs::metadata(&library).unwrap().modified().unwrap(), now);
    }

    #[test]
    fn only_directories_that_nobody_uses_are_deleted() {
        let parent = tempfile::tempdir().unwrap();
        let month = Duration::from_hours(30 * 24);
        let make = |name: &str, age: Duration| {
            let record = parent.path().join(name).join(OWN).join("record.json");
            fs::create_dir_all(record.parent().unwrap()).unwrap();
            fs::write(&record, "").unwrap();
            filetime::set_file_mtime(&record, (SystemTime::now() - age).into()).unwrap();
        };
        make("old", 2 * month);
        make("used", 2 * month);
        make("new", Duration::from_mins(1));
        fs::create_dir(parent.path().join("other")).unwrap();

        let used = TargetDir::lock(&parent.path().join("used"), || ()).unwrap();
        TargetDir::remove_unused(parent.path(), month).unwrap();
        drop(used);
        let mut left = subfolders(parent.path());
        left.sort();
        assert_eq!(left, ["new", "other", "used"]);
    }
}
