const lib = require("fresh-wasm");
const { check } = require("./check.js");
const { report } = require("./report.js");

report(async () => {
  if ((await import("fresh-wasm")).summarize !== lib.summarize) {
    throw new Error("`import` and `require` gave two instances");
  }
  return check(lib);
});
