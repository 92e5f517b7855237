//! The package in browsers, where a module has no name but an address.

#[cfg(test)]
#[macro_use]
mod answers;
#[cfg(test)]
#[macro_use]
mod digest;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

import_build_info!("/pkg/index.js");
import_package!("/pkg/index.js");
