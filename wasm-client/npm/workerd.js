// For Cloudflare's workerd, which compiles nothing at run time but can import a module.
import module from "./glue_bg.wasm";
import { start } from "./start.js";

start(module);

export * from "./api.js";
