//! The compiler, and the standard library of the wasm target.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use unstale::{TargetDir, Toolchain};
use xshell::{Shell, cmd};

use super::answers::{Answers, ask_now};
use crate::project::TARGET;

pub(crate) struct Rust {
    /// What `rustc -vV` and `cargo -V` say.
    pub(crate) version: String,
    /// The wasm target's libraries.
    libdir: PathBuf,
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
        let cargo = ask("cargo", &["-V"]).context("`cargo` does not run: get it from https://rustup.rs")?;
        let libdir = ask("rustc", &["--print", "target-libdir", "--target", TARGET]).context(needed)?;

        let libdir = PathBuf::from(libdir);
        if !libdir.is_dir() {
            let added = cmd!(sh, "rustup target add {TARGET}").quiet().run();
            ensure!(
                added.is_ok() && libdir.is_dir(),
                "rustc has no {TARGET}: run `rustup target add {TARGET}`, or install it with your system's packages"
            );
        }
        Ok(Self { version: format!("{rustc}\n{cargo}"), libdir, bin })
    }

    /// The first line of `rustc -vV`.
    pub(crate) fn rustc(&self) -> &str {
        self.version.lines().next().unwrap_or_default()
    }

    /// What a target folder has to know of it.
    pub(crate) fn toolchain(&self, dir: &TargetDir) -> Result<Toolchain> {
        Ok(Toolchain::read(self.version.clone(), &self.libdir, dir)?)
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
