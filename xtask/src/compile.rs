//! A place where cargo may be called: a target folder in which contents are compared before, and looked at again after.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use unstale::{Build, FileSet, Finished, Options, Product, Remap, Snapshot, TargetDir, Times, Toolchain, Workspace};
use xshell::Shell;

use crate::project::{BINDING, Project, say};
use crate::sources::SCOPE;
use crate::tools::Tools;

/// What stands for the checkout in everything that is compiled, and in a source map.
pub(crate) const SOURCES: &str = "/src/";
/// How often a build begins again because files change under it.
const TRIES: usize = 3;
/// How long a folder stays that nobody builds in, such as that of an earlier toolchain.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Cargo's two profiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Profile {
    /// Optimised, and the only one that may be published.
    Release,
    /// Not optimised, so that it compiles fast. Tests are compiled in it.
    Dev,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }

    /// The name of its folder in a target folder.
    fn dir(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "debug",
        }
    }
}

/// A target folder, and what it takes to call cargo in it.
pub(crate) struct Compiler<'a> {
    pub(crate) project: &'a Project,
    pub(crate) tools: &'a Tools,
    pub(crate) dir: TargetDir,
    pub(crate) profile: Profile,
    pub(crate) options: Options<'static>,
}

/// The time in which cargo may be called, by [`Self::sh`]: whatever changes meanwhile is noticed.
pub(crate) struct Session<'a> {
    pub(crate) sh: Shell,
    pub(crate) compiler: &'a Compiler<'a>,
    pub(crate) workspace: &'a Workspace,
    /// The files of the digest of what is built, if it has one.
    covered: Option<&'a FileSet>,
    build: Build<'a>,
}

/// What came of a session.
pub(crate) struct Outcome<T> {
    /// The result of the work, unless files changed meanwhile.
    result: Result<T>,
    finished: Finished,
}

impl<'a> Compiler<'a> {
    /// The place where a workspace is built, and built again: the folder `target/unstale/HASH` of that workspace and of the
    /// toolchain.
    pub(crate) fn new(project: &'a Project, tools: &'a Tools, member: &str, profile: Profile) -> Result<Self> {
        let parent = project.target_dir().join("unstale");
        let place = format!("{}\n{}", project.root.join(member).display(), tools.rust.version);
        let name = unstale::hash(place.as_bytes());
        let dir = lock(&parent.join(&name[..12]))?;
        TargetDir::remove_unused(&parent, KEPT)?;
        let options = options(project, &dir, tools.rust.toolchain(&dir)?);
        Ok(Self { project, tools, dir, profile, options })
    }

    /// A place in which nothing was built yet.
    pub(crate) fn in_empty_dir(project: &'a Project, tools: &'a Tools) -> Result<Self> {
        let dir = lock(&project.target_dir().join("rebuild"))?;
        dir.clear()?;
        let options = Options { compiler_cache: false, ..options(project, &dir, tools.rust.toolchain(&dir)?) };
        Ok(Self { project, tools, dir, profile: Profile::Release, options })
    }

    /// Begins a session, with the sources as they were read.
    pub(crate) fn begin(
        &'a self,
        workspace: &'a Workspace,
        snapshot: Snapshot,
        covered: Option<&'a FileSet>,
    ) -> Result<Session<'a>> {
        let build = Build::begin(workspace, snapshot, &self.dir, &self.options)?;
        let sh = self.project.shell()?;
        for (name, value) in build.variables() {
            sh.set_var(name, value);
        }
        self.tools.put_on_path(&sh)?;
        Ok(Session { sh, compiler: self, workspace, covered, build })
    }
}

impl Session<'_> {
    /// The arguments of a cargo call for a target; `host-tuple` is this machine, whatever target the workspace has set.
    pub(crate) fn arguments(&self, target: &str) -> Result<Vec<String>> {
        let mut arguments = self.cargo_options()?;
        arguments.extend(["--target", target].map(str::to_owned));
        Ok(arguments)
    }

    /// The arguments of every cargo call.
    pub(crate) fn cargo_options(&self) -> Result<Vec<String>> {
        let mut options = self.compiler.dir.cargo_options(self.workspace)?;
        options.insert(0, "--locked".to_owned());
        Ok(options)
    }

    /// Ends the session, once nobody reads sources any more. `result` is that of the work.
    pub(crate) fn end<T>(self, mut result: Result<T>) -> Result<Outcome<T>> {
        if result.is_ok() {
            result = self.check().and(result);
        }

        let mut finished = self.build.finish(result.is_ok())?;
        // The package is made from more than what crates are built from.
        finished.changed.append(&mut finished.unread);
        // What nobody compiles from may change at any time.
        let is_read = |path: &String| is_input(self.workspace, self.covered, path);
        finished.changed.retain(is_read);
        finished.rewritten.retain(is_read);
        Ok(Outcome { result, finished })
    }

    /// Refuses what was built from a file that nobody would see change.
    fn check(&self) -> Result<()> {
        let binding = self.workspace.member(BINDING);
        let product = binding.zip(self.covered).map(|(binding, covered)| Product {
            package: &binding.id,
            profile_dir: self.compiler.profile.dir(),
            covered,
        });
        let uncovered = self.build.uncovered(product.as_ref())?;
        let said: Vec<String> = uncovered.iter().map(ToString::to_string).collect();
        ensure!(said.is_empty(), "{}", said.join("\n"));
        Ok(())
    }
}

fn options(project: &Project, dir: &TargetDir, toolchain: Toolchain) -> Options<'static> {
    let remap = |from: &Path, to: &str| Remap { from: from.to_owned(), to: to.to_owned() };
    Options {
        scope: SCOPE,
        times: Times::OfCheckout,
        toolchain,
        // The last match wins: the target folder may be in the checkout.
        remap: vec![
            remap(&cargo_home(), "/cargo"),
            remap(&project.root, SOURCES.trim_end_matches('/')),
            remap(dir.path(), "/target"),
        ],
        compiler_cache: true,
    }
}

/// Whether a change of a file may change what is built.
fn is_input(workspace: &Workspace, covered: Option<&FileSet>, path: &str) -> bool {
    if workspace.is_setting(path) || covered.is_some_and(|covered| covered.contains(path)) {
        return true;
    }
    // New files are in no set yet.
    let owner = workspace.owner(path);
    owner.is_some_and(|owner| covered.is_none() || !owner.is_for_tests(path))
}

/// Repeats a session until no file changes meanwhile.
pub(crate) fn until_settled<T>(mut session: impl FnMut() -> Result<Outcome<T>>) -> Result<T> {
    let mut rewritten_before = Vec::new();
    let mut changed = Vec::new();
    for _ in 0..TRIES {
        let Outcome { result, finished } = session()?;
        if !finished.changed.is_empty() {
            say(format_args!("files changed while they were built, so build again: {}", finished.changed.join(", ")));
            changed = finished.changed;
            continue;
        }
        if result.is_err() || finished.rewritten.is_empty() {
            return result;
        }

        let names = finished.rewritten.join(", ");
        if finished.rewritten == rewritten_before {
            // Twice is no accident.
            say(format_args!("warning: the build itself writes {names} with the same bytes, so it compiles too much"));
            return result;
        }
        say(format_args!(
            "files were written while they were built, with the bytes that they had, so build again: {names}"
        ));
        rewritten_before = finished.rewritten;
    }
    changed.extend(rewritten_before);
    let names: BTreeSet<String> = changed.into_iter().collect();
    bail!("these files change each time they are built: {}", names.into_iter().collect::<Vec<_>>().join(", "))
}

fn lock(path: &Path) -> Result<TargetDir> {
    let on_wait = || say(format_args!("waiting for another build in {}", path.display()));
    Ok(TargetDir::lock(path, on_wait)?)
}

fn cargo_home() -> PathBuf {
    let default = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(default, PathBuf::from)
}
