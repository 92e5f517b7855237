// Makes the package's own JavaScript, in the folder with wasm-pack's output and the hand-written files.
// xtask/src/package.rs calls it: node assemble.mjs FOLDER ESBUILD MANIFEST, and reads the last line that it prints.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { connect } from "./connect.mjs";

const [folder, esbuild, manifest] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), "utf8");
const write = (name, content) => writeFileSync(join(folder, name), content);
const load = (name) => import(pathToFileURL(join(folder, name)).href);

// package.json: what wasm-pack made from Cargo.toml, overridden by the hand-written one. npm refuses an empty address.
const { repository, ...stated } = JSON.parse(manifest);
const written = JSON.parse(read("package.json"));
const merged = {
  ...stated,
  ...(repository?.url && { repository }),
  ...written,
};
write("package.json", `${JSON.stringify(merged, null, 2)}\n`);

// The glue's digest, in the glue and in a custom section of the module: a glue and a module that differ do not start.
const glue = connect(read("glue.js"));
const digest = createHash("sha256").update(glue).digest("hex").slice(0, 16);
write("glue.js", `${glue}\nexport const __digest = "${digest}";\n`);
const types = read("glue.d.ts");
write("glue.d.ts", `${types}\nexport const __digest: string;\n`);
const section = `\x0bglue-digest${digest}`;
const module = Buffer.concat([
  readFileSync(join(folder, "glue_bg.wasm")),
  Buffer.from(`\0${String.fromCharCode(section.length)}${section}`, "latin1"),
]);
write("glue_bg.wasm", module);
write("wasm-base64.js", `// The module's bytes.\nexport default "${module.toString("base64")}";\n`);

// The library's exports, each guarded. Names here begin with `$`, so none is an export's. "default", "initSync" and names
// that begin with two underscores start the module.
const exported = Object.entries(await load("glue.js")).filter(([name]) => !/^(default|initSync|__.*)$/.test(name));
// Without the PURE comment, bundlers keep a call whose result is not used. They have to where it guards a class: objects of
// the class may come out of any export.
const isClass = (value) => typeof value === "function" && "__destroy_into_raw" in (value.prototype ?? {});
const guarded = exported.map(
  ([name, value]) => `${isClass(value) ? "" : "/* @__PURE__ */ "}$guard($glue[${JSON.stringify(name)}])`,
);
const names = exported.map(([name]) => JSON.stringify(name));
write(
  "api.js",
  `import * as $glue from "./glue.js";\nimport { guard as $guard } from "./guard.js";\n\n` +
    guarded.map((value, at) => `const $${at} = ${value};\n`).join("") +
    `\nexport {\n${names.map((name, at) => `  $${at} as ${name},\n`).join("")}};\n`,
);

// The types, without those that start the module, which name DOM types.
const start = types.indexOf("\nexport type InitInput = ");
if (start < 0) throw new Error("wasm-bindgen's types have a new form: adapt xtask/tools/assemble.mjs");
const own = `/// <reference lib="esnext.disposable" />\n${types.slice(0, start)}\nexport {};\n`;
for (const name of ["index.d.ts", "index.d.cts"]) write(name, own);
write("init.d.cts", read("init.d.ts").replaceAll("./index.js", "./index.cjs"));

// One file for `require` and for a classic script, where it sets a variable with the package's name in camel case. Jest's
// DOM has no TextDecoder.
const variable = written.name.replace(/^@[^/]*\//, "").replace(/\W+(\w)?/g, (_, next = "") => next.toUpperCase());
const { buildSync } = (await import(pathToFileURL(join(esbuild, "lib", "main.js")).href)).default;
buildSync({
  absWorkingDir: folder,
  entryPoints: ["index.js"],
  outfile: "index.cjs",
  bundle: true,
  format: "cjs",
  // Adds the list of names that `import` reads from a CommonJS file.
  platform: "node",
  keepNames: true,
  logLevel: "warning",
  // Ignores any tsconfig.json above the folder.
  tsconfigRaw: "{}",
  banner: {
    js:
      `var ${variable}=(module=>{"use strict";const{TextDecoder,TextEncoder}=` +
      `globalThis.TextDecoder?globalThis:process.getBuiltinModule("util");`,
  },
  footer: { js: `return module.exports})(typeof module=="object"?module:{});` },
});

console.log(JSON.stringify((await load("index.js")).buildInfo()));
