//! The strategies: small Earthfiles in `strategies/`, with what the table says of them in their first lines.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

/// In the order of the table.
const ORDER: [&str; 18] = [
    "try1",
    "try2",
    "try3",
    "try4",
    "docker",
    "chef",
    "librust-keep",
    "librust",
    "timelord",
    "mtime",
    "ci-mtime",
    "content",
    "sccache",
    "clean",
    "touch",
    "cargo-unstale",
    "ours",
    "ours-sccache",
];

/// The one that all this is about.
pub(crate) const OURS: &str = "ours";

#[derive(Clone)]
pub(crate) struct Strategy {
    pub(crate) name: String,
    pub(crate) title: String,
    /// What it does, in a line.
    pub(crate) what: String,
    /// Where its authors say to do it so.
    pub(crate) docs: String,
    pub(crate) needs: Option<Program>,
    /// The toolchain that it needs, by rustup's name; empty for the one that is used here.
    pub(crate) toolchain: String,
    /// The strategy whose build from nothing its packages are compared with: one that ends in the same command.
    pub(crate) reference: String,
    /// The back end that alone can play it.
    pub(crate) only: Option<String>,
    pub(crate) text: String,
}

/// A program that a crate of the registry has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Program {
    pub(crate) krate: String,
    pub(crate) version: String,
    pub(crate) name: String,
}

impl Strategy {
    /// Reads one.
    ///
    /// # Errors
    /// One of its first lines is missing.
    pub(crate) fn parse(name: &str, text: String) -> Result<Self> {
        let stated = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(key)?.strip_prefix(": "));
            line.map(str::to_owned)
        };
        let must = |key: &str| stated(key).with_context(|| format!("{name}.earth has no line `# {key}: `"));
        Ok(Self {
            name: name.to_owned(),
            title: must("title")?,
            what: must("what")?,
            docs: must("docs")?,
            needs: stated("needs").map(|line| Program::parse(&line)).transpose()?,
            toolchain: stated("toolchain").unwrap_or_default(),
            reference: stated("reference").unwrap_or_else(|| name.to_owned()),
            only: stated("only"),
            text,
        })
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.name == OURS
    }

    /// Whether it builds with the project's own program.
    pub(crate) fn uses_xtask(&self) -> bool {
        self.text.contains("xtask build")
    }

    /// Whether it builds with the project's command for every workspace.
    pub(crate) fn uses_unstale(&self) -> bool {
        self.text.contains("cargo unstale")
    }

    /// Whether it can be played there.
    pub(crate) fn is_for(&self, backend: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == backend)
    }
}

impl Program {
    fn parse(line: &str) -> Result<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let &[krate, version, name] = words.as_slice() else { bail!("`{line}` is not: crate, version, program") };
        Ok(Self { krate: krate.to_owned(), version: version.to_owned(), name: name.to_owned() })
    }
}

/// Reads all of them, in the order of the table.
///
/// # Errors
/// A file that is missing or lacks one of its first lines.
pub(crate) fn all(dir: &Path) -> Result<Vec<Strategy>> {
    let mut all = Vec::new();
    for name in ORDER {
        let path = dir.join(format!("{name}.earth"));
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        all.push(Strategy::parse(name, text)?);
    }
    Ok(all)
}

/// The one of this name.
///
/// # Errors
/// None has it.
pub(crate) fn find<'a>(strategies: &'a [Strategy], name: &str) -> Result<&'a Strategy> {
    strategies.iter().find(|strategy| strategy.name == name).with_context(|| {
        let names: Vec<&str> = strategies.iter().map(|strategy| strategy.name.as_str()).collect();
        format!("no strategy `{name}`; there are: {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::earthfile::{self, Step};

    #[test]
    fn every_strategy_ends_with_the_package() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("strategies");
        let all = all(&dir).unwrap();
        for strategy in &all {
            let steps = earthfile::steps(&strategy.text, "wasm").unwrap();
            assert_eq!(steps.last(), Some(&Step::Save("wasm-client/pkg".to_owned())), "{}", strategy.name);
            assert!(find(&all, &strategy.reference).is_ok(), "{}", strategy.name);
        }
    }

    #[test]
    fn a_strategy_states_what_the_table_says_of_it() {
        let text = "# title: T\n# what: W\n# docs: D\n# needs: cargo-x 1.2.3 x\n";
        let strategy = Strategy::parse("name", text.to_owned()).unwrap();
        let program = Program { krate: "cargo-x".to_owned(), version: "1.2.3".to_owned(), name: "x".to_owned() };
        assert_eq!(strategy.needs, Some(program));
        assert_eq!((strategy.reference.as_str(), strategy.toolchain.as_str()), ("name", ""));
        assert!(strategy.is_for("folder") && strategy.is_for("engine") && !strategy.uses_xtask());
        let strategy = Strategy::parse("name", format!("{text}# only: folder\n    RUN xtask build\n")).unwrap();
        assert!(strategy.is_for("folder") && !strategy.is_for("engine") && strategy.uses_xtask());
        for broken in [text.replace("# what: W\n", ""), text.replace(" x\n", "\n")] {
            assert!(Strategy::parse("name", broken).is_err());
        }
    }
}
