/// <reference lib="esnext.disposable" />
import type * as Api from "./api.js";

export type * from "./api.js";
export { LibraryError, type ErrorCodes } from "./error.js";

/** Where the module comes from: a URL, a response, its bytes, or the compiled module. */
export type Source =
  string | URL | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Starts the library once, and returns it; a later call returns the same.
 *
 * @param source where the module is; by default the file beside this one.
 * @throws `not_loaded` if a server answers that it has no such file; what `fetch` and `WebAssembly.compile` throw.
 */
export default function init(
  source?: Source | PromiseLike<Source>,
): Promise<typeof Api>;

/** The same, at once, from the module or its bytes. */
export function initSync(source: BufferSource | WebAssembly.Module): typeof Api;
