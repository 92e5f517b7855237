//! The development loop: Vite serves the page in `www`, every change of a source is built, and the page is told.
//!
//! What is built when is decided by content: an event of the file system only says when to look. Vite is told of each
//! build on its standard input, a line of JSON each; it ends when that does, so it never outlives this program.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use notify_debouncer_mini::{
    DebounceEventResult, Debouncer, new_debouncer,
    notify::{RecommendedWatcher, RecursiveMode},
};
use serde_json::{Value, json};

use crate::{
    build::{self, CompileError, Options},
    command::{self, say},
    digest::Inputs,
    node::Node,
    profile::Profile,
    tools::{self, Tools},
    workspace::Workspace,
};

/// How long the file system has to be quiet: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(20);

enum Event {
    /// Files changed; whether a Cargo.toml is among them.
    Changed { manifest: bool },
    /// Vite has ended.
    Ended,
}

/// `cargo xtask dev`.
///
/// # Errors
/// Tools or page modules that cannot be installed, files that cannot be watched, a server that ends. Sources that do
/// not compile are no error here: the page shows them, and keeps the package that it has.
pub(crate) fn run(mut workspace: Workspace, vite: &[String]) -> Result<()> {
    let tools = Tools::ensure(&workspace)?;
    let page = workspace.root.join("www");
    install(&page)?;
    let (sender, events) = channel();
    let mut watcher = watcher(sender.clone())?;
    watch(&mut watcher, &workspace)?;
    let mut inputs = Inputs::read(&workspace)?;
    // Built first, so that the page never starts without a package; one that does not compile shows why.
    let first = build(&workspace, &tools);
    let mut page = serve(&page, vite, sender)?;
    tell(&mut page, &first)?;
    loop {
        match next(&events)? {
            Event::Ended => bail!("the page's server has ended; its own words are above"),
            Event::Changed { manifest } => {
                if manifest && let Ok(found) = Workspace::find() {
                    workspace = found;
                    watch(&mut watcher, &workspace)?;
                }
                // What cannot be read now, such as a manifest half written, is an error of the build.
                if let Ok(now) = Inputs::read(&workspace) {
                    if now.xtask != inputs.xtask {
                        bail!("the sources of `xtask` changed: start `cargo xtask dev` again");
                    }
                    if now.package == inputs.package {
                        continue;
                    }
                    inputs = now;
                }
                let message = build(&workspace, &tools);
                tell(&mut page, &message)?;
            }
        }
    }
}

/// The next event, joined with all that have come meanwhile.
fn next(events: &Receiver<Event>) -> Result<Event> {
    let mut event = events.recv().context("nothing is watched any more")?;
    for more in events.try_iter() {
        event = match (event, more) {
            (Event::Changed { manifest: one }, Event::Changed { manifest: other }) => {
                Event::Changed { manifest: one || other }
            }
            _ => Event::Ended,
        };
    }
    Ok(event)
}

/// Builds, and returns what to tell the page.
fn build(workspace: &Workspace, tools: &Tools) -> Value {
    let start = Instant::now();
    let node = Node::start();
    let built = build::lock(workspace).and_then(|_lock| {
        let options = Options { profile: Profile::Dev, expect: None, by_content: false };
        build::with(workspace, tools, node, &options)
    });
    match built {
        Ok(()) => {
            say(format_args!(
                "{:>12}  {:.2} s after the change was seen",
                "done",
                start.elapsed().as_secs_f64()
            ));
            json!({ "built": true })
        }
        Err(error) => {
            say(format_args!("error: {error:#}"));
            failure(&error)
        }
    }
}

fn failure(error: &anyhow::Error) -> Value {
    let words = error.downcast_ref::<CompileError>().map(|CompileError(words)| words.trim_end());
    json!({ "error": words.map_or_else(|| format!("{error:#}"), str::to_owned) })
}

fn tell(page: &mut ChildStdin, message: &Value) -> Result<()> {
    writeln!(page, "{message}").context("the page's server does not listen")
}

fn watcher(sender: Sender<Event>) -> Result<Debouncer<RecommendedWatcher>> {
    let tell = move |events: DebounceEventResult| {
        // An error, such as a queue that ran over, may stand for any change.
        let manifest =
            events.map_or(true, |events| events.iter().any(|event| event.path.ends_with("Cargo.toml")));
        // Nobody listens any more when the program is about to end.
        let _ = sender.send(Event::Changed { manifest });
    };
    new_debouncer(QUIET, tell).context("cannot watch files")
}

/// Watches what a package is built from; what is watched already stays so.
fn watch(watcher: &mut Debouncer<RecommendedWatcher>, workspace: &Workspace) -> Result<()> {
    let mut folders = vec![(workspace.root.clone(), RecursiveMode::NonRecursive)];
    let below = [".cargo", "xtask/src"].map(str::to_owned).into_iter();
    let below = below.chain(
        workspace.crates.iter().flat_map(|krate| krate.include.iter().cloned().chain([krate.dir.clone()])),
    );
    folders.extend(below.map(|path| (workspace.root.join(path), RecursiveMode::Recursive)));
    for (path, mode) in folders.iter().filter(|(path, _)| path.exists()) {
        watcher.watcher().watch(path, *mode).with_context(|| format!("cannot watch {}", path.display()))?;
    }
    Ok(())
}

/// Installs the page's modules, unless those there are of the present lock file.
pub(crate) fn install(page: &Path) -> Result<()> {
    let lock = fs::read(page.join("package-lock.json"))
        .context("there is no page: www/package-lock.json is missing")?;
    let installed = page.join("node_modules").join(".installed-lock.json");
    if fs::read(&installed).is_ok_and(|old| old == lock) {
        return Ok(());
    }
    say(format_args!("{:>12}  www/node_modules, from package-lock.json", "installing"));
    tools::npm_ci(page)?;
    fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

/// Starts Vite, and says when it ends.
fn serve(page: &Path, arguments: &[String], sender: Sender<Event>) -> Result<ChildStdin> {
    let mut vite = command::command("node");
    vite.arg("node_modules/vite/bin/vite.js").args(arguments).current_dir(page);
    vite.env("XTASK_DEV", "1").stdin(Stdio::piped());
    let mut child: Child = vite.spawn().with_context(|| command::cannot_start(&vite))?;
    let stdin = child.stdin.take().context("Vite has no standard input")?;
    thread::spawn(move || {
        let _ = child.wait();
        let _ = sender.send(Event::Ended);
    });
    Ok(stdin)
}
