//! cargo-generate, installed where it is missing, and the projects that it makes.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use toml_edit::DocumentMut;

use crate::{answers::Answers, command};

/// The version that the template is tested with, and the oldest Rust that builds it.
const VERSION: &str = "0.26.0";
const NEEDS_RUST: u32 = 97;

/// The author that git is configured for here.
pub(crate) const AUTHOR: &str = "Grace Hopper <grace@example.org>";

/// Where tests are made.
pub(crate) struct Lab {
    /// The repository.
    pub(crate) root: PathBuf,
    /// A folder of this program's own, outside of any workspace.
    pub(crate) dir: PathBuf,
    /// The committed state, as a repository of its own.
    pub(crate) template: PathBuf,
    cargo_generate: PathBuf,
}

impl Lab {
    /// Installs what is missing and clones the committed state.
    pub(crate) fn open() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = fs::canonicalize(&root).with_context(|| format!("cannot read {}", root.display()))?;
        // By the repository's path, so that two checkouts do not meet, and each finds its caches again.
        let key: String = root.to_string_lossy().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let dir = env::temp_dir().join(format!("lab-template{key}"));
        let cargo_generate = install(&root)?;
        let template = dir.join("template.git");
        let lab = Self { root, dir, template, cargo_generate };
        lab.snapshot()?;
        Ok(lab)
    }

    fn snapshot(&self) -> Result<()> {
        let changed = command::output(self.git().args(["status", "--porcelain"]))?;
        if !changed.is_empty() {
            eprintln!("NOTE: only what is committed is tested, and this is not:\n{}", changed.trim_end());
        }
        remove(&self.template)?;
        fs::create_dir_all(&self.dir)?;
        // One branch alone: whichever of several is the default, cargo-generate may prefer another.
        let mut init = Command::new("git");
        command::output(init.args(["init", "--quiet", "--bare", "--initial-branch=main"]).arg(&self.template))?;
        self.publish("HEAD", "refs/heads/main")?;
        self.publish("HEAD", &format!("refs/tags/{}", self.tag()?))
    }

    /// Brings a commit into the snapshot, by the name of a branch or tag.
    pub(crate) fn publish(&self, commit: &str, name: &str) -> Result<()> {
        let mut git = self.git();
        git.args(["push", "--quiet", "--force"]).arg(&self.template);
        command::output(git.arg(format!("{commit}:{name}"))).map(drop)
    }

    /// The tag that generated projects record.
    pub(crate) fn tag(&self) -> Result<String> {
        let recorded: DocumentMut = fs::read_to_string(self.root.join("template.toml"))?.parse()?;
        let tag = recorded["template"]["tag"].as_str();
        Ok(tag.context("template.toml has no `tag` below [template]")?.to_owned())
    }

    /// The folder of cargo-generate's program.
    pub(crate) fn programs(&self) -> &Path {
        &self.cargo_generate
    }

    /// git in the repository.
    pub(crate) fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.arg("-C").arg(&self.root);
        git
    }

    /// An empty folder for a project to be made in.
    pub(crate) fn fresh(&self, name: &str) -> Result<PathBuf> {
        let dir = self.dir.join(name);
        remove(&dir)?;
        fs::create_dir_all(&dir)?;
        Ok(dir)
    }

    /// Generates a project in a fresh folder and returns its own.
    pub(crate) fn generate(&self, folder: &str, answers: &Answers) -> Result<PathBuf> {
        let dir = self.fresh(folder)?;
        command::output(&mut self.command(&dir, answers)).with_context(|| format!("with {}", answers.words()))?;
        Ok(dir.join(answers.settled))
    }

    /// The command that generates a project in `dir`: silently, and without a right to run commands.
    pub(crate) fn command(&self, dir: &Path, answers: &Answers) -> Command {
        let mut generate = self.cargo_generate(dir);
        generate.args(["--silent", "--name", answers.name, "--git"]).arg(&self.template);
        for (question, answer) in &answers.given {
            generate.args(["--define", &format!("{question}={answer}")]);
        }
        generate
    }

    /// `cargo generate` in `dir`.
    pub(crate) fn cargo_generate(&self, dir: &Path) -> Command {
        let mut generate = Command::new("cargo");
        generate.arg("generate");
        self.known(&mut generate, dir);
        generate
    }

    /// A shell that runs lines as a user would, in a folder, and stops at the first one that fails.
    pub(crate) fn shell(&self, lines: &str, dir: &Path) -> Command {
        let mut shell = Command::new("sh");
        self.known(shell.args(["-ec", lines]), dir);
        shell
    }

    /// In `dir`, with cargo-generate on its PATH and a git that knows who is there.
    pub(crate) fn known(&self, command: &mut Command, dir: &Path) {
        let mut path = vec![self.cargo_generate.clone()];
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        if let Ok(path) = env::join_paths(path) {
            command.env("PATH", path);
        }
        command.current_dir(dir);

        for variable in ["CARGO_NAME", "CARGO_EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"] {
            command.env_remove(variable);
        }
        // What cargo tells this program about itself is not meant for its children.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_TARGET_DIR" {
                command.env_remove(&name);
            }
        }

        let (name, email) = AUTHOR.split_once(" <").unwrap_or((AUTHOR, ""));
        let email = email.trim_end_matches('>');
        command.env("GIT_AUTHOR_NAME", name).env("GIT_AUTHOR_EMAIL", email);
        command.env("GIT_COMMITTER_NAME", name).env("GIT_COMMITTER_EMAIL", email);
        command.env("XTASK_TOOLS", tools(&self.root));
    }
}

/// Deletes a folder, if it is there.
pub(crate) fn remove(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("cannot delete {}", dir.display()))?;
    }
    Ok(())
}

/// Where the repository's own tools are.
pub(crate) fn tools(root: &Path) -> PathBuf {
    env::var_os("XTASK_TOOLS").map_or_else(|| root.join("target/tools"), PathBuf::from)
}

/// The folder of cargo-generate's program, of the very version.
fn install(root: &Path) -> Result<PathBuf> {
    let dir = tools(root).join(format!("cargo-generate-{VERSION}"));
    let version = |program: &Path| command::output(Command::new(program).arg("--version")).unwrap_or_default();
    let bin = dir.join("bin");
    if version(&bin.join("cargo-generate")).contains(VERSION) {
        return Ok(bin);
    }
    for folder in env::split_paths(&env::var_os("PATH").unwrap_or_default()) {
        if version(&folder.join("cargo-generate")).contains(VERSION) {
            return Ok(folder);
        }
    }

    let toolchains: [&[&str]; 3] = [&[], &["+stable"], &["+nightly"]];
    let new_enough = |words: &&&[&str]| {
        let printed = command::output(Command::new("rustc").args(**words).arg("--version")).unwrap_or_default();
        let minor = printed.split('.').nth(1).and_then(|minor| minor.parse().ok());
        minor.is_some_and(|minor: u32| minor >= NEEDS_RUST)
    };
    let Some(toolchain) = toolchains.iter().find(new_enough) else {
        bail!("cargo-generate {VERSION} needs Rust 1.{NEEDS_RUST} or newer: `rustup update stable` installs it");
    };

    eprintln!("  installing cargo-generate {VERSION}: 3 to 6 minutes, once");
    let mut cargo = Command::new("cargo");
    cargo.args(*toolchain).args(["install", "--quiet", "--locked", &format!("cargo-generate@{VERSION}"), "--root"]);
    if !toolchain.is_empty() {
        // The toolchain that runs this program is not the one asked for.
        cargo.env_remove("RUSTUP_TOOLCHAIN");
    }
    cargo.env_remove("CARGO").env_remove("RUSTC");
    // It runs for seconds, so it need not be quick; a debug build of its script engine has lower limits.
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
    command::output(cargo.arg(&dir))?;
    Ok(bin)
}
