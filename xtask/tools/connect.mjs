// Connects wasm-bindgen's glue with wasm-client/npm/guard.js on both of its sides: `connect` with what the module exports,
// `api` with what callers get. wasm-bindgen has no hooks for the first yet, so some of its texts are replaced.
// wasm-client/tests/package/guard.test.js shows that it works.

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
  // Where it copies an array.
  { from: "malloc(arg.length *", to: "$allocate(malloc, arg, arg?.length *", isOptional: true },
  { from: "malloc(array.length *", to: "$allocate(malloc, array, array?.length *", isOptional: true },
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
  const names = ["allocate", "closure", "entered", "refused"];
  const imported = names.map((name) => `${name} as $${name}`);
  return `import { ${imported.join(", ")} } from "./guard.js";\n${connected}`;
}

/**
 * What api.js says: the library's exports, each guarded.
 *
 * @param {Record<string, any>} exports of the glue @returns {string}
 */
export function api(exports) {
  // "default", "initSync" and names that begin with two underscores start the module.
  const exported = Object.entries(exports).filter(([name]) => !/^(default|initSync|__.*)$/.test(name));
  // Names here begin with `$`, so none is an export's.
  const guarded = exported.map(([name, value], at) => {
    // Without the PURE comment, bundlers keep a call whose result is not used. They have to where it guards a class:
    // objects of the class may come out of any export.
    return `const $${at} = ${hasClass(value) ? "" : "/* @__PURE__ */ "}$guard($glue[${JSON.stringify(name)}]);\n`;
  });
  const names = exported.map(([name], at) => `  $${at} as ${JSON.stringify(name)},\n`);
  return `import * as $glue from "./glue.js";
import { guard as $guard } from "./guard.js";

${guarded.join("")}
export {
${names.join("")}};
`;
}

/** Whether it is a class, or a namespace with one. @param {any} value @returns {boolean} */
export const hasClass = (value) =>
  typeof value === "object"
    ? Object.values(value).some(hasClass)
    : typeof value === "function" && "__destroy_into_raw" in (value.prototype ?? {});
