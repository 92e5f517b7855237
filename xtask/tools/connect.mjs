// Connects wasm-bindgen's glue with wasm-client/npm/guard.js. wasm-bindgen has no hooks for this yet, so four of its texts
// are replaced. docs/wasm-bindgen.md says what it would need, and wasm-client/tests/package/guard.test.js that it works.

const EDITS = [
  // Whatever runs in the module was entered through one of its exports, at the start and after a reinit.
  {
    from: "wasm = instance.exports;",
    to: "wasm = $entered(instance.exports, { __restart, __watch });",
  },
  {
    from: "wasm = wasmInstance.exports;",
    to: "wasm = $entered(wasmInstance.exports, { __restart, __watch });",
  },
  // What the glue itself throws, unlike what a caller's code throws inside it.
  { from: "throw new Error(", to: "throw $refused(" },
  // What Rust gives to JavaScript to be called later. A library may have none.
  { from: "return real;", to: "return $closure(real);", isOptional: true },
];

/** @param {string} glue wasm-bindgen's own @returns {string} */
export function connect(glue) {
  let connected = glue;
  for (const { from, to, isOptional } of EDITS) {
    if (!isOptional && !glue.includes(from)) {
      throw new Error(`wasm-bindgen's glue has no \`${from}\` any more: adapt xtask/tools/connect.mjs`);
    }
    connected = connected.replaceAll(from, to);
  }
  const names = "closure as $closure, entered as $entered, refused as $refused";
  return `import { ${names} } from "./guard.js";\n${connected}`;
}
