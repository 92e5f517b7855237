// What the build says of a module that is nearly too large, and where wasm-bindgen writes something else than before.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect } from "../../xtask/tools/connect.mjs";
import { here, root } from "./project.js";

const assemble = join(root, "xtask/tools/assemble.mjs");
const esbuild = join(here, "node_modules/esbuild");
const folders = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

// The parts of wasm-bindgen's glue that the build looks for.
const glue = `let wasmModule, wasmInstance, wasm;
function __wbg_get_imports() {
}
function __wbg_finalize_init(instance, module) {
  wasm = instance.exports;
  wasm = wasmInstance.exports;
  throw new Error("x");
}
`;

/** What the build says of that glue, and of a module of that size that has nothing in it. */
function warned(
  glue,
  size = 8,
  types = "export type InitInput = string;\n",
  name = "fresh-wasm",
) {
  const folder = mkdtempSync(join(tmpdir(), "assemble-"));
  folders.push(folder);
  cpSync(join(root, "wasm-client/npm"), folder, { recursive: true });
  const manifest = join(folder, "package.json");
  const written = readFileSync(manifest, "utf8");
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(written), name }));
  writeFileSync(join(folder, "glue.js"), glue);
  writeFileSync(join(folder, "glue.d.ts"), types);
  const module = join(folder, "glue_bg.wasm");
  writeFileSync(module, Buffer.alloc(size));
  return spawnSync(process.execPath, [assemble, folder, esbuild, "{}"], {
    encoding: "utf8",
    input: module,
  }).stderr;
}

test("a module near 8 MB is a warning with its size, and a smaller one is none", () => {
  const large = warned(glue, 7.5 * 2 ** 20);
  assert.match(
    large,
    /warning: fresh-wasm\.wasm has 78\d{5} bytes\. .*Chromium .*`\/init`/,
  );
  assert.doesNotMatch(warned(glue, 6.5 * 2 ** 20), /warning/);
});

for (const name of [
  "Bad Name",
  "Upper",
  ".hidden",
  "_private",
  "@scope",
  "a/b",
  "node_modules",
  "fs",
  "x".repeat(215),
  "",
]) {
  test(`a package named \`${name.slice(0, 20)}\` is not built, and the build says what to do`, () => {
    const said = warned(glue, 8, undefined, name);
    assert.match(said, /npm accepts no package .*npm\/package\.json/);
  });
}

for (const name of ["fresh-wasm", "@a-b/c.d_e", "3d", "-"]) {
  test(`a package may be named \`${name}\``, () => {
    assert.doesNotMatch(warned(glue, 8, undefined, name), /npm accepts no/);
  });
}

for (const line of glue
  .split("\n")
  .filter((line) => /^(let|function)/.test(line))) {
  test(`without \`${line}\`, the build says what to do`, () => {
    const said = warned(glue.replace(line, "let other;"));
    assert.match(
      said,
      /wasm-bindgen's glue\.js has an unexpected form: .*Set wasm-bindgen in Cargo\.toml back/,
    );
  });
}

for (const text of ["wasm = instance.exports;", "throw new Error("]) {
  test(`without \`${text}\`, the build says which part to adapt`, () => {
    assert.throws(() => connect(glue.replace(text, "")), {
      message: `wasm-bindgen's glue has no \`${text}\` any more: adapt xtask/tools/connect.mjs`,
    });
  });
}
