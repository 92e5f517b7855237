// The package as it is published: its types under every way to resolve modules, its manifest as publint and
// arethetypeswrong see it, what bundlers leave of it where nobody uses it, and what a module of another build does.
import {
  checkPackage,
  createPackageFromTarballData,
} from "@arethetypeswrong/core";
import * as esbuild from "esbuild";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import * as vite from "vite";
import webpack from "webpack";
import { withRollup, withWebpack } from "./consumers.js";
import { here, pack, project, write } from "./project.js";
import { ownArrays } from "../../xtask/tools/types.mjs";

const tarball = pack();
const dir = project("checks");
const installed = join(dir, "node_modules/fresh-wasm");

// The oldest is what npm/usage.md states.
const compilers = {
  5.7: "typescript-5.7",
  5.9: "typescript-5",
  7: "typescript",
};
const dom = { lib: ["ES2022", "DOM"], types: [] };
const node = { lib: ["ES2022"], types: ["node"] };
const bare = { lib: ["ES2022"], types: [] };
const bundler = { module: "esnext", moduleResolution: "bundler" };
const node16 = { module: "node16", moduleResolution: "node16" };
const nodenext = { module: "nodenext", moduleResolution: "nodenext" };
const node10 = {
  module: "esnext",
  moduleResolution: "node10",
  ignoreDeprecations: "5.0",
};

// TypeScript 5 for what is gone from 7, and for what it may read in another way.
const es2021 = { ...bare, lib: ["ES2021"], target: "es2021" };
for (const [version, extension, options] of [
  [7, "ts", { ...dom, ...bundler }],
  [7, "ts", { ...node, ...bundler }],
  [7, "ts", { ...bare, ...bundler }],
  [7, "ts", { ...es2021, ...bundler }],
  [7, "mts", { ...dom, ...node16 }],
  [7, "mts", { ...node, ...nodenext }],
  [7, "cts", { ...dom, ...node16 }],
  [7, "cts", { ...node, ...node16 }],
  [7, "cts", { ...bare, ...nodenext }],
  [5.7, "ts", { ...dom, ...bundler }],
  [5.7, "ts", { ...bare, ...bundler }],
  [5.7, "mts", { ...bare, ...nodenext }],
  [5.7, "cts", { ...bare, ...node16 }],
  [5.7, "ts", { ...dom, ...node10 }],
  [5.9, "ts", { ...node, ...bundler }],
  [5.9, "ts", { ...es2021, ...bundler }],
  [5.9, "mts", { ...bare, ...node16 }],
  [5.9, "cts", { ...bare, ...node16 }],
  [5.9, "cts", { ...bare, ...nodenext }],
  [5.9, "ts", { ...dom, ...node10 }],
]) {
  const title = Object.values(options).flat().join(" ");
  test(`TypeScript ${version} has exact and strict types in .${extension}, ${title}`, () => {
    const types = join(dir, "types");
    mkdirSync(types, { recursive: true });
    const uses = readFileSync(join(here, "types/api.ts"), "utf8");
    const blob = options.lib.includes("DOM") ? "new Blob([parse(``)]);\n" : "";
    writeFileSync(join(types, `api.${extension}`), uses + blob);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      target: "es2022",
      ...options,
    };
    write(types, {
      "tsconfig.json": JSON.stringify({
        compilerOptions,
        files: [`api.${extension}`],
      }),
    });
    const tsc = join(here, "node_modules", compilers[version], "bin/tsc");
    try {
      execFileSync(process.execPath, [tsc, "--project", types]);
    } catch (error) {
      assert.fail(`${error.stdout}`);
    }
  });
}

test("the oldest TypeScript is the one that the README states", () => {
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  const [oldest] = Object.keys(compilers).sort();
  assert.match(readme, new RegExp(`TypeScript\\*\\* ${oldest} or newer`));
});

test("what comes out of the module is an array of its own memory, and what goes in may be shared", () => {
  const written = `export class Store {
    static load(bytes: Uint8Array): Promise<Store>;
    take(): Uint8Array | undefined;
    set(bytes: Uint8Array): void;
    readonly bytes: Uint8ClampedArray;
}
export function digest(bytes: Uint8Array): BigUint64Array;
export interface Mine { f(): Uint8Array; }
`;
  const own = written
    .replace("Array | undefined", "Array<ArrayBuffer> | undefined")
    .replace("ClampedArray;", "ClampedArray<ArrayBuffer>;")
    .replace("BigUint64Array;", "BigUint64Array<ArrayBuffer>;");
  assert.equal(ownArrays(written), own);
});

test("nothing is of the type `any`", () => {
  const files = readdirSync(installed).filter((name) =>
    /\.d\.c?ts$/.test(name),
  );
  assert.ok(files.includes("index.d.ts"));
  for (const name of files) {
    const text = readFileSync(join(installed, name), "utf8");
    assert.doesNotMatch(text, /(:|=>|<|\|)\s*any\b/, name);
  }
});

test("publint has no complaint", async () => {
  const { messages, pkg: manifest } = await publint({
    pkgDir: installed,
    strict: true,
  });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, manifest)),
    [],
  );
});

test("arethetypeswrong has no complaint", async () => {
  const analysis = await checkPackage(
    createPackageFromTarballData(readFileSync(tarball)),
    // The module itself has no types: what an import of it gives is up to the bundler, which has the types for that.
    { excludeEntrypoints: ["./wasm"] },
  );
  assert.deepEqual(analysis.problems, []);
});

/** The bundle of shake.js, by each bundler's production mode. */
const bundlers = {
  esbuild: () =>
    esbuild.build({
      absWorkingDir: dir,
      entryPoints: ["shake.js"],
      bundle: true,
      minify: true,
      format: "esm",
      outdir: "dist",
    }),
  rollup: () => withRollup(dir, "shake"),
  vite: () =>
    vite.build({
      root: dir,
      configFile: false,
      logLevel: "error",
      build: {
        modulePreload: false,
        rollupOptions: {
          input: join(dir, "shake.js"),
          output: { entryFileNames: "shake.js" },
        },
      },
    }),
  webpack: () => withWebpack(webpack)(dir, "shake"),
};
for (const [name, bundle] of Object.entries(bundlers)) {
  test(`${name} drops what nobody uses, and keeps what starts the module`, async () => {
    const size = async (text) => {
      write(dir, { "shake.js": text });
      await bundle();
      return readFileSync(join(dir, "dist/shake.js")).length;
    };
    const inlined = readFileSync(join(installed, "wasm-base64.js")).length;
    assert.ok((await size('import "fresh-wasm";')) > inlined);
    const unused =
      'import { initSync } from "fresh-wasm/init";\nconsole.log(1);';
    assert.ok((await size(unused)) < 1000);
    const used = 'import init from "fresh-wasm/init";\ninit();';
    assert.ok((await size(used)) < inlined);
  });
}

test("a module of another build, or no module, is an error with a code", async () => {
  const { default: init, initSync } = await import(
    pathToFileURL(join(installed, "init.js"))
  );
  const module = readFileSync(join(installed, "fresh-wasm.wasm"));
  // The digest of the glue is what it ends with.
  const other = Buffer.from(module);
  other[other.length - 1] ^= 1;
  const empty = Buffer.from("\0asm\x01\0\0\0");
  for (const source of [other, empty, new WebAssembly.Module(other)]) {
    const mismatched = { code: "mismatched_module" };
    await assert.rejects(init(source), mismatched);
    assert.throws(() => initSync(source), mismatched);
  }
  const html = new Response("<!doctype html>", {
    headers: { "content-type": "text/html" },
  });
  const missing = pathToFileURL(join(installed, "none.wasm"));
  for (const [source, at] of [
    [html, ""],
    [missing, missing],
    ["http://127.0.0.1:1/", "http://127.0.0.1:1/"],
  ]) {
    await assert.rejects(init(source), {
      code: "not_loaded",
      message: `no WebAssembly module at ${at}`,
    });
  }
  await assert.rejects(init(Buffer.alloc(8)), ({ code, cause }) => {
    assert.equal(code, "not_loaded");
    return cause instanceof WebAssembly.CompileError;
  });
  assert.equal((await init(module)).parse("1 2").length, 2);
});

test("the README's table has every code that a start throws", () => {
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  const codes = ["init.js", "start.js"].flatMap((name) =>
    Array.from(
      readFileSync(join(installed, name), "utf8").matchAll(
        /coded\(\s*"(\w+)"/g,
      ),
      ([, code]) => code,
    ),
  );
  assert.ok(codes.length > 5);
  for (const code of codes) {
    assert.match(readme, new RegExp(`^\\| \`${code}\` `, "m"), code);
  }
});
