import * as lib from "./node_modules/fresh-wasm/index.js";
import { check } from "./check.js";

addEventListener("message", ({ data: port }) => port.postMessage(check(lib)));
