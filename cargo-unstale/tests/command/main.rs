//! The command as a user calls it, on small workspaces that are written here.

#[cfg(test)]
mod fixture;

#[cfg(test)]
mod arguments;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod verify;
#[cfg(test)]
mod workspaces;
