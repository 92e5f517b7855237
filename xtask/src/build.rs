//! `cargo xtask build`: makes the package, and puts it in the place of the old one.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};
use unstale::Times;

use crate::compile::{Compiler, Profile};
use crate::package::{self, BuildInfo};
use crate::pipeline::Pipeline;
use crate::project::{BINDING, Project, step};
use crate::tools::Tools;

pub(crate) struct Options {
    pub(crate) profile: Profile,
    /// The digest that the sources must have.
    pub(crate) expect: Option<String>,
    /// The sources are a copy, whose times may be changed.
    pub(crate) by_content: bool,
}

/// Builds the package into wasm-client/pkg. Whatever fails, the old package stays as it was.
pub(crate) fn run(project: &Project, options: &Options) -> Result<()> {
    let start = Instant::now();
    let tools = Tools::ensure(project)?;
    step("tools", start, &tools.to_string());

    let mut compiler = Compiler::new(project, &tools, BINDING, options.profile)?;
    if options.by_content {
        compiler.options.times = Times::OfCopy;
    }
    let old = project.package_dir();
    package::tidy(&old)?;
    // Builds in other target folders may run now.
    let id = unstale::hash(compiler.dir.path().as_os_str().as_encoded_bytes());
    let new = old.with_file_name(format!(".pkg-new-{}", &id[..12]));
    package::check_writable(&new)?;
    let current = BuildInfo::whole(&old);
    let pipeline =
        Pipeline { compiler: &compiler, out: &new, current: current.as_ref(), expect: options.expect.as_deref() };

    let made = pipeline.run()?;
    if made.is_new {
        package::exchange(&new, &old)?;
        // It would be older than the package.
        package::remove_tarballs(project)?;
    }
    let state = if made.is_new { "new" } else { "unchanged" };
    let size = fs::metadata(package::module(&old)?).context("the package has no module")?.len();
    let digest = made.info.package_digest;
    let said = format!("wasm-client/pkg matches the sources: {state}, {size} bytes of wasm, package digest {digest}");
    step("done", start, &said);
    Ok(())
}
