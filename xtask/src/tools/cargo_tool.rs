//! Tools that cargo compiles: wasm-pack and the wasm-bindgen CLI.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use super::answers::{Answers, version_in};
use super::{dir_of, install_into};
use crate::project::say;

pub(super) struct CargoTool<'a> {
    /// The crate.
    name: &'static str,
    program: &'static str,
    version: &'a str,
    /// Where the version comes from.
    pinned_by: &'static str,
    /// Whether it may be compiled without optimisations: a tool that only starts others.
    is_light: bool,
}

impl<'a> CargoTool<'a> {
    pub(super) fn wasm_pack(version: &'a str) -> Self {
        let pinned_by = "xtask/tools/cargo.txt";
        Self { name: "wasm-pack", program: "wasm-pack", version, pinned_by, is_light: true }
    }

    pub(super) fn wasm_bindgen(version: &'a str) -> Self {
        let pinned_by = "Cargo.lock, by the version of the crate wasm-bindgen";
        Self { name: "wasm-bindgen-cli", program: "wasm-bindgen", version, pinned_by, is_light: false }
    }

    /// The folder with the program, installed if it is missing; none if PATH has that version.
    pub(super) fn ensure(&self, tools: &Path, sh: &Shell, answers: &mut Answers) -> Result<Option<PathBuf>> {
        let dir = dir_of(tools, self.name, self.version);
        if dir.is_dir() {
            return Ok(Some(dir.join("bin")));
        }
        let found = answers.ask(Path::new(self.program), &["--version"]);
        let found = found.as_deref().and_then(version_in);
        if found == Some(self.version) {
            return Ok(None);
        }

        let Self { name, version, pinned_by, .. } = self;
        let on_path = found.map_or("is none".to_owned(), |found| format!("is {found}"));
        say(format_args!(
            "compiling {name} {version}, once, which takes 2 to 10 minutes. It is pinned by {pinned_by}; on PATH there \
             {on_path}. `cargo binstall {name}@{version}` beforehand takes seconds"
        ));
        install_into(&dir, |new| self.install(sh, new)).with_context(|| {
            format!("cannot install {name} {version}: it needs crates.io once, or that version on PATH")
        })?;
        Ok(Some(dir.join("bin")))
    }

    fn install(&self, sh: &Shell, root: &Path) -> Result<()> {
        let crate_version = format!("{}@{}", self.name, self.version);
        let light = self.is_light.then_some("--debug");
        let quiet = (!io::stderr().is_terminal()).then_some("--quiet");
        let target_dir = root.join("target");
        // Not in the checkout, whose configuration may name a vendored registry or another target.
        let _elsewhere = sh.push_dir(env::temp_dir());
        let install = |locked: Option<&str>| {
            let install = cmd!(sh, "cargo install {locked...} {quiet...} {light...} --target host-tuple --root {root}");
            install.arg("--target-dir").arg(&target_dir).arg(&crate_version).quiet().run()
        };
        if let Err(error) = install(Some("--locked")) {
            ensure!(!has_compiled(&target_dir), error);
            // Its lock file may name a version that has been yanked since.
            say(format_args!(
                "{crate_version} cannot be installed with its own lock file ({error}): trying without it"
            ));
            install(None)?;
        }
        Ok(sh.remove_path(target_dir)?)
    }
}

/// Whether cargo had all crates, and began to compile: before that, it writes no folder.
fn has_compiled(target_dir: &Path) -> bool {
    let entries = fs::read_dir(target_dir).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.path().is_dir())
}
