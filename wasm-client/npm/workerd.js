// For Cloudflare's workerd, which compiles no bytes at run time: the module is imported as one.
import module from "./glue_bg.wasm";
import { start } from "./start.js";

start(module);

export * from "./api.js";
