// For Vercel's Edge runtime, which compiles nothing at run time but can import a module that the build has seen.
// @ts-ignore: the compiler follows no query.
import module from "./glue_bg.wasm?module";
import { start } from "./start.js";

start(module);

export * from "./api.js";
