import * as lib from "fresh-wasm";
import { check } from "./check.js";
import { report } from "./report.js";

addEventListener("message", ({ data }) => report(() => check(lib), data));
