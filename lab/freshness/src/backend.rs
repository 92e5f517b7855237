//! What both back ends can do for a scenario.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::{process::Kill, strategy::Strategy};

/// What is built: a checkout on the host, as it is now.
#[derive(Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) checkout: &'a Path,
    pub(crate) dev: bool,
    /// For npm: where a strategy does more before it publishes, that is done, too.
    pub(crate) publish: bool,
    /// What the variable `API_URL` says, which the client reads when it is compiled.
    pub(crate) address: &'a str,
    /// Where this is not 0, the checkout is built at a path of this number, and all such but one share a target folder.
    pub(crate) place: u32,
}

/// The place whose folder has a name that programs stumble over. It shares no target folder.
pub(crate) const ODD_PLACE: u32 = 3;

impl<'a> Order<'a> {
    pub(crate) fn of(checkout: &'a Path) -> Self {
        Self { checkout, dev: false, publish: false, address: "", place: 0 }
    }

    /// The target of a strategy that builds it.
    pub(crate) fn target(&self, strategy: &Strategy) -> &'static str {
        if self.publish && strategy.text.contains("\npublish:\n") { "publish" } else { "wasm" }
    }
}

/// How a build went.
pub(crate) struct Built {
    pub(crate) end: Ended,
    /// Names of the crates that the compiler was started for.
    pub(crate) compiled: BTreeSet<String>,
    /// Seconds on the wall, and of the processor where that is known.
    pub(crate) wall: f64,
    pub(crate) cpu: Option<f64>,
}

pub(crate) enum Ended {
    /// The package's folder; it stays until the next build.
    Package(PathBuf),
    /// The build's own words.
    Failed(String),
    Killed,
}

/// A way to run strategies. Each has one state: layers, cache mounts and, with an engine, uploads.
pub(crate) trait Backend {
    fn name(&self) -> &'static str;

    /// The state after the first build of the untouched fixture; makes it where it is not kept from an earlier run.
    fn start(&mut self, strategy: &Strategy) -> Result<Start>;

    /// Builds in the present state.
    fn build(&mut self, strategy: &Strategy, order: Order, kill: Option<&Kill>) -> Result<Built>;

    /// Two builds that are started together.
    fn build_two(&mut self, strategy: &Strategy, orders: [Order; 2]) -> Result<[Built; 2]>;

    /// When cargo says that it last built `common`: the time that sources are compared with.
    fn last_built(&self, fallback: SystemTime) -> Option<SystemTime>;

    /// Letters that make each run's edits its own, where layers outlive a run.
    fn salt(&self) -> &str;

    fn empty_mounts(&mut self) -> Result<()>;

    fn empty_layers(&mut self) -> Result<()>;

    /// Whether an edit that changes neither a file's length nor its time is seen; a client does not upload it.
    fn sees_every_edit(&self) -> bool;

    /// Whether checkouts can be built at paths of their own.
    fn has_places(&self) -> bool;

    /// Whether `age` can be played.
    fn can_age(&self, strategy: &Strategy) -> bool;

    /// Makes all that is kept look a day newer than it is, as if it was made before the clock was set back.
    fn age(&mut self) -> Result<()>;

    /// Another standard library under the same version of the compiler, or the first one again.
    fn other_toolchain(&mut self, strategy: &Strategy, other: bool) -> Result<()>;

    /// A package of these sources built from nothing, by the reference strategy.
    fn build_from_nothing(&mut self, reference: &Strategy, order: Order) -> Result<PathBuf>;
}

/// Where a scenario begins.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Start {
    /// When the first build began. The sources were an hour old by then.
    pub(crate) built: SystemTime,
    /// What it took, in seconds, by the measure that the back end reports.
    pub(crate) cold: f64,
}
