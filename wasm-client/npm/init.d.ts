import type * as Api from "./index.js";

export type * from "./index.js";

/**
 * Starts the library once, and returns it; a later call returns the same.
 *
 * @param source where the module is: a URL, a `Request` or `Response`, the bytes, a `WebAssembly.Module`, or a promise
 * of one of these; by default the file beside this one.
 * @throws `not_loaded` if there is no module at the address, `mismatched_module` if the module is from another build, and
 * `blocked`, `unsupported` or `out_of_memory` where none can start; `cause` is the engine's error.
 */
export default function init(source?: string | object): Promise<typeof Api>;

/**
 * Does the same synchronously, from the module or its bytes.
 *
 * @throws as `init`, and `sync_refused` on a page in Chromium if the module has more than 8 MB.
 */
export function initSync(source: object): typeof Api;
