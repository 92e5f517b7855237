//! A command of cargo's with its arguments. Only those are looked at that say where the workspace and its target directory
//! are, and what is compiled for which target; cargo itself judges the rest.

use std::ffi::OsString;

use anyhow::bail;

/// What cargo can be asked to compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// It ends once all is compiled.
    Compile,
    /// It compiles, then runs tests or benchmarks.
    Test,
    /// It compiles and runs documentation tests in one go: cargo cannot only compile them.
    DocTest,
    /// It compiles, then runs a program.
    Run,
}

#[derive(Clone, Debug)]
pub(crate) struct CargoArgs {
    pub(crate) verb: Verb,
    /// The command's name.
    pub(crate) command: OsString,
    /// What follows it, up to `--`.
    pub(crate) options: Vec<OsString>,
    /// `--` and what follows it. `cargo run` takes its program's arguments without `--`, too.
    pub(crate) rest: Vec<OsString>,
}

/// Options that `cargo metadata` has to be given, too, with a value.
const OF_WORKSPACE: [&str; 4] = ["--manifest-path", "--lockfile-path", "--config", "-Z"];
/// Options of `cargo run` whose value may be the next word.
const OF_RUN: [&str; 18] = [
    "--bin",
    "--example",
    "--package",
    "-p",
    "--features",
    "-F",
    "--profile",
    "--target",
    "--target-dir",
    "--jobs",
    "-j",
    "--message-format",
    "--color",
    "--manifest-path",
    "--lockfile-path",
    "--config",
    "-Z",
    "--artifact-dir",
];
/// The same as `OF_WORKSPACE`, without a value.
const FLAGS_OF_WORKSPACE: [&str; 3] = ["--locked", "--offline", "--frozen"];

impl CargoArgs {
    pub(crate) fn parse(words: Vec<OsString>) -> anyhow::Result<Self> {
        let mut words = words.into_iter();
        let command = words.next().unwrap_or_default();
        let verb = match command.to_str() {
            Some("build" | "b" | "check" | "c" | "clippy" | "doc" | "d" | "rustc" | "rustdoc") => Verb::Compile,
            Some("test" | "t" | "bench") => Verb::Test,
            Some("run" | "r") => Verb::Run,
            Some(word) if word.starts_with('+') => {
                bail!("a toolchain comes before the command's name\n\nhelp: `cargo {word} unstale …`")
            }
            _ => bail!(
                "no such command that compiles: `{}`\n\nhelp: one of build, check, clippy, test, run, doc, bench, rustc, \
                 rustdoc; for all options, see `cargo unstale --help`",
                command.display()
            ),
        };

        let mut options: Vec<OsString> = words.collect();
        let end = match verb {
            Verb::Run => end_of_run(&options),
            _ => options.iter().position(|word| word == "--").unwrap_or(options.len()),
        };
        let rest = options.split_off(end);
        let mut args = Self { verb, command, options, rest };
        if verb == Verb::Test && args.has(&["--doc"]) {
            args.verb = Verb::DocTest;
        }
        Ok(args)
    }

    /// Whether something is run, or shown in a browser, once all is compiled.
    pub(crate) fn runs(&self) -> bool {
        match self.verb {
            Verb::Compile => self.has(&["--open"]),
            Verb::DocTest => false,
            Verb::Test | Verb::Run => !self.has(&["--no-run"]),
        }
    }

    /// Options without a command.
    pub(crate) fn of_options(options: Vec<OsString>) -> Self {
        Self { verb: Verb::Compile, command: OsString::new(), options, rest: Vec::new() }
    }

    /// Whether an option without a value is given, by one of its names.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|word| names.iter().any(|name| word == name))
    }

    /// The values of an option, in each form: `--name value`, `--name=value`, `-nvalue`.
    pub(crate) fn values(&self, names: &[&str]) -> Vec<String> {
        let mut values = Vec::new();
        let mut words = self.options.iter().filter_map(|word| word.to_str());
        while let Some(word) = words.next() {
            for name in names {
                if word == *name {
                    values.extend(words.next().map(str::to_owned));
                    break;
                }
                let Some(value) = word.strip_prefix(name) else { continue };
                let is_short = !name.starts_with("--");
                let value = if is_short { Some(value.trim_start_matches('=')) } else { value.strip_prefix('=') };
                values.extend(value.map(str::to_owned));
            }
        }
        values
    }

    /// The options without some of them and their values.
    pub(crate) fn without(&self, names: &[&str]) -> Vec<OsString> {
        let mut kept = Vec::new();
        let mut words = self.options.iter();
        while let Some(word) = words.next() {
            let text = word.to_str().unwrap_or_default();
            if names.contains(&text) {
                words.next();
            } else if !names.iter().any(|name| text.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))) {
                kept.push(word.clone());
            }
        }
        kept
    }

    /// How messages are written for programs, if that is asked for.
    pub(crate) fn json(&self) -> Option<String> {
        let formats = self.values(&["--message-format"]).join(",");
        formats.starts_with("json").then_some(formats)
    }

    /// The options that say which features are wanted.
    pub(crate) fn of_features(&self) -> Vec<String> {
        let values = self.values(&["--features", "-F"]);
        let mut options: Vec<String> = values.into_iter().flat_map(|value| ["--features".to_owned(), value]).collect();
        for flag in ["--all-features", "--no-default-features"] {
            if self.has(&[flag]) {
                options.push(flag.to_owned());
            }
        }
        options
    }

    /// The options that say which workspace is meant, as `cargo metadata` understands them.
    pub(crate) fn of_workspace(&self) -> Vec<String> {
        let mut options = Vec::new();
        for name in OF_WORKSPACE {
            for value in self.values(&[name]) {
                options.extend([name.to_owned(), value]);
            }
        }
        for flag in FLAGS_OF_WORKSPACE {
            if self.has(&[flag]) {
                options.push(flag.to_owned());
            }
        }
        options
    }
}

/// Where the arguments of the program begin.
fn end_of_run(words: &[OsString]) -> usize {
    let mut is_value = false;
    for (index, word) in words.iter().enumerate() {
        let is_option = word.to_string_lossy().starts_with('-') && word != "--";
        if !is_option && !is_value {
            return index;
        }
        is_value = !is_value && OF_RUN.iter().any(|name| word == name);
    }
    words.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> CargoArgs {
        CargoArgs::parse(words.split(' ').map(OsString::from).collect()).unwrap()
    }

    #[test]
    fn an_option_has_its_value_behind_it_or_in_it() {
        for words in ["build --target-dir out -v", "build --target-dir=out -v"] {
            let args = parse(words);
            assert_eq!(args.values(&["--target-dir"]), ["out"], "{words}");
            assert_eq!(args.without(&["--target-dir"]), ["-v"], "{words}");
        }
        assert_eq!(parse("build -pone -p two --package=three").values(&["-p", "--package"]), ["one", "two", "three"]);
        assert_eq!(parse("build --target a").values(&["--target-dir"]), [""; 0]);
        assert_eq!(parse("build --target-dir a").values(&["--target"]), [""; 0]);
    }

    #[test]
    fn what_follows_two_dashes_belongs_to_the_program() {
        let args = parse("run --release -- --target-dir x");
        assert_eq!(args.values(&["--target-dir"]), [""; 0]);
        assert_eq!(args.rest, ["--", "--target-dir", "x"]);
    }

    #[test]
    fn what_follows_a_word_belongs_to_the_program_that_is_run() {
        let args = parse("run -p app --features=a --bin x serve --target-dir y");
        assert_eq!(args.options, ["-p", "app", "--features=a", "--bin", "x"]);
        assert_eq!(args.rest, ["serve", "--target-dir", "y"]);
        assert_eq!(parse("test name --release").rest, [""; 0]);
    }

    #[test]
    fn the_workspace_is_found_by_the_same_options() {
        let args = parse("check --manifest-path a/Cargo.toml -Zx --config=k=1 --offline --release");
        let wanted = ["--manifest-path", "a/Cargo.toml", "--config", "k=1", "-Z", "x", "--offline"];
        assert_eq!(args.of_workspace(), wanted);
    }

    #[test]
    fn a_command_that_does_not_compile_is_refused() {
        let error = CargoArgs::parse(vec!["publish".into()]).unwrap_err();
        assert!(error.to_string().starts_with("no such command that compiles: `publish`"), "{error}");
    }
}
