// Starts the module. It carries the digest of the glue that it was built with, as a custom section: with another glue
// its functions would be called with the wrong arguments, or not be found.
import { coded } from "./error.js";
import { __digest, initSync } from "./glue.js";

/** @param {BufferSource | WebAssembly.Module} source */
export function start(source) {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  const [digest] = WebAssembly.Module.customSections(module, "glue-digest");
  if (String.fromCharCode(...new Uint8Array(digest ?? [])) !== __digest) {
    throw coded(
      "mismatched_module",
      "the module is not of the same build as the JavaScript: load both from one version of the package",
    );
  }
  // It does nothing where the module runs already: whoever is first decides.
  initSync({ module });
}
