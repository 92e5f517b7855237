//! Child processes: their time, what they compiled, and their sudden end.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::{
    sys::{
        resource::{UsageWho, getrusage},
        signal::{Signal, killpg},
    },
    unistd::Pid,
};

/// When to kill a build.
#[derive(Clone, Debug)]
pub(crate) enum Kill {
    /// As soon as the compiler starts on this crate.
    AtCrate(String),
    After(Duration),
}

/// How a command went.
pub(crate) struct Ran {
    pub(crate) end: End,
    pub(crate) wall: f64,
    /// Of all its processes together; other work on the machine does not count.
    pub(crate) cpu: f64,
}

pub(crate) enum End {
    Success,
    Failed(String),
    Killed,
}

/// Runs a command, one that is to be killed in a process group of its own, with its output in `log`.
///
/// # Errors
/// A command that cannot be started. One that fails is a result.
pub(crate) fn run(command: &mut Command, log: &Path, compiled: &Path, kill: Option<&Kill>) -> Result<Ran> {
    let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    if kill.is_some() {
        // Otherwise it ends with the lab itself, at Ctrl-C.
        command.process_group(0);
    }
    let start = Instant::now();
    let cpu = children_cpu()?;
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().with_context(|| format!("cannot start `{name}`"))?;
    let status = match kill {
        None => child.wait()?,
        Some(kill) => loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            let now = match kill {
                Kill::AtCrate(name) => compiled_crates(compiled).contains(name),
                Kill::After(time) => start.elapsed() >= *time,
            };
            if now {
                killpg(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGKILL)?;
                break child.wait()?;
            }
            thread::sleep(Duration::from_millis(2));
        },
    };
    let end = end(status, log);
    Ok(Ran { end, wall: start.elapsed().as_secs_f64(), cpu: children_cpu()? - cpu })
}

/// Runs a command that is killed when its output has this mark.
pub(crate) fn run_until(command: &mut Command, log: &Path, mark: &str) -> Result<Ran> {
    let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).process_group(0);
    let start = Instant::now();
    let mut child = command.spawn().context("cannot start the client")?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).contains(mark) {
            killpg(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGKILL)?;
            break child.wait()?;
        }
        thread::sleep(Duration::from_millis(10));
    };
    Ok(Ran { end: end(status, log), wall: start.elapsed().as_secs_f64(), cpu: 0.0 })
}

fn end(status: ExitStatus, log: &Path) -> End {
    use std::os::unix::process::ExitStatusExt;
    if status.success() {
        return End::Success;
    }
    if status.signal().is_some() {
        return End::Killed;
    }
    let text = fs::read(log).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| line.to_lowercase().starts_with("error")).collect();
    let words = lines.first().copied().or(text.lines().last()).unwrap_or_default();
    End::Failed(words.chars().take(160).collect())
}

/// The crates that the compiler was started for.
pub(crate) fn compiled_crates(log: &Path) -> BTreeSet<String> {
    fs::read_to_string(log).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn children_cpu() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| {
        Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or(0)).as_secs_f64()
            + Duration::from_secs(u64::try_from(time.tv_sec()).unwrap_or(0)).as_secs_f64()
    };
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// Runs a command that the lab itself needs and returns what it printed.
///
/// # Errors
/// A command that fails, with its words.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{name}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{name}` failed ({}): {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
