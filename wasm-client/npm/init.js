// For pages where every byte counts: the module is a separate file, compiled while it downloads.
import * as api from "./api.js";
import { coded } from "./guard.js";
import { kind, start, startAsync } from "./start.js";

export default async function init(source = new URL("./glue_bg.wasm", import.meta.url)) {
  // If the library runs already, nobody waits for it.
  Promise.resolve(source).catch(() => {});
  await startAsync(async () => load(await source));
  return api;
}

/** @param {BufferSource | WebAssembly.Module} source */
export function initSync(source) {
  start(isBytes(source) ? unshared(source) : source);
  return api;
}

/** @param {unknown} source @returns {source is BufferSource} */
const isBytes = (source) => ArrayBuffer.isView(source) || /ArrayBuffer$/.test(kind(source));

// Engines compile no bytes that another thread could change meanwhile.
/** @param {BufferSource} source */
function unshared(source) {
  const { buffer = source, byteOffset, byteLength } = /** @type {Uint8Array} */ (source);
  if (kind(buffer) !== "SharedArrayBuffer") return source;
  return new Uint8Array(/** @type {ArrayBuffer} */ (buffer), byteOffset, byteLength).slice();
}

/** @param {string | URL | Request | Response | BufferSource | WebAssembly.Module} source */
async function load(source) {
  if (isBytes(source)) return unshared(source);
  if (kind(source) === "WebAssembly.Module") return /** @type {WebAssembly.Module} */ (source);
  try {
    return await request(/** @type {string | URL | Request | Response} */ (source));
  } catch (error) {
    const { url = source } = Object(source);
    throw coded("not_loaded", `no WebAssembly module at ${url}`, error);
  }
}

/** @param {string | URL | Request | Response} source */
async function request(source) {
  const { getBuiltinModule } = globalThis.process ?? {};
  if (/^file:/.test(`${source}`) && getBuiltinModule) {
    // Node.js cannot fetch files.
    const { readFile } = getBuiltinModule("node:fs/promises");
    return readFile(new URL(`${source}`));
  }
  const isResponse = kind(source) === "Response";
  const response = isResponse
    ? /** @type {Response} */ (source)
    : await fetch(/** @type {string | URL | Request} */ (source));
  if (!response.ok) throw new Error(`the server answered with status ${response.status}`);
  return response;
}
