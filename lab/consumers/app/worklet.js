import * as lib from "./node_modules/fresh-wasm/index.js";
import { check } from "./check.js";

class Checked extends AudioWorkletProcessor {
  constructor() {
    super();
    this.port.postMessage(check(lib));
  }
  process() {
    return false;
  }
}
registerProcessor("checked", Checked);
