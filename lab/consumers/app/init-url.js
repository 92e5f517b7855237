// Where the bundler does not follow `new URL(…, import.meta.url)`: the module is copied beside the page by hand.
import init from "fresh-wasm/init";
import { check } from "./check.js";
import { report } from "./report.js";

report(async () => check(await init("fresh-wasm.wasm")));
