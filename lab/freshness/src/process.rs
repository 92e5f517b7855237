//! Child processes: their time, what they compiled, and their sudden end.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    os::unix::process::{CommandExt, ExitStatusExt},
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
        time::TimeVal,
    },
    unistd::Pid,
};

/// How often a command that may be killed is looked at.
const PAUSE: Duration = Duration::from_millis(2);

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

#[derive(Debug, PartialEq)]
pub(crate) enum End {
    Success,
    /// With its first words of an error.
    Failed(String),
    Killed,
}

/// Runs a command to its end, with its output in `log`.
///
/// # Errors
/// A command that cannot be started. One that fails is a result.
pub(crate) fn run(command: &mut Command, log: &Path) -> Result<Ran> {
    watch(command, log, None)
}

/// Runs a command that is killed, with all that it started, as soon as `is_due` says so. It is told the time since
/// the start.
///
/// # Errors
/// A command that cannot be started. One that fails is a result.
pub(crate) fn run_until(command: &mut Command, log: &Path, is_due: &dyn Fn(Duration) -> bool) -> Result<Ran> {
    // One that is never killed stays in the lab's own group, and ends with it at Ctrl-C.
    command.process_group(0);
    watch(command, log, Some(is_due))
}

fn watch(command: &mut Command, log: &Path, is_due: Option<&dyn Fn(Duration) -> bool>) -> Result<Ran> {
    let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let name = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let cpu = children_cpu()?;
    let mut child = command.spawn().with_context(|| format!("cannot start `{name}`"))?;

    if let Some(is_due) = is_due {
        while child.try_wait()?.is_none() {
            if is_due(start.elapsed()) {
                killpg(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGKILL)?;
                break;
            }
            thread::sleep(PAUSE);
        }
    }
    let status = child.wait()?;

    let wall = start.elapsed().as_secs_f64();
    Ok(Ran { end: end(status, log), wall, cpu: children_cpu()? - cpu })
}

fn end(status: ExitStatus, log: &Path) -> End {
    if status.success() {
        return End::Success;
    }
    if status.signal().is_some() {
        return End::Killed;
    }
    let text = fs::read(log).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    End::Failed(error(&text))
}

/// The first line that begins as an error does, or the last one.
fn error(text: &str) -> String {
    let first = text.lines().find(|line| line.to_lowercase().starts_with("error"));
    let line = first.or(text.lines().last()).unwrap_or_default();
    line.chars().take(160).collect()
}

/// The crates that the compiler was started for.
pub(crate) fn compiled_crates(log: &Path) -> BTreeSet<String> {
    fs::read_to_string(log).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn children_cpu() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

fn seconds(time: TimeVal) -> f64 {
    let whole = Duration::from_secs(u64::try_from(time.tv_sec()).unwrap_or(0));
    let rest = Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or(0));
    (whole + rest).as_secs_f64()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn says_how_a_command_ended() {
        let log = std::env::temp_dir().join(format!("freshness-process-{}", std::process::id()));
        assert_eq!(run(&mut shell("true"), &log).unwrap().end, End::Success);
        let failed = run(&mut shell("echo first; echo 'ERROR: why'; echo last; exit 3"), &log).unwrap();
        assert_eq!(failed.end, End::Failed("ERROR: why".to_owned()));
        let killed = run_until(&mut shell("sleep 60 & wait"), &log, &|time| time > Duration::from_millis(50)).unwrap();
        assert_eq!(killed.end, End::Killed);
        fs::remove_file(log).unwrap();
    }

    #[test]
    fn quotes_the_last_line_where_no_error_is_named() {
        assert_eq!(error("one\ntwo"), "two");
        assert_eq!(error(""), "");
    }
}
