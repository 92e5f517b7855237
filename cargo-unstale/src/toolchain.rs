//! What identifies a toolchain: what its programs say, and the contents of its libraries.
//!
//! The same version of the standard library may be built twice. Crates that were compiled with different ones do not mix, and
//! cargo does not notice. An installer dates files as it likes, often with the present time, so contents have to be compared.
//! That takes a second: the result is kept for as long as names, sizes and times stay.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use unstale::{Toolchain, hash};

use crate::project::{cargo, output};
use crate::shell;

/// In cargo's target directory: a hash of names, sizes and times, and that of the contents.
const KEPT: &str = ".unstale/libraries.json";

/// A file of the standard library.
struct Library {
    path: PathBuf,
    /// Its name, size and time.
    stat: String,
}

pub(crate) fn find(target_dir: &Path) -> anyhow::Result<Toolchain> {
    // Cargo has accepted the configuration. If only cargo can read it, cargo itself notices another compiler.
    let configured = cargo_config2::Config::load().ok().and_then(|config| config.build.rustc);
    let rustc: OsString = configured.map_or_else(|| "rustc".into(), Into::into);
    let ask = |program: &OsString, question: &[&str]| output(Command::new(program).args(question));
    let cargo = cargo().get_program().to_owned();
    let version = format!("{}\n{}", ask(&rustc, &["-vV"])?, ask(&cargo, &["-vV"])?);

    let of_host = PathBuf::from(ask(&rustc, &["--print", "target-libdir"])?);
    let libraries = libraries(&of_host)?;
    let stats: Vec<&str> = libraries.iter().map(|library| library.stat.as_str()).collect();
    let stats = hash(stats.join("\n").as_bytes());
    let kept = target_dir.join(KEPT);
    if let Some(contents) = kept_contents(&kept, &stats) {
        return Ok(Toolchain { version, libraries: contents });
    }

    let contents = shell::patiently("reading the toolchain's libraries".to_owned(), || contents_of(&libraries))?;
    let text = serde_json::to_string(&[&stats, &contents])?;
    // Where that cannot be written, as nothing was built yet, the next command reads them again.
    let _ = fs::write(kept, text);
    Ok(Toolchain { version, libraries: contents })
}

fn kept_contents(kept: &Path, stats: &str) -> Option<String> {
    let text = fs::read_to_string(kept).ok()?;
    let [of_stats, contents]: [String; 2] = serde_json::from_str(&text).ok()?;
    (of_stats == stats).then_some(contents)
}

fn contents_of(libraries: &[Library]) -> anyhow::Result<String> {
    let mut hashes = String::new();
    for Library { path, .. } in libraries {
        hashes += &hash(&fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(hash(hashes.as_bytes()))
}

/// The libraries of all targets that are installed: the next build may be for another one.
fn libraries(of_host: &Path) -> anyhow::Result<Vec<Library>> {
    let mut dirs = vec![of_host.to_owned()];
    // The folder of a target is beside that of the host.
    let targets = of_host.ancestors().nth(2).and_then(|targets| fs::read_dir(targets).ok());
    for target in targets.into_iter().flatten().flatten() {
        let dir = target.path().join("lib");
        if dir.is_dir() && dir != of_host {
            dirs.push(dir);
        }
    }

    let mut libraries = Vec::new();
    for dir in dirs {
        let unreadable = || format!("cannot read {}", dir.display());
        for entry in fs::read_dir(&dir).with_context(unreadable)? {
            let path = entry.with_context(unreadable)?.path();
            let metadata = fs::metadata(&path).with_context(unreadable)?;
            if metadata.is_file() {
                let modified = metadata.modified().with_context(unreadable)?;
                let stat = format!("{} {} {modified:?}", path.display(), metadata.len());
                libraries.push(Library { path, stat });
            }
        }
    }
    libraries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(libraries)
}
