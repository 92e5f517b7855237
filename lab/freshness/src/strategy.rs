//! The strategies: small Earthfiles in `strategies/`, with what the table says of them in their first lines.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::backend::Order;

/// In the order of the table.
const ORDER: [&str; 15] = [
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
    "clean",
    "touch",
    "ours",
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
    /// A crate with a program that it needs: crate, version, program.
    pub(crate) needs: Option<(String, String, String)>,
    /// The toolchain that it needs, by rustup's name; empty for the one that is used here.
    pub(crate) toolchain: String,
    /// The strategy whose build from nothing its packages are compared with: one that ends in the same command.
    pub(crate) reference: String,
    pub(crate) text: String,
}

impl Strategy {
    pub(crate) fn is_ours(&self) -> bool {
        self.name == OURS
    }

    /// The target that builds what an order asks for.
    pub(crate) fn target(&self, order: Order) -> &'static str {
        if order.publish && self.text.contains("\npublish:\n") { "publish" } else { "wasm" }
    }
}

/// Reads all of them.
///
/// # Errors
/// A file that is missing or lacks one of its first lines.
pub(crate) fn all(dir: &Path) -> Result<Vec<Strategy>> {
    let mut all = Vec::new();
    for name in ORDER {
        let path = dir.join(format!("{name}.earth"));
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let stated = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(key)?.strip_prefix(": "));
            line.map(str::to_owned)
        };
        let must = |key: &str| stated(key).with_context(|| format!("{} has no line `# {key}: `", path.display()));
        let needs = stated("needs").map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.next().unwrap_or_default())
        });
        all.push(Strategy {
            name: name.to_owned(),
            title: must("title")?,
            what: must("what")?,
            docs: must("docs")?,
            needs,
            toolchain: stated("toolchain").unwrap_or_default(),
            reference: stated("reference").unwrap_or_else(|| name.to_owned()),
            text,
        });
    }
    Ok(all)
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
            assert_eq!(steps.last(), Some(&Step::Save { path: "wasm-client/pkg".to_owned() }), "{}", strategy.name);
            assert!(all.iter().any(|other| other.name == strategy.reference), "{}", strategy.name);
        }
    }
}
