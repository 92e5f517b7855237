//! A random walk: edits, reverts, deletions, dates of all kinds, branches, killed and broken builds, lost caches; after
//! each step a build, whose package must be the one that is built from nothing.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use fastrand::Rng;

use crate::{
    backend::Backend,
    machine::Machine,
    play::{ANSWER, INPUT, Judgement, LABEL, MIDDLE, Play, SPARE, TABLE, VIEW, When},
    results::Outcome,
    strategy::{self, Strategy},
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
    let strategy = strategy::find(strategies, &options.strategy)?;
    let reference = strategy::find(strategies, &strategy.reference)?;
    machine.install_for(strategy)?;
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let steps = options.steps.unwrap_or(if backend.name() == "engine" { 40 } else { 200 });
    println!("walk of {steps} steps on the {}, strategy `{}`, seed {seed}", backend.name(), strategy.name);
    let mut play = Play::begin(backend, machine, strategy, reference)?;
    play.check_out(2)?;
    play.check_out(1)?;

    let mut rng = Rng::with_seed(seed);
    let mut wrong = Vec::new();
    for number in 1..=steps {
        let said = step(&mut play, &mut rng, number)?;
        let Judgement { outcome, why } = play.take_outcome();
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

/// Some changes, sometimes a build that comes to nothing, and one that is judged. What was done.
fn step(play: &mut Play, rng: &mut Rng, number: u32) -> Result<Vec<String>> {
    let mut said = Vec::new();
    for _ in 0..rng.u32(1..=3) {
        said.push(change(play, rng)?);
    }

    match rng.u32(0..10) {
        0 | 1 => {
            let after = Duration::from_millis(rng.u64(0..1500));
            play.build_killed_after(after)?;
            said.push(format!("a build killed after {} ms", after.as_millis()));
            if rng.bool() {
                said.push(change(play, rng)?);
            }
        }
        2 => {
            let text = play.read(VIEW)?;
            play.write(VIEW, "not Rust\n", When::Now)?;
            play.build_broken()?;
            play.write(VIEW, &text, when(rng))?;
            said.push("a build that does not compile".to_owned());
        }
        3 => {
            play.build_dev()?;
            said.push("a development build".to_owned());
        }
        _ => {}
    }

    // So that no layer answers.
    play.edit_to(VIEW, 100 + number, when(rng))?;
    play.build()?;
    Ok(said)
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
    match rng.u32(0..14) {
        0..=4 => {
            let when = when(rng);
            play.edit_to(file, rng.u32(1..5), when)?;
            Ok(format!("{file} edited {}", said(when)))
        }
        5 => hide(play, file),
        6 | 7 => {
            play.revert(file)?;
            Ok(format!("{file} as it was, with its old time"))
        }
        8 => switch_module(play, rng),
        9 => {
            let time = SystemTime::now() - Duration::from_secs(rng.u64(0..7200));
            let time = if rng.bool() { time } else { tree::date_2020() };
            play.date_all(time)?;
            Ok("all times set to one".to_owned())
        }
        10 => {
            let number = if play.present() == 1 { 2 } else { 1 };
            play.check_out(number)?;
            Ok(format!("on to checkout {number}"))
        }
        11 => switch_feature(play, rng),
        12 => {
            play.empty_layers()?;
            Ok("layers lost".to_owned())
        }
        _ => switch_version(play, rng),
    }
}

/// An edit that leaves a file's length, and its time where the builder sees such an edit at all.
fn hide(play: &mut Play, file: &str) -> Result<String> {
    if play.can_hide_edits() {
        play.edit_same_length(file, When::AsBefore)?;
        return Ok(format!("{file} edited, its length and time kept"));
    }
    play.edit_same_length(file, When::Now)?;
    Ok(format!("{file} edited, its length kept"))
}

fn switch_module(play: &mut Play, rng: &mut Rng) -> Result<String> {
    let lib = "common/src/lib.rs";
    let with = play.original(lib)?;
    if play.read(lib)? == with {
        let without = with.replace("mod spare;\n", "").replace("spare::spare()", "\"none\"");
        play.write(lib, &without, when(rng))?;
        play.remove(SPARE)?;
        return Ok("a module deleted".to_owned());
    }
    play.write(lib, &with, when(rng))?;
    play.edit_to(SPARE, rng.u32(1..5), when(rng))?;
    Ok("a module added".to_owned())
}

fn switch_feature(play: &mut Play, rng: &mut Rng) -> Result<String> {
    let manifest = "wasm-client/Cargo.toml";
    let off = play.original(manifest)?;
    let on = off.replace("default = []", "default = [\"extra\"]");
    let next = if play.read(manifest)? == off { on } else { off };
    play.write(manifest, &next, when(rng))?;
    Ok("the feature switched".to_owned())
}

fn switch_version(play: &mut Play, rng: &mut Rng) -> Result<String> {
    let newer = play.read("Cargo.lock.newer")?;
    let now = play.read("Cargo.lock")?;
    let next = if now == newer { play.original("Cargo.lock")? } else { newer };
    play.write("Cargo.lock", &next, when(rng))?;
    Ok("a dependency's version switched".to_owned())
}

fn said(when: When) -> &'static str {
    match when {
        When::Now => "now",
        When::Older => "with an older time",
        When::LastBuild => "with the time of the last build",
        When::AsBefore => "with its time kept",
    }
}
