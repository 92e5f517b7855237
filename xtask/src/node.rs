//! Node.js: one process for each build, which starts while other work is done, and loads the package at its end.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdout, Stdio},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::command;

/// The oldest that loads the package by `require` as well: 20.19, or 22.12 and newer.
const OLDEST: [(u32, u32); 2] = [(20, 19), (22, 12)];

/// Says its version, then waits for a package's folder and loads it as anybody would. It is told none where the build
/// failed before.
const PROGRAM: &str = "
    import { pathToFileURL } from 'node:url';
    console.log(process.versions.node);
    let folder = '';
    for await (const piece of process.stdin.setEncoding('utf8')) folder += piece;
    if (folder !== '') {
        const load = (name) => import(pathToFileURL(folder + '/' + name));
        const [glue, api] = [await load('glue.js'), await load('index.js')];
        console.log(JSON.stringify({ glue: Object.keys(glue), api: Object.keys(api), info: api.buildInfo() }));
    }";

pub(crate) struct Node(io::Result<Running>);

struct Running {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // At the end of its input it ends, whether it was told a folder or not.
        self.child.stdin = None;
        let _ = self.child.wait();
    }
}

/// What a package has and says of itself.
#[derive(Deserialize)]
pub(crate) struct Loaded {
    /// The names that wasm-bindgen's JavaScript exports.
    pub(crate) glue: Vec<String>,
    /// The names that the package exports.
    pub(crate) api: Vec<String>,
    /// What its `buildInfo` returns.
    pub(crate) info: Value,
}

impl Node {
    /// Starts one; what goes wrong is said when it is asked.
    pub(crate) fn start() -> Self {
        let mut node = command::command("node");
        node.args(["--input-type=module", "--eval", PROGRAM]);
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(node.spawn().and_then(|mut child| {
            let answers = BufReader::new(child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?);
            Ok(Running { child, answers })
        }))
    }

    /// Whether there is one, and recent enough.
    ///
    /// # Errors
    /// Which one is needed.
    pub(crate) fn check(&mut self) -> Result<()> {
        let wanted = "Node.js 20.19, 22.12 or newer is needed: https://nodejs.org";
        let Ok(node) = &mut self.0 else { bail!("cannot start `node`: {wanted}") };
        let mut version = String::new();
        node.answers.read_line(&mut version).context(wanted)?;
        let version = version.trim();
        let mut numbers = version.split('.').map_while(|part| part.parse().ok());
        let found: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        let [old, new] = OLDEST;
        if found < old || (found.0 > old.0 && found < new) {
            bail!("Node.js {version} is too old: {wanted}");
        }
        Ok(())
    }

    /// Loads the package in a folder.
    ///
    /// # Errors
    /// What Node.js says of a package that does not load.
    pub(crate) fn load(self, package: &Path) -> Result<Loaded> {
        let mut node = self.0.context("cannot start `node`")?;
        let folder = package.to_str().context("the package's path is no UTF-8")?;
        // Where it has ended already, its own words follow.
        let _ = node.child.stdin.take().map(|mut stdin| stdin.write_all(folder.as_bytes()));
        let (mut said, mut words) = (String::new(), String::new());
        node.answers.read_to_string(&mut said)?;
        node.child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut words)).transpose()?;
        if !node.child.wait()?.success() {
            bail!("the package does not load in Node.js: {}", words.trim());
        }
        let answer = said.lines().last().unwrap_or_default();
        serde_json::from_str(answer).context("the package's `buildInfo` returns no plain object")
    }
}
