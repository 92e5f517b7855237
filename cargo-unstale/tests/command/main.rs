//! The command as a user calls it, on small workspaces that are written here.

mod fixture;

mod arguments;
mod changes;
mod programs;
mod workspaces;
