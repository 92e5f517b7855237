//! Keeps cargo from shipping stale code, whatever the times of files are. It knows cargo, and nothing about WebAssembly.
//!
//! Cargo compiles a local package again if one of its files is newer than the last build. It misses an edit with an older
//! time: an unpacked archive, a checkout that keeps times, a cache that two checkouts share. So each build does this:
//!
//! 1. *Forget*: delete the record of the last build, and `cargo clean` each local package whose digest differs from it.
//! 2. *Build*: the caller calls cargo, in a target folder of our own.
//! 3. *Seal*: if no file changed meanwhile, write the record.
//! 4. *Check*: each local package was built only from files that its digest covers.
//!
//! `graph` finds the local packages, `digest` reads their files, `folder` is the target folder with its lock and record,
//! `wrapper` and `reads` see what the compiler opens.

mod digest;
mod folder;
mod graph;
mod reads;
mod wrapper;

pub(crate) use digest::{Files, Inputs, hash_of, is_hidden, listing, of, of_folder};
pub(crate) use folder::{Folder, Profile};
pub(crate) use graph::Graph;
pub(crate) use wrapper::run_as_wrapper;
