// For every runtime and bundler: the module is in the JavaScript, so there is nothing to find, fetch or configure.
import bytes from "./wasm-base64.js";
import { initSync } from "./glue.js";

initSync({
  module: Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)),
});

export * from "./api.js";
export { StatisticsError } from "./error.js";
