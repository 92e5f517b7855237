//! Checks that the package matches the sources on disk.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow, ensure};

use crate::build::Builder;
use crate::fresh::{Files, Graph, Inputs, Profile};
use crate::package::{self, BuildInfo};
use crate::project::{BINDING, Project};
use crate::tools::Tools;

/// `cargo xtask verify`: refuses a package that is missing, that `cargo xtask build` did not make, that was changed since,
/// or that was built from other sources, and names the crates and files that differ. Returns the line to print.
pub(crate) fn run(project: &Project, rebuild: bool) -> Result<String> {
    let (graph, inputs) = project.inputs(BINDING)?;
    let checked = check(project, &graph, &inputs).and_then(|info| {
        if rebuild {
            ensure!(info.profile == Profile::Release.name(), "it was built in the dev profile, without optimisations");
            check_rebuilt(project, &graph, &inputs, &info)?;
        }
        Ok(info)
    });
    let info = checked.map_err(|error| anyhow!("{error:#}\nRun `cargo xtask build` again"))?;
    Ok(format!("wasm-client/pkg matches the sources: digest {}, {} profile", info.digest, info.profile))
}

fn check(project: &Project, graph: &Graph, inputs: &Inputs) -> Result<BuildInfo> {
    let package = project.package_dir();
    ensure!(package.is_dir(), "there is no package: {} is missing", package.display());
    let info =
        BuildInfo::read(&package).context("the package is unverified: it does not say what it was built from")?;
    let differ = differences(&info.files, &package::files(&package)?);
    let as_built = "the package is unverified: these files are not as `cargo xtask build` made them";
    ensure!(differ.is_empty(), "{as_built}: {}", differ.join(", "));
    let differ = differences(&info.sources, &inputs.all());
    let is_of = |path: &str, dir: &str| path.strip_prefix(dir).is_some_and(|rest| rest.starts_with(['/', ' ']));
    let is_changed = |dir: &String| differ.iter().any(|path| is_of(path, dir) && !is_of(path, "wasm-client/npm"));
    let changed = graph.locals.values().filter(|local| is_changed(&local.dir) || local.include.iter().any(is_changed));
    let changed = changed.map(|local| local.package.name.as_str()).collect::<Vec<_>>().join(", ");
    let changed = if changed.is_empty() { "no crate" } else { &changed };
    let said = format!("the package is stale: {changed} changed since it was built; these files differ");
    ensure!(differ.is_empty(), "{said}: {}", differ.join(", "));
    Ok(info)
}

/// Builds the package again, in a separate folder and with all local packages recompiled, and compares the bytes.
fn check_rebuilt(project: &Project, graph: &Graph, inputs: &Inputs, info: &BuildInfo) -> Result<()> {
    let tools = &Tools::ensure(project)?;
    let folder = project.folder(graph, &tools.toolchain, "rebuild")?;
    folder.forget_all(Profile::Release)?;
    let builder = Builder { tools, folder: &folder, graph, inputs, profile: Profile::Release };
    let new = folder.dir.join("package");
    builder.build(&new, None, None)?;
    let differ = differences(&info.files, &package::files(&new)?);
    ensure!(
        differ.is_empty(),
        "compiled again, the same sources give a different package; these files differ: {}\n\
         - An environment variable that a crate reads may have changed: build again.\n\
         - A build script may read a file that it does not declare: declare it with `cargo::rerun-if-changed`.\n\
         - A build script or a macro may give a different result each time: make it give the same one.",
        differ.join(", ")
    );
    Ok(())
}

fn differences(before: &Files, now: &Files) -> Vec<String> {
    let paths: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let describe = |path: &String| match (before.get(path), now.get(path)) {
        (Some(a), Some(b)) if a == b => None,
        (Some(_), Some(_)) => Some(format!("{path} (changed)")),
        (Some(_), None) => Some(format!("{path} (removed)")),
        _ => Some(format!("{path} (added)")),
    };
    paths.into_iter().filter_map(describe).collect()
}
