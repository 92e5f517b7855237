//! Keeps a copy of the sources that this program is compiled from: `itself.rs` compares it with those on disk.

use std::{env, fs, io, path::Path};

include!("src/sources.rs");

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src");
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("sources"), sources(Path::new("src"))?)
}
