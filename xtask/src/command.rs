//! Child processes in a known environment, and what the person at the terminal sees of them.

use std::{
    env,
    ffi::OsStr,
    fmt,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use anyhow::{Context, Result, bail};

/// Variables that change what cargo builds without standing in any file: a build must not depend on them.
/// What is wanted for good belongs in Cargo.toml or .cargo/config.toml, which the digests cover.
const DECIDES_A_BUILD: [&str; 6] =
    ["CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_UNSTABLE_", "CARGO_ENCODED_", "RUSTFLAGS"];

/// What cargo and rustup tell this program about itself, which is not meant for its children.
const ABOUT_THIS_PROGRAM: [&str; 7] = [
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PRIMARY_PACKAGE",
    "OUT_DIR",
    "RUSTUP_TOOLCHAIN_SOURCE",
];

static OFFLINE: AtomicBool = AtomicBool::new(false);

/// A child whose build depends on its arguments and files alone.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        // The linker is the machine's affair: private toolchains and cross builds name theirs so.
        let linker = text.starts_with("CARGO_TARGET_") && text.ends_with("_LINKER");
        let drop = DECIDES_A_BUILD.iter().chain(&ABOUT_THIS_PROGRAM).any(|prefix| text.starts_with(prefix));
        if drop && !linker {
            command.env_remove(&name);
        }
    }
    if is_offline() {
        command.env("CARGO_NET_OFFLINE", "true").env("npm_config_offline", "true");
    }
    command
}

/// Where cargo keeps its registry and the person's own configuration.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// Tells all cargo and npm processes started from here that there is no network.
pub(crate) fn go_offline() {
    OFFLINE.store(true, Ordering::Relaxed);
}

pub(crate) fn is_offline() -> bool {
    OFFLINE.load(Ordering::Relaxed)
}

/// Runs to the end; what it prints is shown. An exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status}); its own words are above", words(command));
    }
    Ok(())
}

/// Runs to the end and returns what it printed; on failure that is part of the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    printed(command, output)
}

/// A command that runs while others are started. It has to print less than a pipe holds.
pub(crate) struct Started {
    command: Command,
    child: io::Result<Child>,
}

impl Started {
    pub(crate) fn new(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn();
        Self { command, child }
    }

    /// What `output` returns.
    pub(crate) fn output(self) -> Result<String> {
        let output = self.child.and_then(Child::wait_with_output);
        printed(&self.command, output.with_context(|| cannot_start(&self.command))?)
    }
}

fn printed(command: &Command, Output { status, stdout, stderr }: Output) -> Result<String> {
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        bail!("`{}` failed ({status}): {}", words(command), said.trim());
    }
    String::from_utf8(stdout).with_context(|| format!("`{}` printed no UTF-8", words(command)))
}

/// Runs to the end; what it printed is shown only if it failed.
pub(crate) fn quiet(command: &mut Command) -> Result<()> {
    let Output { status, stdout, stderr } =
        command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !status.success() {
        io::stderr().write_all(&stdout)?;
        io::stderr().write_all(&stderr)?;
        bail!("`{}` failed ({status}); its own words are above", words(command));
    }
    Ok(())
}

pub(crate) fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`", command.get_program().to_string_lossy())
}

/// The command's first words, for messages.
pub(crate) fn words(command: &Command) -> String {
    let arguments = command.get_args().take(3).map(|word| format!(" {}", word.to_string_lossy()));
    format!("{}{}", command.get_program().to_string_lossy(), arguments.collect::<String>())
}

/// Writes a line for the person at the terminal by one call: `eprintln!` makes one for each of its parts, and a
/// container's log shows them as they arrive.
pub(crate) fn say(line: fmt::Arguments) {
    // Where this fails, nobody is left to tell.
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Names a step while it runs; then its result and time take the line.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<(T, String)>) -> Result<T> {
    if io::stderr().is_terminal() {
        eprint!("{name:>12}  …\r");
        let _ = io::stderr().flush();
    }
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    match result {
        Ok((value, said)) => {
            say(format_args!("{name:>12}  {said} ({seconds:.2} s)"));
            Ok(value)
        }
        Err(error) => {
            say(format_args!("{name:>12}  failed ({seconds:.2} s)"));
            Err(error)
        }
    }
}
