//! What every package has, whatever the library is. Keep this module when you replace the example.

mod allocator;
mod build_info;
mod errors;
mod objects;
mod options;
mod panics;

#[allow(unused_imports, reason = "which of them an owner's library uses is up to that library")]
pub(crate) use {
    errors::error,
    objects::{list, object},
    options::options,
};
