//! placeholder
use crate::workspace::Workspace;
pub(crate) fn run(_w: &Workspace, _only: &[String]) -> anyhow::Result<()> { anyhow::bail!("not yet") }
