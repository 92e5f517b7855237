//! The pinned tools: taken from PATH if it has the same version, and otherwise installed into the target folder.
//!
//! Pins are in xtask/tools: wasm-pack in cargo.txt, npm's packages in package.json; after an edit there, run
//! `npm install --package-lock-only --ignore-scripts` beside it. A check calls one as `node {modules}/NAME/BIN`. The
//! wasm-bindgen CLI must have the library's version, so the workspace's Cargo.lock pins it.

mod answers;
mod cargo_tool;
pub(crate) mod npm;
mod toolchain;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{env, fmt};

use anyhow::{Context, Result, bail};
use xshell::Shell;

use crate::project::Project;
use crate::tools::answers::Answers;
use crate::tools::cargo_tool::CargoTool;
use crate::tools::npm::NpmTools;
use crate::tools::toolchain::Rust;

/// The C library of the system that a tool was installed for: a checkout may be used from several systems.
#[rustfmt::skip]
const LIBC: &str = if cfg!(target_env = "musl") { "musl" } else if cfg!(target_env = "gnu") { "gnu" } else { "other" };

pub(crate) struct Tools {
    pub(crate) rust: Rust,
    pub(crate) wasm_bindgen: String,
    pub(crate) npm: NpmTools,
    /// Folders with programs that go first on PATH.
    pub(crate) path: Vec<PathBuf>,
}

/// `cargo xtask tools`.
pub(crate) fn run(project: &Project) -> Result<()> {
    let tools = Tools::ensure(project)?;
    println!("{tools}");
    for dir in &tools.path {
        println!("{}", dir.display());
    }
    Ok(())
}

impl Tools {
    /// Finds or installs all of them. An error names everything that is missing, and what to do about it.
    pub(crate) fn ensure(project: &Project) -> Result<Self> {
        let sh = project.shell()?;
        let mut answers = Answers::read(&dir(project).join("answers.json"));
        let lock = sh.read_file("Cargo.lock").context(
            "Cargo.lock is missing: bring it back from git, or write a new one by `cargo update --workspace`",
        )?;
        let wasm_bindgen = locked_version(&lock, "wasm-bindgen")?
            .context("Cargo.lock has no `wasm-bindgen`: wasm-client has to use it")?;
        let pins = sh.read_file("xtask/tools/cargo.txt")?;
        let wasm_pack = pins.trim().strip_prefix("wasm-pack@").context("xtask/tools/cargo.txt lacks `wasm-pack@…`")?;
        let wasm_pack = CargoTool::wasm_pack(wasm_pack);
        let cli = CargoTool::wasm_bindgen(&wasm_bindgen);

        let mut missing = Missing::default();
        let rust = missing.note(Rust::find(&sh, &mut answers));
        let wasm_pack_dir = missing.note(wasm_pack.ensure(&dir(project), &sh, &mut answers));
        let cli_dir = missing.note(cli.ensure(&dir(project), &sh, &mut answers));
        let npm = missing.note(NpmTools::ensure(project, &sh, &mut answers));
        answers.write();

        let (Some(rust), Some(wasm_pack_dir), Some(cli_dir), Some(npm)) = (rust, wasm_pack_dir, cli_dir, npm) else {
            bail!("the tools cannot be used:{}", missing.lines.concat());
        };
        let path = [rust.bin.clone(), wasm_pack_dir, cli_dir].into_iter().flatten().collect();
        Ok(Self { rust, wasm_bindgen, npm, path })
    }

    /// Puts the tools first on PATH, in a shell.
    pub(crate) fn put_on_path(&self, sh: &Shell) -> Result<()> {
        let old = sh.var_os("PATH").unwrap_or_default();
        sh.set_var("PATH", env::join_paths(self.path.iter().cloned().chain(env::split_paths(&old)))?);
        Ok(())
    }
}

impl fmt::Display for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, wasm-bindgen {}, wasm-opt {}", self.rust.rustc(), self.wasm_bindgen, self.npm.binaryen)
    }
}

/// What is missing, in words.
#[derive(Default)]
struct Missing {
    lines: Vec<String>,
}

impl Missing {
    fn note<T>(&mut self, found: Result<T>) -> Option<T> {
        match found {
            Ok(found) => Some(found),
            Err(error) => {
                self.lines.push(format!("\n- {error:#}"));
                None
            }
        }
    }
}

/// Where tools are installed: `XTASK_TOOLS`, else `tools` in the target folder. Several checkouts may share it.
pub(crate) fn dir(project: &Project) -> PathBuf {
    env::var_os("XTASK_TOOLS").map_or_else(|| project.target_dir().join("tools"), PathBuf::from)
}

/// The folder of a tool in a version.
fn dir_of(tools: &Path, name: &str, version: &str) -> PathBuf {
    tools.join(format!("{name}-{version}-{}-{}-{LIBC}", env::consts::ARCH, env::consts::OS))
}

/// Makes `dir` under another name, then renames it, so that it is either complete or missing. Other processes wait, and
/// what one that was killed has left is deleted.
fn install_into(dir: &Path, install: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let [new, lock] = ["new", "lock"].map(|state| PathBuf::from(format!("{}.{state}", dir.display())));
    let parent = dir.parent().unwrap_or(dir);
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let lock = File::create(&lock).with_context(|| format!("cannot create {}", lock.display()))?;
    lock.lock().with_context(|| format!("cannot lock {}", parent.display()))?;
    if dir.is_dir() {
        return Ok(());
    }

    let remove = || if new.exists() { fs::remove_dir_all(&new) } else { Ok(()) };
    remove().with_context(|| format!("cannot delete {}", new.display()))?;
    fs::create_dir(&new).with_context(|| format!("cannot create {}", new.display()))?;
    let mut installed = install(&new);
    if installed.is_ok() {
        installed = fs::rename(&new, dir).with_context(|| format!("cannot create {}", dir.display()));
    }
    let _ = remove();
    installed
}

/// The version of a crate in a Cargo.lock.
fn locked_version(lock: &str, name: &str) -> Result<Option<String>> {
    let lock: toml::Table = lock.parse().context(
        "Cargo.lock cannot be read. If git left a conflict there: `git checkout --theirs Cargo.lock`, then \
         `cargo update --workspace`",
    )?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let field = |package: &toml::Value, name: &str| Some(package.get(name)?.as_str()?.to_owned());
    let package = packages.into_iter().flatten().find(|package| field(package, "name").as_deref() == Some(name));
    Ok(package.and_then(|package| field(package, "version")))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn the_lock_file_says_which_version_is_used() {
        let lock = "version = 4\n\n[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").unwrap().as_deref(), Some("0.2.129"));
        assert_eq!(locked_version(lock, "js-sys").unwrap(), None);
    }

    #[test]
    fn a_conflict_in_the_lock_file_is_named() {
        let lock = format!("version = 4\n{} HEAD\n", "<".repeat(7));
        let error = locked_version(&lock, "wasm-bindgen").unwrap_err().to_string();
        assert!(error.contains("git checkout --theirs Cargo.lock"), "{error}");
    }

    #[test]
    fn a_tool_is_complete_or_missing() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("tool");
        let failed = install_into(&dir, |new| {
            fs::write(new.join("half"), "")?;
            bail!("no network")
        });
        assert!(failed.is_err() && folders(parent.path()).is_empty());

        install_into(&dir, |new| Ok(fs::write(new.join("whole"), "")?)).unwrap();
        assert!(dir.join("whole").is_file());
    }

    #[test]
    fn what_a_killed_install_left_is_deleted() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir_all(parent.path().join("tool.new/half")).unwrap();
        install_into(&parent.path().join("tool"), |new| Ok(fs::write(new.join("whole"), "")?)).unwrap();
        assert_eq!(folders(parent.path()), ["tool"]);
        assert!(!parent.path().join("tool/half").exists());
    }

    #[test]
    fn two_processes_install_a_tool_once() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("tool");
        let times = AtomicUsize::new(0);
        let install = |new: &Path| {
            times.fetch_add(1, Ordering::Relaxed);
            Ok(fs::write(new.join("whole"), "")?)
        };
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| install_into(&dir, install).unwrap());
            }
        });
        assert_eq!(times.into_inner(), 1);
    }

    fn folders(parent: &Path) -> Vec<String> {
        let entries = fs::read_dir(parent).unwrap().map(Result::unwrap);
        let folders = entries.filter(|entry| entry.path().is_dir());
        folders.map(|folder| folder.file_name().into_string().unwrap()).collect()
    }
}
