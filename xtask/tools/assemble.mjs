// Makes the package's own JavaScript, in the folder where wasm-pack built and what is written by hand was copied to.
// xtask/src/package.rs calls it: node assemble.mjs FOLDER ESBUILD MANIFEST, and reads the last line that it prints.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, esbuild, manifest] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), "utf8");
const write = (name, content) => writeFileSync(join(folder, name), content);
const load = (name) => import(pathToFileURL(join(folder, name)).href);

// package.json: what wasm-pack made of Cargo.toml, and over it what is written by hand. npm takes no empty address.
const { repository, ...stated } = JSON.parse(manifest);
const written = JSON.parse(read("package.json"));
const merged = { ...stated, ...(repository?.url && { repository }), ...written };
write("package.json", `${JSON.stringify(merged, null, 2)}\n`);

// The glue's digest, in the glue and as a custom section in the module: the two of different builds refuse each other.
const glue = read("glue.js");
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

// The library's exports, each guarded. No name here can be one of them, which may be any; without the comment a bundler
// would keep what nobody imports. "default", "initSync" and what begins with two underscores start the module.
const names = Object.keys(await load("glue.js")).filter((name) => !/^(default|initSync|__.*)$/.test(name));
const quoted = names.map((name) => JSON.stringify(name));
write(
  "api.js",
  `import * as $glue from "./glue.js";\nimport { guard as $guard } from "./guard.js";\n\n` +
    quoted.map((name, at) => `const $${at} = /* @__PURE__ */ $guard($glue[${name}]);\n`).join("") +
    `\nexport {\n${quoted.map((name, at) => `  $${at} as ${name},\n`).join("")}};\n`,
);

// The types without those of the start, which name the DOM.
const start = types.indexOf("\nexport type InitInput = ");
if (start < 0) throw new Error("wasm-bindgen's types have another form than they had");
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
  // It adds the list of names that an import of CommonJS goes by.
  platform: "node",
  keepNames: true,
  logLevel: "warning",
  // A tsconfig.json above the folder would have a say.
  tsconfigRaw: "{}",
  banner: {
    js:
      `var ${variable}=(module=>{"use strict";const{TextDecoder,TextEncoder}=` +
      `globalThis.TextDecoder?globalThis:process.getBuiltinModule("util");`,
  },
  footer: { js: `return module.exports})(typeof module=="object"?module:{});` },
});

console.log(JSON.stringify((await load("index.js")).buildInfo()));
