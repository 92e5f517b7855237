//! A program that is started before its input is there: until it reads that, it does what needs no input, such as to start.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use xshell::Cmd;

/// A program that waits for its standard input. If the input never comes, it is killed.
pub(crate) struct Early {
    child: Child,
    name: String,
}

impl Early {
    pub(crate) fn start(command: Cmd) -> Result<Self> {
        let name = command.to_string();
        let mut command = Command::from(command);
        let child = command.stdin(Stdio::piped()).spawn().with_context(|| format!("cannot start `{name}`"))?;
        Ok(Self { child, name })
    }

    /// Gives the program its input, and waits for its end.
    pub(crate) fn finish(mut self, input: &[u8]) -> Result<()> {
        let Self { child, name } = &mut self;
        let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input));
        let status = child.wait()?;
        ensure!(status.success(), "`{name}` ended with {status}");
        written.with_context(|| format!("`{name}` did not read its input"))
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
        let early = Early::start(cmd!(sh, "sh -c 'touch $0; cat > $1' {begun} {read}")).unwrap();
        while !begun.exists() {
            std::thread::yield_now();
        }
        early.finish(b"input").unwrap();
        assert_eq!(sh.read_file(read).unwrap(), "input");
    }

    #[test]
    fn its_failure_is_said_even_if_it_reads_nothing() {
        let sh = Shell::new().unwrap();
        let early = Early::start(cmd!(sh, "sh -c 'exit 3'")).unwrap();
        let error = early.finish(&vec![0; 1 << 20]).unwrap_err().to_string();
        assert!(error.contains("exit status: 3"), "{error}");
    }

    #[test]
    fn it_ends_if_its_input_never_comes() {
        let sh = Shell::new().unwrap();
        let dir = sh.create_temp_dir().unwrap();
        let ended = dir.path().join("ended");
        let early = Early::start(cmd!(sh, "sh -c 'cat > /dev/null; sleep 1; touch $0' {ended}")).unwrap();
        drop(early);
        std::thread::sleep(std::time::Duration::from_millis(1500));
        assert!(!ended.exists());
    }
}
