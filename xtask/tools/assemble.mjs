// Makes the package's own JavaScript, in the folder with wasm-pack's output and the hand-written files.
// xtask/src/package.rs calls it: node assemble.mjs FOLDER ESBUILD MANIFEST. The path of the module comes by the standard
// input, once it is there; a line on the standard output says that no source is read any more.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { api, connect } from "./connect.mjs";
import { checkName, moduleOf, variableOf } from "./names.mjs";
import { ownArrays } from "./types.mjs";

const [folder, esbuild, manifest] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), "utf8");
const write = (name, content) => writeFileSync(join(folder, name), content);
const load = (name) => import(pathToFileURL(join(folder, name)).href);
// What is imported above is loaded.
console.log("loaded");

/** What wasm-pack calls the module. */
const MODULE = "glue_bg.wasm";
/** Bytes near the 8 MiB above which Chromium refuses to start a module synchronously on a page. */
const LARGE = 7 * 1024 * 1024;

const { build, transform } = (await import(pathToFileURL(join(esbuild, "lib", "main.js")).href)).default;

// package.json: what wasm-pack made from Cargo.toml, overridden by the hand-written one. npm refuses an empty address.
const { repository, ...stated } = JSON.parse(manifest);
const written = JSON.parse(read("package.json"));
const merged = {
  ...stated,
  ...(repository?.url && { repository }),
  ...written,
};
checkName(merged.name);
write("package.json", `${JSON.stringify(merged, null, 2)}\n`);

// The module's file has the package's name: pages that copy it meet the modules of other packages. Bundlers follow only
// whole names in the code, so the files that name the module are told.
const moduleName = moduleOf(merged.name);
for (const name of ["init.js", "workerd.js", "edge.js", "package.json"]) {
  write(name, read(name).replaceAll(`./${MODULE}`, `./${moduleName}`));
}

// README.md: the owner's part, then what holds for every package.
const usage = read("usage.md").replaceAll("PACKAGE", merged.name).replaceAll("MODULE", moduleName);
write("README.md", `${read("README.md")}\n${usage}`);
rmSync(join(folder, "usage.md"));

// The glue's digest, in the glue and in a custom section of the module: a glue and a module that differ do not start.
const glue = connect(read("glue.js"));
const digest = createHash("sha256").update(glue).digest("hex").slice(0, 16);
// What wasm-bindgen's own start does, in steps: start.js checks the module between them.
expect(glue, "glue.js", /^let wasmModule, wasmInstance, wasm;$/m);
expect(glue, "glue.js", /^function __wbg_get_imports\(\) \{$/m);
expect(glue, "glue.js", /^function __wbg_finalize_init\(instance, module\) \{$/m);
write(
  "glue.js",
  `${glue}
export const __digest = "${digest}";
export { __wbg_get_imports as __imports, __wbg_finalize_init as __finalize };
`,
);

// What a page downloads goes without its comments, which are a sixth of its bytes. Its lines stay, so that it can be read.
const scripts = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js"));
const transformed = scripts.map(async (name) => {
  // In a class, esbuild leaves out the comments only with the lines; then it makes new lines.
  const short = await transform(read(name), { charset: "utf8", minifyWhitespace: true });
  const { code } = await transform(short.code, { charset: "utf8" });
  write(name, `// @ts-nocheck: the types are in comments.\n${code}`);
});
await Promise.all(transformed);

const types = read("glue.d.ts");
write(
  "glue.d.ts",
  `${types}
export const __digest: string;
export function __imports(): WebAssembly.Imports;
export function __finalize(instance: WebAssembly.Instance, module: WebAssembly.Module): InitOutput;
`,
);
write("api.js", api(await load("glue.js")));

// The types of the library's own exports, without those that start the module, which name DOM types.
expect(types, "glue.d.ts", /^export type InitInput = /m);
const own = types.slice(0, types.indexOf("\nexport type InitInput = ")).replace(/^declare function __.*\n\n?/gm, "");
const declared = `/// <reference lib="esnext.disposable" />\n${ownArrays(own)}\nexport {};\n`;
for (const name of ["index.d.ts", "index.d.cts"]) write(name, declared);
write("init.d.cts", read("init.d.ts").replaceAll("./index.js", "./index.cjs"));

// The module. Meanwhile, wasm-opt has shrunk it.
const modulePath = await text(process.stdin);
const section = `\x0bglue-digest${digest}`;
const module = Buffer.concat([
  readFileSync(modulePath),
  Buffer.from(`\0${String.fromCharCode(section.length)}${section}`, "latin1"),
]);
rmSync(join(folder, MODULE));
write(moduleName, module);
write("wasm-base64.js", `// The module's bytes.\nexport default "${module.toString("base64")}";\n`);
if (module.length > LARGE) {
  console.error(
    `warning: ${moduleName} has ${module.length} bytes. On a page, Chromium starts no module above 8 MiB at import: ` +
      `only \`/init\` works there.`,
  );
}

// One file for `require` and for a classic script, where it sets a variable with the package's name in camel case. Its
// name ends in `.js`: CDNs serve `.cjs` with a type that browsers refuse. Jest's DOM has no TextDecoder.
const variable = variableOf(merged.name);
mkdirSync(join(folder, "classic"));
write("classic/package.json", `{ "type": "commonjs" }\n`);
write("index.cjs", `module.exports = require("./classic/index.js");\n`);
await build({
  absWorkingDir: folder,
  entryPoints: ["index.js"],
  outfile: "classic/index.js",
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

write("build-info.json", JSON.stringify((await load("index.js")).buildInfo()));

/** Stops where wasm-bindgen writes something else than the rest of this file is made for. */
function expect(text, name, form) {
  if (form.test(text)) return;
  throw new Error(
    `wasm-bindgen's ${name} has an unexpected form: nothing in it matches ${form}. Set wasm-bindgen in Cargo.toml back to ` +
      `the version that built before, or merge a later update, which README.md tells of, or adapt xtask/tools/assemble.mjs`,
  );
}
