//! Keeps cargo from shipping stale code, whatever the times of files say. It knows cargo, and nothing of WebAssembly.
//!
//! Cargo compiles a local package again when a file of it is newer than the last build. An edit with an older time goes
//! unseen: an unpacked archive, a checkout that keeps times, a cache that two checkouts share. So each build is:
//!
//! 1. *Forget*: take the record of the last build away, and `cargo clean` each local package whose files have other
//!    digests than it says.
//! 2. *Build*: whatever cargo calls the caller makes, all in a target folder of our own.
//! 3. *Seal*: if no file changed meanwhile, write the record.
//! 4. *Check*: each local package was built from files that its digest covers, and no others.
//!
//! `graph` finds the local packages, `digest` reads their files, `folder` is the target folder with its lock and record,
//! `wrapper` and `reads` see what the compiler opens.

mod digest;
mod folder;
mod graph;
mod reads;
mod wrapper;

pub(crate) use digest::{Files, Inputs, hash_of, listing, of, of_folder};
pub(crate) use folder::{Folder, Profile};
pub(crate) use graph::Graph;
pub(crate) use wrapper::run_as_wrapper;
