//! `cargo xtask digest`: the digests of the sources, and the files behind them.

use anyhow::{Context, Result};
use unstale::FileSet;

use crate::project::{BINDING, Project};
use crate::sources::Sources;

/// A set of files and its name on the command line.
struct Named {
    name: String,
    files: FileSet,
}

/// Prints the package's digest, the listing of one set, or all digests.
pub(crate) fn run(project: &Project, only_package: bool, listed: Option<&str>) -> Result<()> {
    let inputs = Sources::read(project, BINDING)?.inputs()?;
    if only_package {
        println!("{}", inputs.package.digest());
        return Ok(());
    }

    let mut sets = vec![
        Named { name: "package".to_owned(), files: inputs.package },
        Named { name: "module".to_owned(), files: inputs.module },
    ];
    sets.extend(inputs.crates.into_iter().map(|(name, files)| Named { name, files }));
    match listed {
        None => sets.iter().for_each(|set| println!("{}  {}", set.files.digest(), set.name)),
        Some(name) => {
            let set = sets.iter().find(|set| set.name == name);
            let set =
                set.with_context(|| format!("no digest is named `{name}`; `cargo xtask digest` prints all names"))?;
            print!("{}", set.files.listing());
        }
    }
    Ok(())
}
