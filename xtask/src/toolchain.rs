//! A Rust that can compile for WebAssembly: the one at hand, the target added by rustup, or, where rustup's servers
//! are out of reach, Debian's compiler with a standard library made from Debian's sources.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{
    command::{self, Started, say},
    debian, digest, tools,
    workspace::Workspace,
};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages; they lie beside any rustup and change nothing for it.
const PACKAGES: [&str; 6] =
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "rustfmt-web", "lld-22"];

/// Changes whenever the way `make_private` works does: a toolchain is never rebuilt in place, for cargo would not see
/// that the standard library is another.
const RECIPE: &str = "1";

/// Which cargo and rustc to call, and what identifies them.
pub(crate) struct Toolchain {
    /// Set where it is a private one: its folder.
    private: Option<PathBuf>,
    /// `rustc -vV` and a hash of the target's standard library: cargo looks at the first alone, and two libraries
    /// under one version do not mix.
    pub(crate) identity: String,
    /// The first line of `rustc -V`.
    pub(crate) version: String,
}

impl Toolchain {
    /// The one on PATH, if it has the target. `XTASK_TOOLCHAIN=debian` asks for the private one instead.
    pub(crate) fn at_hand() -> Result<Option<Self>> {
        if wants_private() { Ok(None) } else { Self::at(None) }
    }

    /// The private one, or installs what is missing.
    ///
    /// # Errors
    /// Where there is none to be had: what to do, in one command.
    pub(crate) fn install(workspace: &Workspace) -> Result<Self> {
        let mut tried = "rustc has no standard library for it".to_owned();
        let private = private_dir(workspace);
        if private.is_none() && !wants_private() {
            match add_by_rustup() {
                Ok(()) => {
                    if let Some(found) = Self::at(None)? {
                        return Ok(found);
                    }
                }
                Err(error) => tried = format!("{error:#}"),
            }
        }
        let dir = match private {
            Some(dir) => dir,
            None => make_private(workspace).with_context(|| {
                format!("no Rust for {TARGET}: {tried}. Where rustup's servers can be reached, `rustup target add {TARGET}` is all it takes")
            })?,
        };
        let name = dir.display().to_string();
        Self::at(Some(dir))?
            .with_context(|| format!("the toolchain in {name} is damaged: delete that folder"))
    }

    /// The toolchain in `private` (else the one on PATH), if it has the target.
    fn at(private: Option<PathBuf>) -> Result<Option<Self>> {
        let found = Self { private, identity: String::new(), version: String::new() };
        let ask = |question: &[&str]| {
            let mut rustc = found.command("rustc", None);
            rustc.args(question);
            Started::new(rustc)
        };
        let (version, sysroot) = (ask(&["-vV"]), ask(&["--print", "sysroot"]));
        let version = version.output().context("Rust is needed: https://rustup.rs installs it")?;
        let sysroot = sysroot.output()?;
        let std = Path::new(sysroot.trim_end()).join("lib/rustlib").join(TARGET).join("lib");
        if !std.is_dir() {
            return Ok(None);
        }
        let libraries = digest::of(&digest::of_folder(&std)?);
        let identity = format!("{version}std {libraries}");
        let version = version.lines().next().unwrap_or_default().to_owned();
        Ok(Some(Self { identity, version, ..found }))
    }

    /// `program` of this toolchain, with `tools` first on its PATH.
    pub(crate) fn command(&self, program: &str, tools: Option<&Path>) -> Command {
        let mut path: Vec<PathBuf> = self.private.iter().map(|dir| dir.join("bin")).collect();
        path.extend(tools.map(Path::to_owned));
        let program = match &self.private {
            Some(dir) if dir.join("bin").join(program).exists() => {
                dir.join("bin").join(program).into_os_string()
            }
            _ => OsString::from(program),
        };
        let mut command = command::command(program);
        if let Some(dir) = &self.private {
            command
                .env_remove("RUSTUP_TOOLCHAIN")
                .env_remove("CARGO")
                .env_remove("RUSTC")
                .env_remove("RUSTDOC");
            command.env("LD_LIBRARY_PATH", dir.join("lib"));
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-22");
        }
        let old = env::var_os("PATH").unwrap_or_default();
        path.extend(env::split_paths(&old));
        command.env("PATH", env::join_paths(path).unwrap_or(old));
        command
    }

    /// Identifies all that decides a build besides the sources, in a few letters: the name of its target folder.
    pub(crate) fn key(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.identity);
        // The person's own configuration may hold flags; two variants in one folder would overwrite each other.
        let home = command::cargo_home();
        for name in ["config.toml", "config"] {
            let file = home.as_ref().and_then(|home| fs::read(home.join(name)).ok());
            hash.update(digest::of_bytes(&file.unwrap_or_default()));
        }
        hash.finalize().iter().take(4).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

fn wants_private() -> bool {
    env::var_os("XTASK_TOOLCHAIN").is_some_and(|wish| wish == "debian")
}

fn add_by_rustup() -> Result<()> {
    let mut rustup = command::command("rustup");
    command::output(rustup.args(["target", "add", TARGET])).map(drop)
}

/// The private toolchain's folder, where it is complete and of the compiler installed now.
fn private_dir(workspace: &Workspace) -> Option<PathBuf> {
    let dir = private_name().map(|name| tools::dir(workspace).join(name)).ok()?;
    dir.is_dir().then_some(dir)
}

fn private_name() -> Result<String> {
    let mut query = command::command("dpkg-query");
    let version = command::output(query.args(["--show", "--showformat=${Version}", "rustc-web"]))?;
    let version: String = version.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    Ok(format!("rust-debian-{version}-{RECIPE}"))
}

/// Lays out a folder that works as a sysroot: links to Debian's compiler and a standard library of our own making.
fn make_private(workspace: &Workspace) -> Result<PathBuf> {
    debian::install(&PACKAGES)?;
    let dir = tools::dir(workspace).join(private_name()?);
    if dir.is_dir() {
        return Ok(dir);
    }
    say(format_args!(
        "  making the standard library for {TARGET} from Debian's sources: about 2 minutes, once"
    ));
    tools::install_into(&dir, |new| {
        for folder in ["bin", "lib", &format!("lib/rustlib/{TARGET}/lib"), "std/src"] {
            fs::create_dir_all(new.join(folder))?;
        }
        fs::write(new.join("std/src/lib.rs"), "")?;
        let manifest =
            "[package]\nname = \"std-for-wasm\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n";
        fs::write(new.join("std/Cargo.toml"), manifest)?;
        let mut cargo = command::command("/usr/bin/cargo");
        cargo
            .args(["build", "--release", "--target", TARGET, "--manifest-path"])
            .arg(new.join("std/Cargo.toml"));
        cargo.arg("--target-dir").arg(new.join("std/target"));
        // `test` for wasm-bindgen-test; the bitcode for link-time optimisation.
        cargo.arg("-Zbuild-std=std,panic_abort,test");
        cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes");
        cargo.env("PATH", "/usr/bin:/bin").env_remove("RUSTUP_TOOLCHAIN").env_remove("LD_LIBRARY_PATH");
        cargo.env_remove("CARGO").env_remove("RUSTC");
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-22");
        command::run(&mut cargo)?;
        let built = new.join("std/target").join(TARGET).join("release/deps");
        for entry in fs::read_dir(built)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".rlib") && !name.starts_with("libstd_for_wasm") {
                fs::copy(&path, new.join("lib/rustlib").join(TARGET).join("lib").join(name))?;
            }
        }
        fs::remove_dir_all(new.join("std"))?;
        link_compiler(new)
    })?;
    Ok(dir)
}

#[cfg(unix)]
fn link_compiler(new: &Path) -> Result<()> {
    use std::os::unix::fs::symlink;
    for program in ["rustc", "cargo", "rustdoc", "clippy-driver", "cargo-clippy", "rustfmt", "cargo-fmt"] {
        symlink(Path::new("/usr/bin").join(program), new.join("bin").join(program))?;
    }
    let printed = command::output(command::command("/usr/bin/rustc").args(["-vV"]))?;
    let host =
        printed.lines().find_map(|line| line.strip_prefix("host: ")).context("`rustc -vV` names no host")?;
    symlink(Path::new("/usr/lib/rustlib").join(host), new.join("lib/rustlib").join(host))?;
    // rustc takes its sysroot from where this library lies: a copy, not a link.
    let linked = command::output(command::command("ldd").arg("/usr/bin/rustc"))?;
    let driver =
        linked.split_whitespace().find(|word| word.starts_with('/') && word.contains("librustc_driver"));
    let driver = Path::new(driver.context("`ldd /usr/bin/rustc` names no librustc_driver")?);
    fs::copy(driver, new.join("lib").join(driver.file_name().unwrap_or_default()))?;
    Ok(())
}

#[cfg(not(unix))]
fn link_compiler(_new: &Path) -> Result<()> {
    bail!("Debian's compiler is for Debian")
}
