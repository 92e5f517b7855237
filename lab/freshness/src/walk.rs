//! A random walk: edits, reverts, deletions, dates of all kinds, branches, killed and broken builds, lost caches; after
//! each step a build, whose package must be the one that is built from nothing.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use fastrand::Rng;

use crate::{
    backend::Backend,
    machine::Machine,
    play::{ANSWER, INPUT, LABEL, MIDDLE, Outcome, Play, SPARE, TABLE, VIEW, When},
    strategy::Strategy,
    tree,
};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many steps [default: 200 on folders, 40 on the engine].
    #[arg(long)]
    steps: Option<u32>,
    /// Where chance begins; the same number is the same walk, but for the moments of kills [default: another each time].
    #[arg(long)]
    seed: Option<u64>,
    /// Which strategy, by name.
    #[arg(long, default_value = "ours")]
    strategy: String,
    /// Stop at the first package that is not right.
    #[arg(long)]
    stop: bool,
}

/// Walks. Whether every package was right.
///
/// # Errors
/// What the lab itself cannot do.
pub(crate) fn run(
    backend: &mut dyn Backend,
    machine: &Machine,
    strategies: &[Strategy],
    options: &Options,
) -> Result<bool> {
    let find = |name: &str| {
        strategies.iter().find(|strategy| strategy.name == name).with_context(|| {
            let names: Vec<&str> = strategies.iter().map(|strategy| strategy.name.as_str()).collect();
            format!("no strategy `{name}`; there are: {}", names.join(", "))
        })
    };
    let strategy = find(&options.strategy)?;
    machine.install_for(strategy)?;
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let steps = options.steps.unwrap_or(if backend.name() == "engine" { 40 } else { 200 });
    println!("walk of {steps} steps on the {}, strategy `{}`, seed {seed}", backend.name(), strategy.name);
    let mut rng = Rng::with_seed(seed);
    let mut play = Play::begin(backend, machine, strategy, find(&strategy.reference)?)?;
    play.check_out(2)?;
    play.check_out(1)?;
    let mut wrong = Vec::new();
    for number in 1..=steps {
        let moves: Vec<String> = (0..rng.u32(1..=3)).map(|_| change(&mut play, &mut rng)).collect::<Result<_>>()?;
        let mut said = moves;
        match rng.u32(0..10) {
            0 | 1 => {
                let after = Duration::from_millis(rng.u64(0..1500));
                play.build_killed_after(after)?;
                said.push(format!("a build killed after {} ms", after.as_millis()));
                if rng.bool() {
                    said.push(change(&mut play, &mut rng)?);
                }
            }
            2 => {
                let text = play.read(VIEW)?;
                play.write(VIEW, "not Rust\n", When::Now)?;
                play.build_broken()?;
                play.write(VIEW, &text, when(&mut rng))?;
                said.push("a build that does not compile".to_owned());
            }
            3 => {
                play.build_dev()?;
                said.push("a development build".to_owned());
            }
            _ => {}
        }
        // So that no layer answers.
        play.edit_to(VIEW, 100 + number, when(&mut rng))?;
        play.build()?;
        let (outcome, why) = play.take_outcome();
        let state = if outcome == Outcome::Right { "right" } else { "WRONG" };
        println!("{number:>4}  {state}  {}  {}", said.join(", "), why.unwrap_or_default());
        if outcome != Outcome::Right {
            wrong.push(number);
            if options.stop {
                break;
            }
        }
    }
    println!(
        "{} of {steps} steps left a package that is not the one built from nothing (strategy `{}`, seed {seed}){}",
        wrong.len(),
        strategy.name,
        wrong.first().map(|first| format!("; the first was step {first}")).unwrap_or_default()
    );
    Ok(wrong.is_empty())
}

fn when(rng: &mut Rng) -> When {
    match rng.u32(0..4) {
        0 => When::Older,
        1 => When::LastBuild,
        _ => When::Now,
    }
}

/// One change, and what it was.
fn change(play: &mut Play, rng: &mut Rng) -> Result<String> {
    let files = [ANSWER, SPARE, TABLE, INPUT, MIDDLE, LABEL, VIEW];
    let file = files[rng.usize(..files.len())];
    Ok(match rng.u32(0..14) {
        0..=4 => {
            let when = when(rng);
            play.edit_to(file, rng.u32(1..5), when)?;
            format!("{file} edited {}", said(when))
        }
        5 => {
            if play.can_hide_edits() {
                play.edit_same_length(file, When::AsBefore)?;
                format!("{file} edited, its length and time kept")
            } else {
                play.edit_same_length(file, When::Now)?;
                format!("{file} edited, its length kept")
            }
        }
        6 | 7 => {
            play.revert(file)?;
            format!("{file} as it was, with its old time")
        }
        8 => {
            let lib = "common/src/lib.rs";
            let with = play.original(lib)?;
            let without = with.replace("mod spare;\n", "").replace("spare::spare()", "\"none\"");
            if play.read(lib)? == with {
                play.write(lib, &without, when(rng))?;
                play.remove(SPARE)?;
                "a module deleted".to_owned()
            } else {
                play.write(lib, &with, when(rng))?;
                play.edit_to(SPARE, rng.u32(1..5), when(rng))?;
                "a module added".to_owned()
            }
        }
        9 => {
            let time = SystemTime::now() - Duration::from_secs(rng.u64(0..7200));
            let time = if rng.bool() { time } else { tree::date_2020() };
            play.date_all(time)?;
            "all times set to one".to_owned()
        }
        10 => {
            let number = if play.present() == 1 { 2 } else { 1 };
            play.check_out(number)?;
            format!("on to checkout {number}")
        }
        11 => {
            let manifest = "wasm-client/Cargo.toml";
            let off = play.original(manifest)?;
            let on = off.replace("default = []", "default = [\"extra\"]");
            let next = if play.read(manifest)? == off { on } else { off };
            play.write(manifest, &next, when(rng))?;
            "the feature switched".to_owned()
        }
        12 => {
            play.empty_layers()?;
            "layers lost".to_owned()
        }
        _ => {
            let next = play.read("Cargo.lock.newer")?;
            let now = play.read("Cargo.lock")?;
            let next = if now == next { play.original("Cargo.lock")? } else { next };
            play.write("Cargo.lock", &next, when(rng))?;
            "a dependency's version switched".to_owned()
        }
    })
}

fn said(when: When) -> &'static str {
    match when {
        When::Now => "now",
        When::Older => "with an older time",
        When::LastBuild => "with the time of the last build",
        When::AsBefore => "with its time kept",
    }
}
