//! The compiler, and the standard library of the wasm target.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use unstale::Toolchain;
use xshell::{Shell, cmd};

use super::answers::{Answers, ask_now};
use crate::project::TARGET;

pub(super) struct Rust {
    pub(super) toolchain: Toolchain,
    /// The first line of `rustc -vV`.
    pub(super) rustc: String,
    /// The toolchain's own programs, in front of which rustup puts others that have to find them each time.
    pub(super) bin: Option<PathBuf>,
}

impl Rust {
    /// Finds the toolchain that runs this program, and adds the wasm target if rustup can.
    pub(super) fn find(sh: &Shell, answers: &mut Answers) -> Result<Self> {
        let bin = own_bin();
        let mut ask = |program: &str, arguments: &[&str]| match &bin {
            Some(bin) => answers.ask(&bin.join(program), arguments),
            // rustup's `rustc` stands for that of any toolchain.
            None => ask_now(Path::new(program), arguments),
        };
        let needed = "`rustc` does not run: get it from https://rustup.rs";
        let rustc = ask("rustc", &["-vV"]).context(needed)?;
        let cargo = ask("cargo", &["-vV"]).context("`cargo` does not run: get it from https://rustup.rs")?;
        let std = ask("rustc", &["--print", "target-libdir", "--target", TARGET]).context(needed)?;

        let std = PathBuf::from(std);
        if !std.is_dir() {
            let added = cmd!(sh, "rustup target add {TARGET}").quiet().run();
            ensure!(
                added.is_ok() && std.is_dir(),
                "rustc has no {TARGET}: run `rustup target add {TARGET}`, or install it with your system's packages"
            );
        }
        Ok(Self {
            rustc: rustc.lines().next().unwrap_or_default().to_owned(),
            toolchain: Toolchain { version: format!("{rustc}\n{cargo}"), libraries: listing(&std)? },
            bin,
        })
    }
}

/// The folder of the cargo that runs this program, if it has the compiler, too.
fn own_bin() -> Option<PathBuf> {
    let cargo = PathBuf::from(env::var_os("CARGO")?);
    let bin = cargo.parent()?.to_owned();
    let has = |name: &str| bin.join(name).with_extension(env::consts::EXE_EXTENSION).is_file();
    // rustup's own programs are in one folder with it.
    (has("cargo") && has("rustc") && !has("rustup")).then_some(bin)
}

/// The names, sizes and times of a folder's files: the same version of a standard library may be built twice.
fn listing(dir: &Path) -> Result<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let name = entry.file_name();
        lines.push(format!("{} {} {:?}\n", name.display(), metadata.len(), metadata.modified()?));
    }
    lines.sort();
    Ok(unstale::hash(lines.concat().as_bytes()))
}
