//! The package in Node.js.

#[cfg(test)]
#[macro_use]
mod answers;
#[cfg(test)]
#[macro_use]
mod digest;

import_build_info!("pkg");
import_package!("pkg");
