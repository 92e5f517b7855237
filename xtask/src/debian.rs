//! Debian's packages: installed as root where they are missing, and asked for by one command where this is not root.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::command::{self, say};

/// Installs those that are missing.
///
/// # Errors
/// Another system, another user than root (with the command to run), or what apt-get says.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    // A package that another one only names is shown as well, with another state.
    let mut query = command::command("dpkg-query");
    let states = command::output(query.args(["--show", "--showformat=${db:Status-Status}\n"]).args(packages));
    if states.is_ok_and(|states| states.lines().all(|state| state == "installed")) {
        return Ok(());
    }
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!("this is neither Debian nor Ubuntu, whose {} would be installed", packages.join(", "));
    }
    if command::is_offline() {
        bail!("Debian's {} would be installed, and that needs the network", packages.join(", "));
    }
    let command = format!("apt-get install --yes {}", packages.join(" "));
    let uid = command::output(command::command("id").arg("-u"))?;
    if uid.trim() != "0" {
        bail!("run `sudo {command}` once, then this again");
    }
    say(format_args!("  installing Debian's {} (as root, by apt-get)", packages.join(", ")));
    // What it says is for the case that it fails.
    let apt = |arguments: &[&str]| {
        command::quiet(command::command("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "-qq"])?;
    let mut arguments = vec!["install", "--yes", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments).with_context(|| format!("`{command}` failed"))
}
