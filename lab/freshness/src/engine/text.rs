//! The Earthfiles that the engine gets: a strategy's own, or the project's for ours, with the lab's lines in them.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail};

use crate::{
    backend::Order,
    earthfile::MOUNT,
    strategy::{Program, Strategy},
};

/// Targets of the project's Earthfile that every strategy stands on.
const SHARED: [&str; 2] = ["rust", "node"];

/// What the project's Earthfile calls its cache mount.
const OUR_ID: &str = "id=fresh-wasm-target";
const OUR_MOUNT: &str = "--mount=type=cache,id=fresh-wasm-target,target=/work/target,sharing=locked";
const OUR_SRC: &str = "src:\n    FROM +deps\n";
const OUR_DIGEST: &str = "    ARG digest\n";
const OUR_BUILD: &str = "build --by-content ${digest:+--expect $digest}";

/// Another standard library: one message of it differs by a letter, as on plain folders.
const OTHER_STD: &str = r"    RUN sed -i 's/\(on a .\)None\(. value\)/\1none\2/g' $(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib/libcore-*.rlib
";

/// All crates of the registry that any scenario needs.
const FETCHED: &str = "    COPY .lab/older /fetch/older
    COPY .lab/newer /fetch/newer
    RUN for dir in older newer; do cd /fetch/$dir && cargo fetch --locked || exit 1; done
    ENV CARGO_NET_OFFLINE=true
    WORKDIR /app
";

/// The project's Earthfile, from which all others are made.
pub(super) struct Project {
    text: String,
}

/// What the lab says in an Earthfile.
pub(super) struct Lines<'a> {
    pub(super) order: Order<'a>,
    /// The cache mount's id.
    pub(super) mount: &'a str,
    /// What is run before a strategy's own steps, which are not found in the layers of a build with another.
    pub(super) first: &'a str,
    /// Whether the compiler has the other standard library.
    pub(super) other: bool,
}

impl Project {
    /// Takes it as it is, if the lab finds its places in it.
    ///
    /// # Errors
    /// A part that was written otherwise.
    pub(super) fn new(text: String) -> Result<Self> {
        for part in [OUR_MOUNT, OUR_SRC, OUR_BUILD, OUR_DIGEST] {
            if !text.contains(part) {
                bail!("the lab looks for `{}` in the project's Earthfile and does not find it", part.trim());
            }
        }
        let project = Self { text };
        for name in SHARED {
            project.target(name)?;
        }
        Ok(project)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The version of the language and the images' names.
    fn head(&self) -> String {
        let images = self.text.split_inclusive('\n').filter(|line| line.starts_with("ARG --global"));
        std::iter::once("VERSION 0.8\n").chain(images).collect()
    }

    /// A target, as it stands there.
    fn target(&self, name: &str) -> Result<String> {
        let head = format!("{name}:\n");
        let mut lines = self.text.split_inclusive('\n').skip_while(|line| *line != head);
        let first = lines.next().with_context(|| format!("the project's Earthfile has no target `{name}`"))?;
        let body = lines.take_while(|line| line.starts_with(' ') || line.trim().is_empty());
        Ok(std::iter::once(first).chain(body).collect())
    }

    /// Ours: the project's Earthfile itself, which is told the digest of the sources.
    pub(super) fn ours(&self, lines: &Lines, digest: &str) -> String {
        let mut build = OUR_BUILD.to_owned();
        if lines.order.dev {
            build += " --dev";
        }
        if lines.order.publish {
            build += " && xtask verify --rebuild";
        }
        self.text
            .replace(OUR_ID, &format!("id={}", lines.mount))
            .replace(OUR_SRC, &format!("{OUR_SRC}{}", lines.begin()))
            .replace(OUR_DIGEST, &format!("    ARG digest={digest}\n"))
            .replace(OUR_BUILD, &build)
    }

    /// Another strategy's own, on a `start` with the programs that it needs.
    ///
    /// # Errors
    /// A shared target that is not in the project's Earthfile.
    pub(super) fn theirs(&self, strategy: &Strategy, programs: &[Program], lines: &Lines) -> Result<String> {
        let mut text = self.head();
        for name in SHARED {
            text += &self.target(name)?;
        }
        text += "\nstart:\n    FROM +rust\n    COPY +node/local /usr/local\n";
        for Program { krate, version, .. } in programs {
            let _ = writeln!(text, "    RUN cargo install --locked {krate}@{version}");
        }
        text += FETCHED;
        text += &lines.begin();

        let dev = if lines.order.dev { "--dev" } else { "" };
        let mount = format!("--mount=type=cache,id={},sharing=locked,target=/app/target", lines.mount);
        // The language keeps the name `base` for itself.
        let begin = format!("    FROM +start\n    ARG dev={dev}\n");
        text += &strategy.text.replace(MOUNT, &mount).replace("    FROM +base\n", &begin);
        Ok(text)
    }

    /// A target of one step, on the compiler's image.
    ///
    /// # Errors
    /// A shared target that is not in the project's Earthfile.
    pub(super) fn one_step(&self, name: &str, run: &str) -> Result<String> {
        Ok(format!("{}{}\n{name}:\n    FROM +rust\n    RUN {run}\n", self.head(), self.target("rust")?))
    }
}

impl Lines<'_> {
    /// Before a strategy's own steps.
    fn begin(&self) -> String {
        let other = if self.other { OTHER_STD } else { "" };
        format!(
            "{other}    COPY .lab/wasm-opt /usr/local/bin/wasm-opt\n    ENV API_URL=\"{}\"\n    RUN {}\n",
            self.order.address, self.first
        )
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn project() -> Project {
        Project::new(include_str!("../../../../Earthfile").to_owned()).unwrap()
    }

    fn lines() -> Lines<'static> {
        let order = Order { publish: true, address: "here", ..Order::of(Path::new("/")) };
        Lines { order, mount: "lab-1", first: ": 7", other: false }
    }

    #[test]
    fn the_projects_earthfile_has_the_places_that_are_filled() {
        let text = project().ours(&lines(), "abc");
        for part in ["id=lab-1,", "ARG digest=abc\n", "    RUN : 7\n", "API_URL=\"here\""] {
            assert!(text.contains(part), "{part}");
        }
        assert!(text.contains("--expect $digest} && xtask verify --rebuild\n"));
    }

    #[test]
    fn another_strategy_stands_on_the_same_images() {
        let text = "wasm:\n    FROM +base\n    RUN --mount=type=cache,target=/app/target build\n";
        let head = "# title: T\n# what: W\n# docs: D\n";
        let strategy = Strategy::parse("name", format!("{head}{text}")).unwrap();
        let program = Program { krate: "k".to_owned(), version: "1.0.0".to_owned(), name: "p".to_owned() };
        let made = project().theirs(&strategy, &[program], &lines()).unwrap();
        for part in ["VERSION 0.8\n", "ARG --global RUST_IMAGE=", "\nrust:\n", "cargo install --locked k@1.0.0\n"] {
            assert!(made.contains(part), "{part}");
        }
        assert!(made.ends_with("RUN --mount=type=cache,id=lab-1,sharing=locked,target=/app/target build\n"));
    }

    #[test]
    fn says_what_it_does_not_find() {
        let text = include_str!("../../../../Earthfile").replace("    ARG digest\n", "");
        assert!(Project::new(text).is_err_and(|error| error.to_string().contains("`ARG digest`")));
    }
}
