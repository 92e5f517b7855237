// For pages that count every byte: the module is a file of its own, compiled while it is downloaded, when asked for.
import * as api from "./api.js";
import { LibraryError } from "./error.js";
import { initSync as start } from "./glue.js";

/** @import { Source } from "./init.js" */

export { LibraryError };

/** @param {Source | PromiseLike<Source>} source */
export default async function init(
  source = new URL("./glue_bg.wasm", import.meta.url),
) {
  return initSync(await compile(await source));
}

/** @param {BufferSource | WebAssembly.Module} source */
export function initSync(source) {
  // It does nothing where the module runs already, so whoever is first decides, and all get the same.
  start({ module: source });
  return api;
}

/** @param {Source} source */
async function compile(source) {
  if (source instanceof WebAssembly.Module) {
    return source;
  }
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) {
    return WebAssembly.compile(source);
  }
  if (
    source instanceof URL &&
    source.protocol === "file:" &&
    globalThis.process?.getBuiltinModule
  ) {
    // Node.js fetches no files.
    return WebAssembly.compile(
      globalThis.process.getBuiltinModule("node:fs").readFileSync(source),
    );
  }
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) {
    throw new LibraryError(
      "not_loaded",
      `${response.url} could not be loaded: ${response.status}`,
    );
  }
  // Only what a server calls WebAssembly may be compiled while it comes.
  return response.headers.get("content-type")?.startsWith("application/wasm")
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
