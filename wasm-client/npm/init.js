// For pages that count every byte: the module is a file of its own, compiled while it is downloaded, when asked for.
import start, { initSync as startSync } from "./glue.js";
import * as api from "./api.js";

export default async function init(source = new URL("./glue_bg.wasm", import.meta.url)) {
  await start({ module_or_path: source });
  return api;
}

export function initSync(source) {
  startSync({ module: source });
  return api;
}
