//! What the arguments are about: the workspace, its checkout, cargo's target directory and the toolchain.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, anyhow, bail};
use unstale::{Error, Options, Scope, Snapshot, TargetDir, Times, Toolchain, Workspace};

use crate::cargo_args::CargoArgs;
use crate::cli::How;
use crate::{shell, verify};

pub(crate) struct Project {
    pub(crate) workspace: Workspace,
    /// Where cargo would build.
    target_dir: PathBuf,
    /// Whether there is no such directory yet.
    pub(crate) is_first_build: bool,
    times: Times,
}

impl Project {
    pub(crate) fn read(how: &How, args: &CargoArgs) -> anyhow::Result<Self> {
        let workspace_dir = workspace_dir(args)?;
        let root = match &how.root {
            Some(root) => {
                fs::canonicalize(root).with_context(|| format!("cannot find the folder {}", root.display()))?
            }
            None => checkout_of(&workspace_dir),
        };
        if !workspace_dir.starts_with(&root) {
            bail!("the workspace {} is not in `--root` {}", workspace_dir.display(), root.display());
        }

        let workspace = read_workspace(&root, args)?;
        let given = args.values(&["--target-dir"]).pop().map(PathBuf::from);
        let target_dir = match given {
            Some(dir) => env::current_dir().context("cannot find the current folder")?.join(dir),
            None => workspace.metadata.target_directory.clone().into_std_path_buf(),
        };
        let times = if how.by_content { Times::OfCopy } else { Times::OfCheckout };
        let is_first_build = !target_dir.exists();
        Ok(Self { workspace, target_dir, is_first_build, times })
    }

    pub(crate) fn lock(&self) -> anyhow::Result<TargetDir> {
        let path = self.target_dir.display();
        let dir = TargetDir::lock(&self.target_dir, || shell::note(format!("waiting for another build in {path}")))?;
        verify::recover(dir.path())?;
        Ok(dir)
    }

    pub(crate) fn snapshot(&self) -> anyhow::Result<Snapshot> {
        let reading =
            format!("reading all files in {}; `--root DIR` names a smaller folder", self.workspace.root.display());
        Ok(shell::patiently(reading, || Snapshot::take(&self.workspace, Scope::default()))?)
    }

    pub(crate) fn options(&self, dir: &TargetDir) -> anyhow::Result<Options<'static>> {
        Ok(Options {
            scope: Scope::default(),
            times: self.times,
            toolchain: toolchain(dir)?,
            remap: Vec::new(),
            compiler_cache: true,
        })
    }
}

/// Cargo, as it was called. For `cargo +beta unstale`, it is that toolchain's.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Cargo with all that it was called with, and with our options behind: the last `--config` of a setting counts.
pub(crate) fn cargo_as_called(args: &CargoArgs, ours: Vec<String>) -> Command {
    let mut cargo = cargo();
    cargo.arg(&args.command).args(args.without(&["--target-dir"])).args(ours).args(&args.rest);
    cargo
}

fn toolchain(dir: &TargetDir) -> anyhow::Result<Toolchain> {
    // Cargo has accepted the configuration. If only cargo can read it, cargo itself notices another compiler.
    let configured = cargo_config2::Config::load().ok().and_then(|config| config.build.rustc);
    let rustc: OsString = configured.map_or_else(|| "rustc".into(), Into::into);
    let ask_rustc = |question: &[&str]| output(Command::new(&rustc).args(question));
    let version = format!("{}\n{}", ask_rustc(&["-vV"])?, output(cargo().arg("-V"))?);
    let libdir = PathBuf::from(ask_rustc(&["--print", "target-libdir"])?);

    let reading = "reading the toolchain's libraries".to_owned();
    Ok(shell::patiently(reading, || Toolchain::read(version, &libdir, dir))?)
}

/// The folder of the workspace's manifest. Cargo itself says what is wrong with the arguments, if something is.
fn workspace_dir(args: &CargoArgs) -> anyhow::Result<PathBuf> {
    let mut locate = cargo();
    locate.args(["locate-project", "--workspace", "--message-format=plain"]);
    for manifest in args.values(&["--manifest-path"]) {
        locate.args(["--manifest-path", &manifest]);
    }
    let manifest = PathBuf::from(output(&mut locate)?);
    let dir = manifest.parent().unwrap_or(&manifest);
    fs::canonicalize(dir).with_context(|| format!("cannot find the folder {}", dir.display()))
}

/// The Git checkout that a folder is in, else the folder itself. A worktree and a submodule have a file `.git`.
fn checkout_of(dir: &Path) -> PathBuf {
    dir.ancestors().find(|dir| dir.join(".git").exists()).unwrap_or(dir).to_owned()
}

/// Reads the workspace with the crates of all platforms and features, if they are on this machine. Otherwise those of a
/// registry that are not built are not worth a download, and may be missing.
fn read_workspace(root: &Path, args: &CargoArgs) -> anyhow::Result<Workspace> {
    let read = |options: &[&[String]]| Workspace::read(root, Path::new("."), &options.concat());
    let options = args.of_workspace();
    let all_features = ["--all-features".to_owned()];

    let mut frozen = options.clone();
    frozen.retain(|option| !["--locked", "--offline", "--frozen"].contains(&option.as_str()));
    frozen.push("--frozen".to_owned());
    if let Ok(workspace) = read(&[&frozen, &all_features]) {
        return Ok(workspace);
    }

    let mut of_targets = options.clone();
    for target in args.values(&["--target"]).into_iter().chain(["host-tuple".to_owned()]) {
        of_targets.extend(["--filter-platform".to_owned(), target]);
    }
    let mut found = read(&[&of_targets, &all_features]);
    if matches!(found, Err(Error::Workspace(_))) {
        found = read(&[&of_targets, &args.of_features()]);
    }
    let Err(Error::Unseen { package }) = found else { return found.map_err(explain) };
    // A crate of the checkout is worth the download, as its files are compared, too.
    read(&[&options, &all_features]).map_err(explain).with_context(|| {
        format!(
            "only another platform or feature needs the crate `{package}`; cargo must know all others of the registry to \
             show it: `cargo fetch` downloads them"
        )
    })
}

/// Cargo's own words, where cargo refuses the workspace, and how to help oneself.
fn explain(error: Error) -> anyhow::Error {
    match &error {
        Error::Workspace(text) => {
            let text = text.trim();
            anyhow!("{}", text.rsplit_once("error: ").map_or(text, |(_, said)| said))
        }
        Error::OutsideCheckout { package, dir } => anyhow!(
            "the crate `{package}` is outside of the checkout, in {}\n\nhelp: name a folder that holds it and the workspace: \
             `cargo unstale --root DIR …`",
            dir.display()
        ),
        _ => error.into(),
    }
}

/// What a program says. Its errors are shown as they are.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("cannot start `{program}`"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let text = text.trim();
        bail!("{}", text.strip_prefix("error: ").unwrap_or(text));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
