// For Vite's development server before version 8.
import init from "fresh-wasm/init";
import url from "fresh-wasm/wasm?url";
import { check } from "./check.js";
import { report } from "./report.js";

report(async () => check(await init(url)));
