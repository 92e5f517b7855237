//! A program that is started before its input is there: until it reads that, it does what needs no input, such as to start.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use xshell::Cmd;

/// A program that waits for its standard input. If it is not waited for, it is killed.
pub(crate) struct Early {
    child: Child,
    name: String,
    /// Whether the program read its input.
    given: io::Result<()>,
}

impl Early {
    pub(crate) fn start(command: Cmd, stdout: Stdio) -> Result<Self> {
        let name = command.to_string();
        let mut command = Command::from(command);
        let child = command.stdin(Stdio::piped()).stdout(stdout).spawn();
        let child = child.with_context(|| format!("cannot start `{name}`"))?;
        Ok(Self { child, name, given: Ok(()) })
    }

    /// Waits until the program has printed a line, for which its output has to be piped, or has ended.
    pub(crate) fn wait_for_line(&mut self) -> Result<()> {
        let Some(stdout) = &mut self.child.stdout else { return Ok(()) };
        BufReader::new(stdout).read_line(&mut String::new())?;
        Ok(())
    }

    /// Gives the program its input.
    pub(crate) fn give(&mut self, input: &[u8]) {
        if let Some(mut stdin) = self.child.stdin.take() {
            self.given = stdin.write_all(input);
        }
    }

    /// Waits for the program's end.
    pub(crate) fn finish(mut self) -> Result<()> {
        let status = self.child.wait()?;
        let Self { name, given, .. } = &mut self;
        ensure!(status.success(), "`{name}` ended with {status}");
        std::mem::replace(given, Ok(())).with_context(|| format!("`{name}` did not read its input"))
    }

    fn stop(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Early {
    fn drop(&mut self) {
        // If it has ended already, nothing is left to do.
        let _ = self.stop();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use xshell::{Shell, cmd};

    use super::*;

    #[test]
    fn it_works_before_its_input_is_there() {
        let sh = Shell::new().unwrap();
        let dir = sh.create_temp_dir().unwrap();
        let [begun, read] = ["begun", "read"].map(|name| dir.path().join(name));
        let program = cmd!(sh, "sh -c 'touch $0; echo begun; cat > $1' {begun} {read}");
        let mut early = Early::start(program, Stdio::piped()).unwrap();
        early.wait_for_line().unwrap();
        assert!(begun.exists());
        early.give(b"input");
        early.finish().unwrap();
        assert_eq!(sh.read_file(read).unwrap(), "input");
    }

    #[test]
    fn its_failure_is_said_even_if_it_reads_nothing() {
        let sh = Shell::new().unwrap();
        let mut early = Early::start(cmd!(sh, "sh -c 'exit 3'"), Stdio::piped()).unwrap();
        early.wait_for_line().unwrap();
        early.give(&vec![0; 1 << 20]);
        let error = early.finish().unwrap_err().to_string();
        assert!(error.contains("exit status: 3"), "{error}");
    }

    #[test]
    fn it_ends_if_its_input_never_comes() {
        let sh = Shell::new().unwrap();
        let dir = sh.create_temp_dir().unwrap();
        let ended = dir.path().join("ended");
        let early =
            Early::start(cmd!(sh, "sh -c 'cat > /dev/null; sleep 1; touch $0' {ended}"), Stdio::inherit()).unwrap();
        drop(early);
        std::thread::sleep(std::time::Duration::from_millis(1500));
        assert!(!ended.exists());
    }
}
