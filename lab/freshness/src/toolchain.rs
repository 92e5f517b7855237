//! The toolchain, twice: copies by hard links, with a `rustc` in front that notes each crate it is started for. The
//! second copy has another standard library under the same `rustc -vV`: one message in it differs by a letter.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::{process, tree};

/// A message of the standard library that the fixture's package contains.
const MESSAGE: &[u8] = b"called `Option::unwrap()` on a `None` value";
/// What the other standard library says instead.
const OTHER_MESSAGE: &[u8] = b"called `Option::unwrap()` on a `none` value";

const STD: &str = "lib/rustlib/wasm32-unknown-unknown/lib";

const RUSTC: &str = r#"#!/bin/sh
# Notes the crate, then is rustc.
case " $* " in
*" --crate-name ___ "*) ;;
# A compiler cache asks what a crate is made from, and what it will be called; nothing is compiled then.
*" --emit dep-info "* | *" --print file-names "* | *" --print=file-names "*) ;;
*" --crate-name "*) [ -z "$LAB_COMPILED" ] || printf '%s\n' "$CARGO_PKG_NAME" >>"$LAB_COMPILED" ;;
esac
exec "${0%/*}/rustc.real" "$@"
"#;

pub(crate) struct Toolchain {
    /// Where the copy in use is.
    dir: PathBuf,
    /// Where the other one is.
    other: PathBuf,
    /// What `rustc -vV` says.
    version: String,
}

impl Toolchain {
    /// Finds or makes both copies of a toolchain, by rustup's name; without one it is the one in use in `project`.
    ///
    /// # Errors
    /// A toolchain that is not there, or without the target.
    pub(crate) fn find(name: &str, project: &Path, store: &Path) -> Result<Self> {
        let ask = |arguments: &[&str]| {
            let mut rustc = Command::new("rustc");
            if !name.is_empty() {
                rustc.env("RUSTUP_TOOLCHAIN", name);
            }
            process::output(rustc.args(arguments).current_dir(project))
        };
        let version = ask(&["-vV"])?;
        let dir = store.join(tree::hash(&[version.as_bytes(), RUSTC.as_bytes()]));
        let toolchain = Self { other: dir.with_extension("other"), dir, version };

        if !(toolchain.dir.is_dir() && toolchain.other.is_dir()) {
            let sysroot = ask(&["--print", "sysroot"])?;
            toolchain.make(Path::new(sysroot.trim()))?;
        }
        Ok(toolchain)
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn bin(&self) -> PathBuf {
        self.dir.join("bin")
    }

    /// Puts the second standard library in the place of the first, or back.
    ///
    /// # Errors
    /// A folder that cannot be renamed.
    pub(crate) fn use_other(&self, other: bool) -> Result<()> {
        if self.dir.join("other").exists() != other {
            let swap = self.dir.with_extension("swap");
            fs::rename(&self.dir, &swap)?;
            fs::rename(&self.other, &self.dir)?;
            fs::rename(&swap, &self.other)?;
        }
        Ok(())
    }

    fn make(&self, sysroot: &Path) -> Result<()> {
        if !sysroot.join(STD).is_dir() {
            bail!("rustc in {} has no wasm32-unknown-unknown: `rustup target add` it first", sysroot.display());
        }
        eprintln!("  the toolchain is copied, by links where that is possible");
        let new = self.dir.with_extension("new");
        link(sysroot, &new)?;
        fs::rename(new.join("bin/rustc"), new.join("bin/rustc.real"))?;
        tree::write_script(&new.join("bin/rustc"), RUSTC)?;

        // Of the copy, so that links are possible even if the toolchain itself is on another disk.
        let new_other = self.dir.with_extension("new-other");
        link(&new, &new_other)?;
        fs::write(new_other.join("other"), "")?;
        if change_std(&new_other.join(STD))? == 0 {
            bail!("the standard library has no message that the lab can change: its second toolchain cannot be made");
        }

        tree::remove(&self.dir)?;
        fs::rename(new, &self.dir)?;
        tree::remove(&self.other)?;
        fs::rename(new_other, &self.other)?;
        Ok(())
    }
}

/// Copies a folder by links, or where these are not possible, whole.
fn link(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    for how in ["-al", "-a"] {
        tree::remove(to)?;
        if process::output(Command::new("cp").arg(how).args([from, to])).is_ok() {
            return Ok(());
        }
    }
    bail!("cannot copy {} to {}", from.display(), to.display())
}

/// Changes the message in each library that has it. How many have.
fn change_std(dir: &Path) -> Result<usize> {
    let mut changed = 0;
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension() != Some("rlib".as_ref()) {
            continue;
        }
        let mut bytes = fs::read(&path)?;
        if replace(&mut bytes, MESSAGE, OTHER_MESSAGE) > 0 {
            // Removed first: it is a link to the toolchain's own.
            fs::remove_file(&path)?;
            fs::write(&path, bytes)?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// Replaces each `from` by `to`, which is as long. How often it was there.
fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) -> usize {
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    for at in &places {
        bytes[*at..*at + to.len()].copy_from_slice(to);
    }
    places.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_message_differs_in_one_letter() {
        assert_eq!(MESSAGE.len(), OTHER_MESSAGE.len());
        let mut bytes = [b"before ", MESSAGE, b" between ", MESSAGE].concat();
        assert_eq!(replace(&mut bytes, MESSAGE, OTHER_MESSAGE), 2);
        assert_eq!(bytes, [b"before ", OTHER_MESSAGE, b" between ", OTHER_MESSAGE].concat());
    }
}
