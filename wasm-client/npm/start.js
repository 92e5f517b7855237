// Starts the module. A custom section has the digest of the glue that it was built with: another glue would call its
// functions with wrong arguments, or not find them.
import { coded } from "./guard.js";
import { __digest, initSync } from "./glue.js";

/** @param {BufferSource | WebAssembly.Module} source */
export function start(source) {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  const [digest] = WebAssembly.Module.customSections(module, "glue-digest");
  if (String.fromCharCode(...new Uint8Array(digest ?? [])) !== __digest) {
    throw coded(
      "mismatched_module",
      "the module is not from the same build as the JavaScript: load both from one version of the package",
    );
  }
  // If a module runs already, this does nothing.
  initSync({ module });
}
