//! The page on containers: its blocks as they stand there, on a small workspace whose files are edited with old times, and
//! the same with plain cargo.
//!
//! What differs from the page: `cargo-unstale` is installed from this repository, and the program is taken out of the build
//! stage.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use filetime::FileTime;
use walkdir::WalkDir;

use crate::command::{Said, run, words};

const FILES: [(&str, &str); 6] = [
    ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n"),
    (
        "crates/app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nregex = \"1\"\n\
         words = { path = \"../words\" }\n",
    ),
    (
        "crates/app/src/main.rs",
        "fn main() {\n    let word = regex::Regex::new(\"[a-z]+\").unwrap();\n    \
         println!(\"{}\", word.find(words::TEXT).unwrap().as_str());\n}\n",
    ),
    ("crates/words/Cargo.toml", "[package]\nname = \"words\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
    ("crates/words/src/lib.rs", "pub const TEXT: &str = include_str!(\"../data/words.txt\");\n"),
    ("crates/words/data/words.txt", "none\n"),
];

/// What the page runs, and what it is compared with.
const OURS: &str = "cargo unstale --by-content build";
const PLAIN: &str = "cargo build";

/// How the page installs the command, and how it is installed here.
const INSTALL: &str = "RUN cargo install --locked cargo-unstale";
const INSTALL_HERE: &str = "RUN cargo install --locked --path /tools/cargo-unstale";

/// The stand-in for the official image has Debian's paths.
const PATHS: &str = "ENV CARGO_HOME=/usr/local/cargo \
                     PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The guide's page.
struct Page {
    text: String,
}

/// Where the workspace is, and what is installed in the containers.
struct Place {
    app: PathBuf,
    tools: PathBuf,
    edits: Cell<i64>,
    _work: tempfile::TempDir,
}

/// What builds a page's block.
#[derive(Clone, Copy, PartialEq)]
enum Builder {
    Buildctl,
    Earth,
}

pub(crate) fn play() -> Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let page = Page { text: fs::read_to_string(repository.join("cargo-unstale/docs/containers.md"))? };
    let place = Place::prepare(&repository, &page)?;

    println!("| page | command | first build | data edited, old time | edited back, old time |");
    println!("| --- | --- | --- | --- | --- |");
    if is_on_path("buildctl") && env::var_os("BUILDKIT_HOST").is_some() {
        let whole = page.block("dockerfile", "# syntax")?;
        place.play("Dockerfile", Builder::Buildctl, whole)?;
        place.play("read-only sources", Builder::Buildctl, &read_only(whole, page.block("dockerfile", "RUN")?)?)?;
    } else {
        println!("SKIPPED: the Dockerfiles: there is no buildctl on PATH, or no BUILDKIT_HOST");
    }
    if is_on_path("earth") {
        place.play("Earthfile", Builder::Earth, page.block("text", "VERSION")?)?;
    } else {
        println!("SKIPPED: the Earthfile: there is no earth on PATH");
    }
    Ok(())
}

/// The whole Dockerfile, with the sources in a mount instead of a copy.
fn read_only(whole: &str, mounted: &str) -> Result<String> {
    let (head, rest) = whole.split_once("COPY . .").context("the Dockerfile copies no sources")?;
    let (_, tail) = rest.split_once("FROM debian").context("the Dockerfile has no second stage")?;
    let run = mounted.trim_end();
    Ok(format!("{head}{run} && install -D /target/release/app /out/app\n\nFROM debian{tail}"))
}

fn is_on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

impl Page {
    /// The block of a language that begins with a word.
    fn block(&self, language: &str, word: &str) -> Result<&str> {
        let fence = format!("```{language}\n");
        let mut blocks = self.text.split(&fence).skip(1).filter_map(|rest| rest.split("```").next());
        let block = blocks.find(|block| block.starts_with(word));
        block.with_context(|| format!("the page has no {language} block that begins with {word}"))
    }
}

impl Place {
    fn prepare(repository: &Path, page: &Page) -> Result<Self> {
        let work = tempfile::tempdir()?;
        let root = work.path().canonicalize()?;
        let place = Self { app: root.join("app"), tools: root.join("tools"), edits: Cell::new(0), _work: work };

        for name in ["unstale", "cargo-unstale"] {
            copy(&repository.join(name), &place.tools.join(name))?;
        }
        for (name, text) in FILES {
            place.write(name, text)?;
        }
        let ignored = format!("{}out\n", page.block("text", "target")?);
        for name in [".dockerignore", ".earthlyignore"] {
            place.write(name, &ignored)?;
        }
        run(words("cargo generate-lockfile --quiet").current_dir(&place.app))?;
        Ok(place)
    }

    /// Writes a file with an old time of its own: clients do not send a file whose size and time are as before.
    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.app.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(&path, text)?;
        let edits = self.edits.replace(self.edits.get() + 1);
        filetime::set_file_mtime(&path, FileTime::from_unix_time(1_000_000_000 + 1_000 * edits, 0))?;
        Ok(())
    }

    /// Builds a block with ours and with plain cargo, from edits with old times. The mounts of both are their own.
    fn play(&self, title: &str, builder: Builder, block: &str) -> Result<()> {
        for command in [OURS, PLAIN] {
            ensure!(block.contains(OURS) && block.contains(INSTALL), "the block of {title} calls or installs nothing");
            let mount = format!("trial-{}-{}", std::process::id(), self.edits.get());
            self.prepare_block(builder, &block.replace(OURS, command).replace("app-target", &mount))?;

            let mut cells = Vec::new();
            for word in ["alpha", "bravo", "alpha"] {
                self.write("crates/words/data/words.txt", &format!("{word}\n"))?;
                let said = self.build(builder)?;
                let value = run(&mut Command::new(self.app.join("out/app")))?.text;
                let is_right = value.trim() == word;
                let verdict = if is_right { "right".to_owned() } else { format!("**{}**", value.trim()) };
                cells.push(format!("{verdict}, {} local crates, {:.0} s", said.compiled("/src").len(), said.seconds));
            }
            println!("| {title} | `{command}` | {} |", cells.join(" | "));
        }
        Ok(())
    }

    /// Writes what the page has, and what differs from it here.
    fn prepare_block(&self, builder: Builder, block: &str) -> Result<()> {
        match builder {
            Builder::Buildctl => {
                let installed = block.replace(INSTALL, &format!("COPY --from=tools . /tools\n{PATHS}\n{INSTALL_HERE}"));
                let lines: Vec<&str> = installed.lines().filter(|line| !line.starts_with("# syntax")).collect();
                let trial = "FROM scratch AS trial\nCOPY --from=build /out/app /app\n";
                self.write("Dockerfile", &format!("{}\n\n{trial}", lines.join("\n")))
            }
            Builder::Earth => {
                copy(&self.tools, &self.app.join("out/tools"))?;
                self.write(".earthlyignore", "target\n.git\nout/app\n")?;
                let here = format!("{PATHS}\n    COPY out/tools /tools\n    {INSTALL_HERE}");
                let block = block.replace(INSTALL, &here);
                self.write("Earthfile", &block.replace("COPY . .", "COPY --dir Cargo.toml Cargo.lock crates ."))
            }
        }
    }

    fn build(&self, builder: Builder) -> Result<Said> {
        let mut command = match builder {
            Builder::Buildctl => words(
                "buildctl build --progress=plain --frontend=dockerfile.v0 --opt=target=trial --local=context=. \
                 --local=dockerfile=. --opt=context:tools=local:tools --output=type=local,dest=out",
            ),
            Builder::Earth => words("earth +build"),
        };
        if builder == Builder::Buildctl {
            command.arg(format!("--local=tools={}", self.tools.display()));
        }
        run(command.current_dir(&self.app))
    }
}

/// Copies a folder without what was built in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from).into_iter().filter_entry(|entry| entry.file_name() != "target") {
        let entry = entry?;
        let to = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
