// For pages where every byte counts: the module is a separate file, compiled while it downloads.
import * as api from "./api.js";
import { coded } from "./guard.js";
import { start } from "./start.js";

export default async function init(source = new URL("./glue_bg.wasm", import.meta.url)) {
  return initSync(await compile(await source));
}

/** @param {BufferSource | WebAssembly.Module} source */
export function initSync(source) {
  start(source);
  return api;
}

/** @param {string | URL | Request | Response | BufferSource | WebAssembly.Module} source */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) return WebAssembly.compile(source);
  try {
    return await load(source);
  } catch (error) {
    const { url = source } = /** @type {Response} */ (source);
    throw coded("not_loaded", `no WebAssembly module at ${url}`, error);
  }
}

/** @param {string | URL | Request | Response} source */
async function load(source) {
  const { getBuiltinModule } = globalThis.process ?? {};
  if (source instanceof URL && source.protocol === "file:" && getBuiltinModule) {
    // Node.js cannot fetch files.
    const { readFile } = getBuiltinModule("node:fs/promises");
    return WebAssembly.compile(await readFile(source));
  }
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) throw new Error(`the server answered with status ${response.status}`);
  // Engines compile during the download only if the server says that it is WebAssembly.
  return response.headers.get("content-type")?.startsWith("application/wasm")
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
