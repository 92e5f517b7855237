import init from "fresh-wasm/init";
import { check } from "./check.js";
import { report } from "./report.js";

report(async () => check(await init()));
