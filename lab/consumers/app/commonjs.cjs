// Where `require` loads no modules: the package's CommonJS, and a check that is no module either.
const lib = require("fresh-wasm");
const init = require("fresh-wasm/init");

import("./check.js").then(async ({ check }) => {
  if (!require.resolve("fresh-wasm").endsWith(".cjs")) {
    throw new Error("`require` found a module");
  }
  if ((await init.default()) !== lib || init.initSync() !== lib) {
    throw new Error("`/init` gave another instance");
  }
  console.log(check(lib));
});
