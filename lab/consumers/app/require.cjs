const lib = require("fresh-wasm");
const init = require("fresh-wasm/init");
const { check } = require("./check.js");
const { report } = require("./report.js");

report(async () => {
  const all = [await import("fresh-wasm"), await init.default()];
  if (all.some(({ summarize }) => summarize !== lib.summarize)) {
    throw new Error("`import`, `require` and `/init` gave several instances");
  }
  return check(lib);
});
