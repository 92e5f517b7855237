//! The scenarios: what happens between the first build and the one that is judged.
//!
//! Each begins with a strategy's first build of the untouched fixture, whose files were an hour old by then.
//! Where a change is undone, something else changes too, so that a build with a layer cache is not spared the work.

use std::time::SystemTime;

use anyhow::Result;

use crate::{
    backend::ODD_PLACE,
    play::{ANSWER, INPUT, LABEL, MIDDLE, Play, SPARE, TABLE, VIEW, When},
    tree,
};

/// The crates of the fixture with those from the registry.
const ALL_CRATES: usize = 21;

/// How many crates the last build has to compile.
pub(crate) enum Needed {
    These(usize),
    All,
}

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// What happens, in a line.
    pub(crate) what: &'static str,
    pub(crate) needed: Needed,
    pub(crate) play: fn(&mut Play) -> Result<()>,
}

impl Needed {
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::These(count) => *count,
            Self::All => ALL_CRATES,
        }
    }
}

/// `common`, the crate that uses it, and the client.
const CHAIN: Needed = Needed::These(3);
const CLIENT: Needed = Needed::These(1);
/// A crate that one of the others uses, and what uses that.
const CLIENT_AND_ITS_OWN: Needed = Needed::These(2);
const CHAIN_AND_ITS_OWN: Needed = Needed::These(4);
/// The crate with the proc macros, and the two that use it.
const MACRO_AND_USERS: Needed = Needed::These(3);

pub(crate) const ALL: &[Scenario] = &[
    Scenario { name: "nothing changed", what: "The same again.", needed: Needed::These(0), play: |lab| lab.build() },
    Scenario {
        name: "edit now",
        what: "A source of `common` is edited.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "client only",
        what: "A source of `wasm-client` is edited.",
        needed: CLIENT,
        play: |lab| {
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "edit, older mtime",
        what: "The edit's time is a minute before the last build.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "edit, equal mtime",
        what: "The edit's time is the very one that cargo compares with.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::LastBuild)?;
            lab.build()
        },
    },
    Scenario {
        name: "same length and mtime",
        what: "Built once more, then edited: neither the file's length nor its time changes.",
        needed: CHAIN,
        play: |lab| {
            // The client has seen these files by then.
            lab.build()?;
            lab.edit_same_length(ANSWER, When::AsBefore)?;
            lab.build()
        },
    },
    Scenario {
        name: "revert, old mtimes",
        what: "An edit is built, then undone with the old time; the client is edited.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::Now)?;
            lab.build()?;
            lab.revert(ANSWER)?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "fresh clone",
        what: "All times are now; a commit to the client came with it.",
        needed: CLIENT,
        play: |lab| {
            lab.edit(VIEW, When::Now)?;
            lab.date_all(SystemTime::now())?;
            lab.build()
        },
    },
    Scenario {
        name: "all mtimes 2020",
        what: "All times are in 2020; a commit to `common` came with it.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::Now)?;
            lab.date_all(tree::date_2020())?;
            lab.build()
        },
    },
    Scenario {
        name: "branches A, B, A",
        what: "A branch is checked out and built, then the first one again; git dates what it writes now.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::Now)?;
            lab.edit(VIEW, When::Now)?;
            lab.build()?;
            for file in [ANSWER, VIEW] {
                let text = lab.original(file)?;
                lab.write(file, &text, When::Now)?;
            }
            lab.build()
        },
    },
    Scenario {
        name: "two checkouts",
        what: "Two checkouts of different commits share the cache and are built by turns.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::Now)?;
            lab.build()?;
            // This one was cloned before.
            lab.check_out(2)?;
            lab.edit(SPARE, When::Older)?;
            lab.build()?;
            lab.check_out(1)?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "module renamed",
        what: "A module moves into a folder of its own, with another content and its old time.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(SPARE, When::Older)?;
            let text = lab.read(SPARE)?;
            lab.remove(SPARE)?;
            lab.write("common/src/spare/mod.rs", &text, When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "module deleted",
        what: "A module is deleted, and the line that names it; that file's time is old.",
        needed: CHAIN,
        play: |lab| {
            lab.remove(SPARE)?;
            let text = lab.original("common/src/lib.rs")?;
            let text = text.replace("mod spare;\n", "").replace("spare::spare()", &format!("\"none {}\"", lab.salt()));
            lab.write("common/src/lib.rs", &text, When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "module added",
        what: "A module comes from an archive with its old time, and is named in an edit of now.",
        needed: CHAIN,
        play: |lab| {
            let text = lab.original(SPARE)?.replace("spare", "added").replace("as it was", &lab.salt());
            lab.write("common/src/added.rs", &text, When::Older)?;
            let text = lab.original("common/src/lib.rs")?;
            let text = text
                .replace("mod spare;\n", "mod added;\nmod spare;\n")
                .replace("spare::spare()", "added::added().len() + spare::spare().len()");
            lab.write("common/src/lib.rs", &text, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "included file, old mtime",
        what: "A file that `include_str!` names is edited, with an old time.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(TABLE, When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "build script's input, old mtime",
        what: "A file that the build script reads is edited, with an old time.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(INPUT, When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "killed, then reverted",
        what: "A build of an edit is killed half-way, the edit is undone with its old time; the client is edited.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::Now)?;
            lab.build_killed("wasm-client")?;
            lab.revert(ANSWER)?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "compile error, then reverted",
        what: "Both crates are edited, the client wrongly; then `common` is as it was, with its old time.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::Now)?;
            lab.write(VIEW, "not Rust\n", When::Now)?;
            lab.build_broken()?;
            lab.revert(ANSWER)?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "dev, edit, release",
        what: "Built for development, edited, built for development and for release.",
        needed: CHAIN,
        play: |lab| {
            lab.build_dev()?;
            lab.edit(ANSWER, When::Now)?;
            lab.build_dev()?;
            lab.build()
        },
    },
    Scenario {
        name: "feature on, off",
        what: "A feature is made a default one, then no longer; each manifest has a time of now.",
        needed: CHAIN,
        play: |lab| {
            let manifest = "wasm-client/Cargo.toml";
            let off = lab.original(manifest)?;
            lab.write(
                manifest,
                &off.replace("default = []", &format!("default = [\"extra\"] # {}", lab.salt())),
                When::Now,
            )?;
            lab.build()?;
            lab.write(manifest, &off, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "dependency bumped",
        what: "The lock file names a newer version of a crate, with an old time; the client is edited.",
        needed: CHAIN_AND_ITS_OWN,
        play: |lab| {
            let lock = lab.original("Cargo.lock.newer")?;
            lab.write("Cargo.lock", &lock, When::Older)?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "clock a day back",
        what: "The clock is set back by a day after the first build, then a source is edited.",
        needed: CHAIN,
        play: |lab| {
            lab.clock_back()?;
            lab.edit(ANSWER, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "two builds at once",
        what: "Two checkouts of different commits are built at the same time on one cache.",
        needed: CHAIN,
        play: |lab| {
            lab.check_out(2)?;
            lab.edit(SPARE, When::Older)?;
            lab.check_out(1)?;
            lab.edit(ANSWER, When::Now)?;
            lab.build_both(2)
        },
    },
    Scenario {
        name: "toolchain rebuilt",
        what: "Another standard library under the same `rustc -vV`, the cache stays; no source changes.",
        needed: Needed::All,
        play: |lab| {
            lab.other_toolchain()?;
            lab.build()
        },
    },
    Scenario {
        name: "cache mounts emptied",
        what: "The cache mounts are lost while the layers stay; the client is edited.",
        needed: Needed::All,
        play: |lab| {
            lab.empty_mounts()?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "layers emptied",
        what: "An edit is built, the layers are lost while the mounts stay, the edit is undone with its old time.",
        needed: CHAIN,
        play: |lab| {
            lab.edit(ANSWER, When::Now)?;
            lab.build()?;
            lab.empty_layers()?;
            lab.revert(ANSWER)?;
            lab.build()
        },
    },
    Scenario {
        name: "crate between, old mtime",
        what: "A source of the crate between `common` and the client is edited, with an old time.",
        needed: CLIENT_AND_ITS_OWN,
        play: |lab| {
            lab.edit(MIDDLE, When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "proc macro, old mtime",
        what: "A source of a proc macro is edited, with an old time.",
        needed: MACRO_AND_USERS,
        play: |lab| {
            lab.edit(LABEL, When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "proc macro's include, old mtime",
        what: "A file that a proc macro's source includes is edited, with an old time.",
        needed: MACRO_AND_USERS,
        play: |lab| {
            lab.edit("crates/labels/data/label.txt", When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "another crate's file, old mtime",
        what: "A file that `common` takes from the folder of a crate above it is edited, with an old time.",
        needed: CHAIN,
        play: |lab| {
            lab.edit("crates/libmiddle/src/words.rs", When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "patched crate, old mtime",
        what: "A crate that takes the place of another by `[patch]` is edited, with an old time.",
        needed: CLIENT_AND_ITS_OWN,
        play: |lab| {
            lab.edit("crates/patched/src/lib.rs", When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "vendored crate",
        what: "A crate in `vendor` is edited, with an old time; its checksum file lists nothing.",
        needed: CHAIN_AND_ITS_OWN,
        play: |lab| {
            lab.edit("vendor/unlisted/src/lib.rs", When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "vendored crate, checksums",
        what: "A crate in `vendor` is edited, and the checksum that is listed for it, both with old times.",
        needed: CHAIN_AND_ITS_OWN,
        play: |lab| {
            let (source, list) = ("vendor/listed/src/lib.rs", "vendor/listed/.cargo-checksum.json");
            let before = tree::sha256(lab.original(source)?.as_bytes());
            lab.edit(source, When::Older)?;
            let now = tree::sha256(lab.read(source)?.as_bytes());
            let text = lab.original(list)?.replace(&before, &now);
            lab.write(list, &text, When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "build script's outer file, old mtime",
        what: "A file of the workspace that the build script reads and declares is edited, with an old time.",
        needed: CHAIN,
        play: |lab| {
            lab.edit("schema/number.txt", When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "build script's folder, file added",
        what: "A file is added to a folder that the build script reads and declares; both have old times.",
        needed: CHAIN,
        play: |lab| {
            let part = format!("part: {}", lab.salt());
            lab.write("common/data/parts/two.txt", &part, When::Older)?;
            lab.date_back("common/data/parts")?;
            lab.build()
        },
    },
    Scenario {
        name: "build script's undeclared file",
        what: "A file that the build script reads and does not declare is edited now; the package is built for npm.",
        needed: Needed::All,
        play: |lab| {
            lab.edit("schema/undeclared.txt", When::Now)?;
            lab.publish()
        },
    },
    Scenario {
        name: "variable changed",
        what: "A variable that the client reads by `option_env!` gets another value.",
        needed: CLIENT,
        play: |lab| {
            lab.set_address(format!("first {}", lab.salt()));
            lab.build()?;
            lab.set_address(format!("second {}", lab.salt()));
            lab.build()
        },
    },
    Scenario {
        name: "crate's folder renamed",
        what: "A crate's folder gets another name, is built, and gets its name back with other content; all times are old.",
        needed: CLIENT_AND_ITS_OWN,
        play: |lab| {
            let [before, after] = ["crates/patched", "crates/moved"];
            let manifest = lab.original("Cargo.toml")?;
            lab.rename(before, after)?;
            lab.write("Cargo.toml", &manifest.replace(before, after), When::Older)?;
            lab.build()?;
            lab.rename(after, before)?;
            lab.write("Cargo.toml", &manifest, When::Older)?;
            lab.edit("crates/patched/src/lib.rs", When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "one target folder, two checkouts",
        what: "Two checkouts at two paths are built by turns with one `CARGO_TARGET_DIR`; no layer answers.",
        needed: Needed::These(0),
        play: |lab| {
            lab.use_places();
            lab.build()?;
            lab.check_out(2)?;
            lab.edit(SPARE, When::Older)?;
            lab.build()?;
            lab.check_out(1)?;
            lab.empty_layers()?;
            lab.build()
        },
    },
    Scenario {
        name: "another crate's source, build script",
        what: "A source of `common` is edited, which another crate's build script reads and declares.",
        needed: CHAIN,
        play: |lab| {
            lab.edit("common/src/error.rs", When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "outer file behind the registry",
        what: "A file is edited, with an old time, that a build script declares in a patched crate that only crates of the \
               registry use.",
        needed: Needed::These(3),
        play: |lab| {
            lab.edit("schema/length.txt", When::Older)?;
            lab.build()
        },
    },
    Scenario {
        name: "license of the workspace",
        what: "The license in the root's Cargo.toml is changed, which a build script uses; the client is edited.",
        needed: CHAIN,
        play: |lab| {
            lab.replace("Cargo.toml", "MIT OR Apache-2.0", "MIT")?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "license of another workspace",
        what: "The same in another workspace of the checkout, of which a crate is used here.",
        needed: CLIENT_AND_ITS_OWN,
        play: |lab| {
            lab.replace("crates/guests/Cargo.toml", "MIT", "Apache-2.0")?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "variable of cargo's configuration",
        what: "A variable in .cargo/config.toml is changed, which a proc macro reads in a crate without a build script.",
        needed: CLIENT,
        play: |lab| {
            lab.edit(".cargo/config.toml", When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "wrapper turned off",
        what: "Cargo's configuration gets an empty `rustc-wrapper`, which turns off one of a folder above; the client is edited.",
        needed: CLIENT,
        play: |lab| {
            let text = lab.original(".cargo/config.toml")?;
            lab.write(".cargo/config.toml", &(text + "\n[build]\nrustc-wrapper = \"\"\n"), When::Now)?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "proc macro's undeclared file",
        what: "A file of a crate is edited, which a proc macro reads and does not declare.",
        needed: CLIENT_AND_ITS_OWN,
        play: |lab| {
            lab.edit("crates/libmiddle/data/quiet.txt", When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "link re-pointed",
        what: "A link to an included file gets another target, as old as the first; the client is edited.",
        needed: CHAIN,
        play: |lab| {
            lab.link("common/data/chosen.txt", "choices/two.txt")?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "declared folder, file deleted",
        what: "Built in both profiles with a file more in a declared folder; it is deleted, the folder's time is old.",
        needed: CHAIN,
        play: |lab| {
            let two = "common/data/parts/two.txt";
            let part = format!("part: {}", lab.salt());
            lab.write(two, &part, When::Now)?;
            lab.build_dev()?;
            lab.build()?;
            lab.remove(two)?;
            lab.date_back("common/data/parts")?;
            lab.edit(VIEW, When::Now)?;
            lab.build_dev()?;
            lab.build()
        },
    },
    Scenario {
        name: "compiler probed",
        what: "A build script asks the compiler, through its wrapper, what it can, as `autocfg` does; then the client is edited.",
        needed: CLIENT,
        play: |lab| {
            lab.replace("common/build.rs", "PROBES: bool = false", "PROBES: bool = true")?;
            lab.edit(VIEW, When::Now)?;
            lab.build()?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "build script writes a source",
        what: "A build script writes a file of its crate again, the same bytes each time.",
        needed: CHAIN,
        play: |lab| {
            lab.write("common/src/generated.txt", "the same each time\n", When::Older)?;
            lab.replace("common/build.rs", "GENERATES: bool = false", "GENERATES: bool = true")?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
    Scenario {
        name: "checkout in an odd folder",
        what: "The checkout and its target folder move to one whose name has a combining accent, an emoji and braces.",
        needed: Needed::All,
        play: |lab| {
            lab.use_places();
            lab.check_out(ODD_PLACE)?;
            lab.edit(VIEW, When::Now)?;
            lab.build()
        },
    },
];
