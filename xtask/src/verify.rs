//! Whether a package is what the sources on disk say, asked of the package itself.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context, Result, anyhow, bail};

use crate::{
    digest::{self, Files, Inputs},
    node::{Loaded, Node},
    package::{self, BuildInfo},
    profile::Profile,
    workspace::{BINDING, Crate, Workspace},
};

/// How many file names an error lists.
const NAMES: usize = 10;

/// `cargo xtask verify`.
pub(crate) fn run(workspace: &Workspace, release: bool) -> Result<()> {
    let package = workspace.package_dir();
    let node = Node::start();
    let inputs = Inputs::read(workspace)?;
    let info = check(workspace, &package, &inputs, node)
        .and_then(|info| {
            if release && info.profile != Profile::Release.name() {
                bail!("the package is of the {} profile, without the optimisations", info.profile);
            }
            Ok(info)
        })
        .map_err(|error| anyhow!("{error:#}\nIt must not be published; `cargo xtask build` makes it anew"))?;
    println!("wasm-client/pkg is what the sources say: digest {}, {} profile", info.digest, info.profile);
    Ok(())
}

/// Checks a package folder against the sources.
///
/// # Errors
/// A package that is missing, unverified (not built by `cargo xtask build`), damaged, stale, or that answers another
/// digest than it was sealed with; the crates and files that differ are named.
pub(crate) fn check(workspace: &Workspace, package: &Path, inputs: &Inputs, node: Node) -> Result<BuildInfo> {
    if !package.is_dir() {
        bail!("there is no package: {} is missing", package.display());
    }
    let info = BuildInfo::read(package)
        .context("the package is unverified: it does not say what it was built from")?;
    let differ = differences(&info.files, &package::files(package)?);
    if !differ.is_empty() {
        bail!(
            "the package is unverified: these files are not as `cargo xtask build` made them: {}",
            listed(&differ)
        );
    }
    let differ = differences(&info.sources, &inputs.package);
    if !differ.is_empty() || info.digest != digest::of(&inputs.package) {
        let changed =
            |krate: &&Crate| info.crates.get(&krate.name) != Some(&digest::of(&inputs.crates[&krate.name]));
        let crates: Vec<&Crate> = workspace.crates.iter().filter(changed).collect();
        // Those that are built from one of these changed with it.
        let first = crates.iter().filter(|krate| {
            crates.iter().all(|other| other.name == krate.name || !krate.built_from.contains(&other.name))
        });
        let first: Vec<&str> = first.map(|krate| krate.name.as_str()).collect();
        let said = match (first.len(), crates.len() - first.len()) {
            (0, _) => "no crate changed since it was built".to_owned(),
            (_, 0) => format!("{} changed since it was built", first.join(", ")),
            _ => format!("{} changed since it was built, and what uses it", first.join(", ")),
        };
        bail!("the package is stale: {said}; these files differ: {}", listed(&differ));
    }
    let Loaded { glue, api, info: answer } = node.load(package)?;
    let lost: Vec<String> =
        glue.into_iter().filter(|name| package::is_api(name) && !api.contains(name)).collect();
    if !lost.is_empty() {
        bail!("the package does not export all that its module has; these are missing: {}", listed(&lost));
    }
    let expected = digest::of(&inputs.crates[BINDING]);
    match answer["digest"].as_str() {
        None => bail!("the package is unverified: its module was built without a digest"),
        Some(found) if found != expected => {
            bail!(
                "the package is stale: its module answers the digest {found}, and the sources have {expected}"
            )
        }
        Some(_) => {}
    }
    let version = workspace.binding.version.to_string();
    if answer["version"].as_str() != Some(&version) || answer["profile"].as_str() != Some(&info.profile) {
        bail!("the package answers {answer}, and {version} in the {} profile was built", info.profile);
    }
    Ok(info)
}

fn differences(before: &Files, now: &Files) -> Vec<String> {
    let paths: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let describe = |path: &&String| match (before.get(*path), now.get(*path)) {
        (Some(a), Some(b)) if a == b => None,
        (Some(_), Some(_)) => Some(format!("{path} (changed)")),
        (Some(_), None) => Some(format!("{path} (removed)")),
        _ => Some(format!("{path} (added)")),
    };
    paths.iter().filter_map(describe).collect()
}

fn listed(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMES);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
