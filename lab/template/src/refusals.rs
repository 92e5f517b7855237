//! Wrong answers, each with what has to be said about it.

use std::fs;

use anyhow::{Result, bail, ensure};

use crate::{answers::Answers, command, generator::Lab};

const NAMES: [(&str, &str); 8] = [
    ("@ada/engine", "Pass the scope separately: `--name engine --define scope=@ada`"),
    ("@ada", "beginning with a letter or digit"),
    ("fs", "an import of it would find the module of Node.js with that name"),
    ("worker_threads", "an import of it would find the module of Node.js with that name"),
    ("node_modules", "npm reserves it"),
    (
        "äther",
        "lower-case letters a to z, digits, `-` and `_`, beginning with a letter or digit, at most 200 characters",
    ),
    ("!!!", "beginning with a letter or digit"),
    (
        "a-name-of-two-hundred-and-one-letters-or-more-a-name-of-two-hundred-and-one-letters-or-more-a-name-of-two-hundred-and-one-letters-or-more-a-name-of-two-hundred-and-one-letters-or-more-a-name-of-two-hundred",
        "at most 200 characters",
    ),
];

const ANSWERS: [(&str, &str, &str); 12] = [
    ("license", "GPL-3.0", "`MIT OR Apache-2.0`, `MIT`, `Apache-2.0` or `none`"),
    ("license", "mit", "`MIT OR Apache-2.0`, `MIT`, `Apache-2.0` or `none`"),
    ("scope", "@Ada", "lower-case letters a to z, digits, `-` and `_`, beginning with a letter or digit; or empty"),
    ("scope", "@", "beginning with a letter or digit; or empty"),
    ("scope", "ada/engine", "beginning with a letter or digit; or empty"),
    ("scope", "-ada", "beginning with a letter or digit; or empty"),
    (
        "scope",
        "a-scope-of-two-hundred-and-nine-letters-or-more-a-scope-of-two-hundred-and-nine-letters-or-more-a-scope-of-two-hundred-and-nine-letters-or-more-a-scope-of-two-hundred-and-nine-letters-or-more-a-scope-of-two-hundred",
        "at most 214 characters",
    ),
    ("repository", "git@github.com:ada/engine.git", "`https://`, a host and a path"),
    ("repository", "https://", "`https://`, a host and a path"),
    ("repository", "https://example.org/\"x\"", "`https://`, a host and a path"),
    ("description", "", "one line of text and not empty"),
    ("www", "perhaps", "`true` or `false`"),
];

pub(crate) fn check(lab: &Lab) -> Result<()> {
    let mut faults = Vec::new();
    for (name, said) in NAMES {
        let dir = lab.fresh("refused")?;
        let printed = command::failure(&mut lab.command(&dir, &Answers::new(name, &[])))?;
        if !printed.contains(said) {
            faults.push(format!("of the name `{name}` it should say {said:?}:\n{printed}"));
        }

        if fs::read_dir(&dir)?.next().is_some() {
            faults.push(format!("the name `{name}` was refused, and a folder is there all the same"));
        }
    }
    for (question, answer, said) in ANSWERS {
        let dir = lab.fresh("refused")?;
        let printed = command::failure(&mut lab.command(&dir, &Answers::new("engine", &[(question, answer)])))?;
        if !printed.contains(said) {
            faults.push(format!("of {question}={answer:?} it should say {said:?}:\n{printed}"));
        }
        if dir.join("engine/Cargo.toml").exists() {
            faults.push(format!("{question}={answer:?} was refused, and a project is there all the same"));
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    within_a_workspace(lab)
}

/// Another workspace above stays as it is, and nothing is written below it.
fn within_a_workspace(lab: &Lab) -> Result<()> {
    const OUTER: &str = "[workspace]\nmembers = [] # a comment\n";
    let dir = lab.fresh("outer")?;
    fs::write(dir.join("Cargo.toml"), OUTER)?;
    let printed = command::failure(&mut lab.command(&dir, &Answers::new("engine", &[])))?;
    ensure!(
        printed.contains("There is a Cargo.toml in") && printed.contains("Nothing was written"),
        "within a workspace it should say why it stops:\n{printed}"
    );
    ensure!(fs::read_to_string(dir.join("Cargo.toml"))? == OUTER, "the outer Cargo.toml was changed");
    ensure!(
        fs::read_dir(dir.join("engine"))?.next().is_none(),
        "the project was refused, and something of it is there all the same"
    );
    Ok(())
}
