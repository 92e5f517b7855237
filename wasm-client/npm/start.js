// Starts the module, and explains why it does not start. A custom section has the digest of the glue that it was built
// with: another glue would call its functions with wrong arguments, or not find them.
import { coded } from "./guard.js";
import { __digest, __finalize, __imports } from "./glue.js";

let isRunning = false;

/** @param {BufferSource | WebAssembly.Module} source */
export function start(source) {
  if (isRunning) return;
  try {
    const module = isModule(source) ? source : new WebAssembly.Module(source);
    check(module);
    run(new WebAssembly.Instance(module, __imports()), module);
  } catch (error) {
    throw explained(error);
  }
}

/**
 * Does nothing large synchronously: Chromium refuses that on a page's main thread.
 *
 * @param {() => Promise<BufferSource | Response | WebAssembly.Module>} load
 */
export async function startAsync(load) {
  if (isRunning) return;
  try {
    const module = await compile(await load());
    check(module);
    const instance = await WebAssembly.instantiate(module, __imports());
    // Another call may have been faster. Its instance has objects by now, and stays.
    if (!isRunning) run(instance, module);
  } catch (error) {
    throw explained(error);
  }
}

/** @param {WebAssembly.Instance} instance @param {WebAssembly.Module} module */
function run(instance, module) {
  // It also runs what the library does at its start, which may fail.
  __finalize(instance, module);
  isRunning = true;
}

/**
 * The name of the value's class, also if it is from another realm, such as a frame or a `node:vm` context.
 *
 * @param {unknown} value
 */
export const kind = (value) => Object.prototype.toString.call(value).slice(8, -1);

/** @param {unknown} source @returns {source is WebAssembly.Module} */
const isModule = (source) => kind(source) === "WebAssembly.Module";

/** @param {BufferSource | Response | WebAssembly.Module} source */
async function compile(source) {
  if (isModule(source)) return source;
  if (kind(source) !== "Response") return WebAssembly.compile(/** @type {BufferSource} */ (source));
  const response = /** @type {Response} */ (source);
  // Engines compile during the download only their own responses, and only if the type is exactly this one.
  const isExact = response instanceof Response && response.headers.get("content-type") === "application/wasm";
  try {
    return await (isExact
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer()));
  } catch (error) {
    throw explained(error, `no WebAssembly module at ${response.url}`);
  }
}

/** @param {WebAssembly.Module} module */
function check(module) {
  const [digest] = WebAssembly.Module.customSections(module, "glue-digest");
  if (String.fromCharCode(...new Uint8Array(digest ?? [])) !== __digest) {
    throw coded(
      "mismatched_module",
      "the module is not from the same build as the JavaScript: load both from one version of the package",
    );
  }
}

/** @param {any} error @param {string} [otherwise] */
function explained(error, otherwise = "this engine does not accept the module") {
  // A code of this package: those of Node.js are in capital letters, and a `DOMException` has a number.
  if (/^[a-z_]+$/.test(error?.code ?? "")) return error;
  if (typeof WebAssembly === "undefined") {
    return coded(
      "unsupported",
      "this runtime has no WebAssembly: it is switched off, as in iOS's Lockdown Mode",
    );
  }
  if (isBlocked()) {
    const policy = "the Content-Security-Policy needs `script-src 'wasm-unsafe-eval'`";
    return coded("blocked", `it is forbidden to compile WebAssembly here: on a page, ${policy}`, error);
  }
  if (/main thread/.test(error?.message)) {
    return coded(
      "sync_refused",
      "the module is too large to start at import: use `init` from the entry `/init`",
      error,
    );
  }
  return error instanceof RangeError
    ? coded("out_of_memory", "there is not enough memory for the module", error)
    : coded("not_loaded", otherwise, error);
}

// Engines word this error in different ways, but where it is forbidden, not even an empty module compiles.
function isBlocked() {
  try {
    return !new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    return true;
  }
}
