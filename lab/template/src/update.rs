//! Updates: a project is generated from an older commit, edited as owners do, and updated to the present by the commands of
//! docs/updating.md.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use toml_edit::{DocumentMut, value};

use crate::{
    answers::Answers,
    command,
    generator::Lab,
    leftovers::files,
    project::{self, shell_blocks},
    steps,
};

/// The last commit before projects could be updated. An owner who generated from it is the furthest behind.
const OLDER: &str = "08bd170";
const OLDER_TAG: &str = "v0";

/// The owner's own files.
const LIBRARY: &str = "//! Greetings.\n\n/// Greets somebody by name.\n#[must_use]\npub fn greet(name: &str) -> String {\n    format!(\"Hello, {name}!\")\n}\n";
const README: &str = "# engine\n\nGreets people.\n";
const NOTES: &str = "Whom we greet.\n";
const DEPENDENCY: (&str, &str) = ("itoa", "1");

/// Updates from the older commit; with `build`, resolves the conflicts as docs/updating.md says, builds and tests.
pub(crate) fn check(lab: &Lab, build: bool) -> Result<()> {
    let answers = Answers::new("engine", &[("scope", "@ada"), ("www", "false")]);
    let owner = Owner::generate(lab, OLDER, &answers)?;
    owner.edit()?;
    let before = owner.git(&["rev-parse", "main"])?;
    let printed = owner.update(&lab.tag()?)?;

    let conflicts = compare(&owner, before.trim(), &printed)?;
    owner.resolve(&conflicts)?;
    let recorded: DocumentMut = fs::read_to_string(owner.dir.join("template.toml"))?.parse()?;
    let example = recorded["values"]["example"].as_str();
    ensure!(example == Some("statistics"), "a project of before there was a choice has the example {example:?}");
    ensure!(fs::read_to_string(owner.dir.join("README.md"))? == README, "the owner's README.md is lost");
    ensure!(fs::read_to_string(owner.dir.join("common/src/lib.rs"))? == LIBRARY, "the owner's library is lost");
    let manifest = fs::read_to_string(owner.dir.join("Cargo.toml"))?;
    ensure!(manifest.contains(DEPENDENCY.0), "the owner's dependency is lost");
    if build {
        project::share_target(lab, &owner.dir)?;
        for line in ["cargo xtask build", "BLESS=1 cargo xtask test"] {
            project::run_line(lab, &owner.dir, line)?;
        }
    }
    owner.git(&["add", "--all"])?;
    owner.git(&["commit", "--quiet", "--no-edit"])?;

    again(lab, &owner)
}

/// The last commit in which there was one example only.
const ONE_EXAMPLE: &str = "7c61aa2";

/// Somebody who generated from that commit, and what they did since.
struct Kind {
    name: &'static str,
    page: &'static str,
    work: fn(&Owner) -> Result<()>,
}

const KINDS: [Kind; 4] = [
    Kind { name: "touched nothing", page: "true", work: |_| Ok(()) },
    Kind { name: "without the page", page: "false", work: |_| Ok(()) },
    Kind { name: "wrote over the example", page: "true", work: |owner| owner.write_over() },
    Kind { name: "renamed `common`", page: "true", work: |owner| owner.rename() },
];

/// Whatever the owner did, nothing conflicts that they did not touch; says what is left to them.
pub(crate) fn of_each_kind(lab: &Lab) -> Result<()> {
    for kind in &KINDS {
        of_kind(lab, kind).with_context(|| format!("an owner who is `{}`", kind.name))?;
    }
    Ok(())
}

fn of_kind(lab: &Lab, kind: &Kind) -> Result<()> {
    let owner = Owner::generate(lab, ONE_EXAMPLE, &Answers::new("engine", &[("www", kind.page)]))?;
    (kind.work)(&owner)?;
    owner.git(&["add", "--all"])?;
    owner.git(&["commit", "--quiet", "--allow-empty", "--message", "Work"])?;
    let touched = owner.git(&["diff", "--name-only", "--no-renames", "template", "main"])?;
    owner.update(&lab.tag()?)?;

    let conflicts = owner.git(&["diff", "--name-only", "--diff-filter=U"])?;
    eprintln!("              {}: {} conflicts", kind.name, conflicts.lines().count());
    for path in conflicts.lines() {
        eprintln!("                {path}");
        // Of a file that the owner moved or deleted and the template moved, git names the new place.
        let is_theirs = owner.git(&["show", &format!(":2:{path}")]).is_err();
        ensure!(is_theirs || touched.lines().any(|it| it == path), "{path} conflicts, and the owner did not touch it");
    }
    let recorded = owner.git(&["show", "template:template.toml"])?;
    ensure!(recorded.contains("\nexample = \"statistics\"\n"), "the owner's library would be another:\n{recorded}");
    let has_page = owner.dir.join("www/package.json").exists();
    ensure!(has_page == (kind.page == "true"), "the page came or went");
    if touched.is_empty() {
        let differs = owner.git(&["diff", "--stat", "template", "main"])?;
        ensure!(differs.is_empty(), "who touched nothing has something else than the template:\n{differs}");
    }
    Ok(())
}

/// What only one side changed is as that side has it. Returns the files that conflict.
fn compare(owner: &Owner, before: &str, printed: &str) -> Result<BTreeSet<String>> {
    let changed = |from: &str, to: &str| -> Result<BTreeSet<String>> {
        Ok(owner.git(&["diff", "--name-only", "--no-renames", from, to])?.lines().map(str::to_owned).collect())
    };

    let mine = changed("template~1", before)?;
    let theirs = changed("template~1", "template")?;
    let conflicts: BTreeSet<String> =
        owner.git(&["diff", "--name-only", "--diff-filter=U"])?.lines().map(str::to_owned).collect();
    eprintln!(
        "              {} files changed by the owner, {} by the template, {} conflicts: {}",
        mine.len(),
        theirs.len(),
        conflicts.len(),
        conflicts.iter().cloned().collect::<Vec<_>>().join(", ")
    );

    ensure!(!theirs.is_empty(), "the template changed nothing, so this tests nothing:\n{printed}");
    for path in &conflicts {
        // Of a file that the owner deleted and the template moved, git names the new place.
        let is_mine = mine.contains(path) || owner.git(&["show", &format!(":2:{path}")]).is_err();
        ensure!(is_mine && theirs.contains(path), "{path} conflicts, and one side did not change it");
    }
    for path in mine.difference(&theirs) {
        let now = fs::read_to_string(owner.dir.join(path)).ok();
        let then = owner.git(&["show", &format!("{before}:{path}")]).ok();
        ensure!(now == then, "{path} was changed by the owner alone, and is another now");
    }
    for path in theirs.difference(&mine) {
        let now = fs::read(owner.dir.join(path)).ok();
        ensure!(
            now == owner.file_of("template", path),
            "{path} was changed by the template alone, and is not as there"
        );
    }
    Ok(conflicts)
}

/// Without the branch: it is made from the recorded tag, and then there is nothing to update to that very tag.
fn again(lab: &Lab, owner: &Owner) -> Result<()> {
    let before = owner.git(&["rev-parse", "main^{tree}"])?;
    owner.git(&["branch", "--delete", "--force", "template"])?;
    owner.run(&block(lab, "git switch --orphan template")?)?;
    let after = owner.git(&["rev-parse", "main^{tree}"])?;
    ensure!(before == after, "the branch was made, and main is another");
    owner.git(&["merge-base", "main", "template"]).context("main does not contain the branch")?;
    let Err(error) = owner.update(&lab.tag()?) else { bail!("an update to the same tag found something to commit") };
    ensure!(format!("{error:#}").contains("nothing to commit"), "an update to the same tag fails otherwise: {error:#}");
    Ok(())
}

/// Somebody with a project.
struct Owner<'a> {
    lab: &'a Lab,
    dir: PathBuf,
}

impl<'a> Owner<'a> {
    /// Generates from the older commit, and keeps the branch as docs/updating.md says.
    fn generate(lab: &'a Lab, commit: &str, answers: &Answers) -> Result<Self> {
        let known = command::output(lab.git().args(["rev-parse", "--verify", &format!("{commit}^{{commit}}")]));
        let commit = known.with_context(|| format!("{commit} is not in this clone: `git fetch --unshallow`"))?;
        lab.publish(commit.trim(), &format!("refs/tags/{OLDER_TAG}"))?;
        let dir = lab.fresh("update")?;
        command::output(lab.command(&dir, answers).args(["--tag", OLDER_TAG]))?;
        // Where template.toml says that it is.
        command::output(lab.git().args(["clone", "--quiet"]).arg(&lab.template).arg(dir.join("fresh-wasm")))?;
        let owner = Self { lab, dir: dir.join(answers.settled) };
        owner.git(&["add", "--all"])?;
        owner.git(&["commit", "--quiet", "--message", "Generate"])?;
        // `--tag` names it by a hash.
        owner.git(&["branch", "--move", "--force", "main"])?;
        owner.run(&block(lab, "git branch template")?)?;
        Ok(owner)
    }

    /// Replaces the example, rewrites the README, adds a dependency and a file, and records the answers by hand, as that
    /// commit did not yet.
    fn edit(&self) -> Result<()> {
        self.git(&[
            "rm",
            "-r",
            "--quiet",
            "common/src",
            "common/tests",
            "wasm-client/src",
            "wasm-client/tests/answers",
        ])?;
        self.git(&["checkout", "HEAD", "wasm-client/src/package.rs"])?;
        self.write("common/src/lib.rs", LIBRARY)?;
        self.write("wasm-client/src/lib.rs", "//! Greetings, for JavaScript.\n\nmod package;\n")?;
        self.write("README.md", README)?;

        self.write("wasm-client/npm/README.md", README)?;
        self.write("docs/notes.md", NOTES)?;
        let answers = format!(
            "[template]\ngit = \"../fresh-wasm\"\nname = \"engine\"\ntag = \"{OLDER_TAG}\"\n\n[values]\nscope = \"@ada\"\nwww = false\n"
        );
        self.write("template.toml", &answers)?;
        self.depend()?;
        self.run("cargo update --workspace --quiet")?;
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--message", "Greet"]).map(drop)
    }

    /// Writes another library, as the README of that time says.
    fn write_over(&self) -> Result<()> {
        self.git(&["rm", "-r", "--quiet", "common/src", "common/tests", "wasm-client/src/convert.rs"])?;
        self.git(&["rm", "--quiet", "wasm-client/src/convert.js", "wasm-client/tests/answers.rs"])?;
        self.write("common/src/lib.rs", LIBRARY)?;
        self.write("wasm-client/src/lib.rs", "//! Greetings, for JavaScript.\n\nmod package;\n")?;
        self.write("wasm-client/tests/package/api.test.js", "// Greetings.\n")?;
        self.write("README.md", README)?;
        self.write("wasm-client/npm/README.md", README)?;
        self.depend()?;
        self.run("cargo update --workspace --quiet").map(drop)
    }

    fn rename(&self) -> Result<()> {
        self.git(&["mv", "common", "numbers"])?;
        for path in files(&self.dir)? {
            let is_named = [".toml", ".rs"].iter().any(|end| path.ends_with(end));
            let is_apart = ["xtask/", "crates/"].iter().any(|folder| path.starts_with(folder));
            if is_named && !is_apart {
                let text = fs::read_to_string(self.dir.join(&path))?;
                self.write(&path, &steps::replace_word(&text, "common", "numbers"))?;
            }
        }
        self.run("cargo update --workspace --quiet").map(drop)
    }

    fn depend(&self) -> Result<()> {
        let path = self.dir.join("Cargo.toml");
        let mut manifest: DocumentMut = fs::read_to_string(&path)?.parse()?;
        manifest["workspace"]["dependencies"][DEPENDENCY.0] = value(DEPENDENCY.1);
        fs::write(path, manifest.to_string())?;
        let path = self.dir.join("common/Cargo.toml");
        let mut manifest: DocumentMut = fs::read_to_string(&path)?.parse()?;
        manifest["dependencies"][DEPENDENCY.0]["workspace"] = value(true);
        fs::write(path, manifest.to_string())?;
        Ok(())
    }

    /// Runs the commands of docs/updating.md; a merge that stops at conflicts is what they are about.
    fn update(&self, tag: &str) -> Result<String> {
        let commands = block(self.lab, "git rm -rq .")?;
        ensure!(commands.contains("\ntag=") || commands.starts_with("tag="), "the commands set no tag");
        let commands: Vec<String> = commands
            .lines()
            .map(|line| if line.starts_with("tag=") { format!("tag={tag}") } else { line.to_owned() })
            .collect();
        match self.run(&commands.join("\n")) {
            Err(error) if !self.dir.join(".git/MERGE_HEAD").exists() => Err(error),
            Err(error) => Ok(format!("{error:#}")),
            Ok(printed) => Ok(printed),
        }
    }

    /// As docs/updating.md says of each kind.
    fn resolve(&self, conflicts: &BTreeSet<String>) -> Result<()> {
        for path in conflicts {
            if self.git(&["show", &format!(":2:{path}")]).is_err() {
                self.git(&["rm", "--quiet", path])?;
            } else if path == "template.toml" || path == "Cargo.lock" || path.ends_with("Cargo.toml") {
                self.git(&["checkout", "--theirs", path])?;
            } else if path == "README.md" || ["common/", "wasm-client/"].iter().any(|folder| path.starts_with(folder)) {
                self.git(&["checkout", "--ours", path])?;
            } else {
                bail!("{path} conflicts, and docs/updating.md does not say what to do");
            }
        }

        // What the owner wrote over, and the merge brought.
        let steps = steps::read(&self.git(&["show", "template:README.md"])?)?;
        let example: Vec<String> = steps.into_iter().flat_map(|step| step.files).collect();
        for path in self.git(&["diff", "--cached", "--name-only", "--diff-filter=A", "HEAD"])?.lines() {
            if example.iter().any(|part| path == part || path.starts_with(&format!("{part}/"))) {
                self.git(&["rm", "--quiet", "--force", path])?;
            }
        }

        // Both may have added the table, in two places: cargo calls that a duplicate key.
        let library = fs::read_to_string(self.dir.join("common/Cargo.toml"))?;
        if library.parse::<DocumentMut>().is_err() {
            self.git(&["checkout", "template", "common/Cargo.toml"])?;
        }
        self.depend()?;
        self.run("cargo update --workspace --quiet")?;

        let left = files(&self.dir)?;
        for path in left.iter().filter(|path| [".rs", ".toml", ".md"].iter().any(|end| path.ends_with(end))) {
            let text = fs::read_to_string(self.dir.join(path))?;
            ensure!(!text.contains("<<<<<<< "), "{path} has marks of a conflict");
        }
        Ok(())
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    fn file_of(&self, branch: &str, path: &str) -> Option<Vec<u8>> {
        let mut git = Command::new("git");
        self.lab.known(git.args(["show", &format!("{branch}:{path}")]), &self.dir);
        git.output().ok().filter(|output| output.status.success()).map(|output| output.stdout)
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        let mut git = Command::new("git");
        self.lab.known(git.args(arguments), &self.dir);
        command::output(&mut git)
    }

    fn run(&self, commands: &str) -> Result<String> {
        command::output(&mut self.lab.shell(commands, &self.dir))
    }
}

/// The block of docs/updating.md with these words.
fn block(lab: &Lab, words: &str) -> Result<String> {
    let blocks = shell_blocks(&lab.root.join("docs/updating.md"))?;
    let block = blocks.into_iter().find(|block| block.contains(words));
    block.with_context(|| format!("docs/updating.md has no block with `{words}`"))
}

/// The tag is the same wherever it is written, and a tagged commit has its own tag.
pub(crate) fn version(lab: &Lab) -> Result<()> {
    let tag = lab.tag()?;
    let changelog = fs::read_to_string(lab.root.join("CHANGELOG.md"))?;
    let newest = changelog.lines().filter_map(|line| line.strip_prefix("## ")).find(|title| *title != "Unreleased");
    ensure!(newest == Some(tag.as_str()), "template.toml has the tag {tag}, and CHANGELOG.md {newest:?}");
    let generated = fs::read_to_string(lab.root.join("template/files/template.toml.liquid"))?;
    ensure!(generated.contains(&format!("\ntag = \"{tag}\"\n")), "template/files/template.toml.liquid has another tag");
    let readme = fs::read_to_string(lab.root.join("README.md"))?;
    ensure!(readme.contains(&format!("--tag {tag}")), "README.md does not generate from {tag}");
    let recorded: DocumentMut = fs::read_to_string(lab.root.join("template.toml"))?.parse()?;
    let address = recorded["template"]["git"].as_str().context("template.toml has no `git` below [template]")?;
    // The README's command is run one folder above.
    let address = address.strip_prefix('.').filter(|rest| rest.starts_with("./")).unwrap_or(address);
    ensure!(readme.contains(&format!("--git {address} ")), "README.md does not generate from {address}");
    let on_this_commit = command::output(lab.git().args(["tag", "--list", "--points-at", "HEAD", "v*"]))?;
    ensure!(
        on_this_commit.is_empty() || on_this_commit.lines().any(|name| name == tag),
        "this commit is {}, and template.toml says {tag}",
        on_this_commit.trim()
    );
    Ok(())
}

/// The answers that a project records give the same project once more.
pub(crate) fn record(lab: &Lab, answers: &Answers) -> Result<()> {
    let first = lab.generate("recorded", answers)?;
    let dir = lab.fresh("again")?;
    let mut generate = lab.cargo_generate(&dir);
    generate.args(["--silent", "--name", answers.settled, "--git"]).arg(&lab.template);
    command::output(generate.arg("--values-file").arg(first.join("template.toml")))?;
    same(&first, &dir.join(answers.settled)).with_context(|| answers.words())
}

fn same(first: &Path, second: &Path) -> Result<()> {
    let (here, there) = (files(first)?, files(second)?);
    ensure!(here == there, "not the same files: {here:?} and {there:?}");
    for path in here {
        ensure!(fs::read(first.join(&path))? == fs::read(second.join(&path))?, "{path} is not the same");
    }
    Ok(())
}
