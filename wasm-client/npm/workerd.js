// For Cloudflare's workerd, which compiles no bytes at run time: the module is imported as one.
import module from "./glue_bg.wasm";
import { initSync } from "./glue.js";

initSync({ module });

export * from "./api.js";
export { LibraryError } from "./error.js";
