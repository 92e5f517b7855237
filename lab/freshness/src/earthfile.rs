//! The part of the Earthfile language that the strategies use, read into steps in the order of a build.
//!
//! A strategy is one text for both back ends: the engine gets it as it stands, after a `base` target; the folder back
//! end plays the steps that this module makes of it. What is outside this part is an error, not ignored.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// Where the container's files are.
pub(crate) const WORKDIR: &str = "/app";
/// How a step says that the cache mount is there.
pub(crate) const MOUNT: &str = "--mount=type=cache,target=/app/target";

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// A target begins, with no files.
    Begin(String),
    Copy(Copy),
    CopyArtifact(CopyArtifact),
    Run(Run),
    /// A path is what other targets, or the user, get of this one.
    Save(String),
}

/// Files or folders of the build context.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Copy {
    pub(crate) keep_times: bool,
    pub(crate) from: Vec<String>,
    pub(crate) to: String,
}

/// What another target saved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CopyArtifact {
    pub(crate) target: String,
    pub(crate) name: String,
    pub(crate) to: String,
}

/// A shell command, with or without the cache mount on `target`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) mounted: bool,
    pub(crate) script: String,
}

/// The steps that build `target`, those of the targets that it copies from first.
///
/// # Errors
/// A line outside the part of the language that is known here.
pub(crate) fn steps(text: &str, target: &str) -> Result<Vec<Step>> {
    let mut targets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if let Some(line) = line.strip_prefix("    ") {
            let name = current.context("a step before any target")?;
            targets.entry(name).or_default().push(line.trim());
        } else {
            current = Some(line.strip_suffix(':').with_context(|| format!("`{line}` is no target"))?);
        }
    }
    let mut steps = Vec::new();
    add(&targets, target, &mut steps)?;
    Ok(steps)
}

fn add(targets: &BTreeMap<&str, Vec<&str>>, target: &str, steps: &mut Vec<Step>) -> Result<()> {
    let lines = targets.get(target).with_context(|| format!("there is no target `{target}`"))?;
    let mut own = vec![Step::Begin(target.to_owned())];
    for line in lines.iter().filter(|line| **line != "FROM +base") {
        let step = parse(line).with_context(|| format!("`{line}` in `{target}`"))?;
        if let Step::CopyArtifact(copy) = &step {
            add(targets, &copy.target, steps)?;
        }
        own.push(step);
    }
    steps.append(&mut own);
    Ok(())
}

fn parse(line: &str) -> Result<Step> {
    let (word, rest) = line.split_once(' ').context("a step is a word and its arguments")?;
    match word {
        "COPY" => parse_copy(rest),
        "RUN" => parse_run(rest),
        "SAVE" => {
            let path = rest.strip_prefix("ARTIFACT ").context("only SAVE ARTIFACT is known here")?;
            Ok(Step::Save(path.to_owned()))
        }
        _ => bail!("`{word}` is not known here"),
    }
}

fn parse_copy(arguments: &str) -> Result<Step> {
    let keep_times = arguments.split(' ').any(|word| word == "--keep-ts");
    let mut words: Vec<&str> = arguments.split(' ').filter(|word| !word.starts_with("--")).collect();
    let to = words.pop().context("COPY needs a destination")?.to_owned();

    let artifact = words.first().and_then(|from| from.strip_prefix('+')?.split_once('/'));
    if let Some((target, name)) = artifact {
        return Ok(Step::CopyArtifact(CopyArtifact { target: target.to_owned(), name: name.to_owned(), to }));
    }
    let from = words.into_iter().map(str::to_owned).collect();
    Ok(Step::Copy(Copy { keep_times, from, to }))
}

fn parse_run(arguments: &str) -> Result<Step> {
    if let Some(script) = arguments.strip_prefix(MOUNT) {
        return Ok(Step::Run(Run { mounted: true, script: script.trim().to_owned() }));
    }
    if arguments.starts_with("--") {
        bail!("only `{MOUNT}` is known here");
    }
    Ok(Step::Run(Run { mounted: false, script: arguments.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_the_steps_of_a_target_copied_from_first() {
        let text = "# c\na:\n    FROM +base\n    RUN make\n    SAVE ARTIFACT x\n\nb:\n    COPY --keep-ts --dir s t ./\n    COPY +a/x y\n    RUN --mount=type=cache,target=/app/target go on\n";
        let expected = [
            Step::Begin("a".into()),
            Step::Run(Run { mounted: false, script: "make".into() }),
            Step::Save("x".into()),
            Step::Begin("b".into()),
            Step::Copy(Copy { keep_times: true, from: vec!["s".into(), "t".into()], to: "./".into() }),
            Step::CopyArtifact(CopyArtifact { target: "a".into(), name: "x".into(), to: "y".into() }),
            Step::Run(Run { mounted: true, script: "go on".into() }),
        ];
        assert_eq!(steps(text, "b").unwrap(), expected);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for line in ["LOCALLY x", "RUN --ssh x", "SAVE IMAGE x", "FROM rust", "COPY", "COPY +none/x y"] {
            assert!(steps(&format!("a:\n    {line}\n"), "a").is_err(), "{line}");
        }
    }
}
