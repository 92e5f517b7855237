// The package as it is published: its types under every way to resolve modules, its manifest as publint and
// arethetypeswrong see it, and what bundlers leave of it where nobody uses it.
import {
  checkPackage,
  createPackageFromTarballData,
} from "@arethetypeswrong/core";
import * as esbuild from "esbuild";
import nodeResolve from "@rollup/plugin-node-resolve";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";
import { here, pack, project, root, work } from "./project.js";

const tarball = pack();
const dir = project("checks", tarball);
after(() => rmSync(work, { recursive: true, force: true }));

const typescript = {
  7: join(here, "node_modules/typescript/bin/tsc"),
  5: join(here, "node_modules/typescript-5/bin/tsc"),
};

/** Compiles types/api.ts in the project that has the package installed. */
function compile(version, file, options) {
  const types = join(dir, "types");
  mkdirSync(types, { recursive: true });
  copyFileSync(join(here, "types/api.ts"), join(types, file));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: [],
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    ...options,
  };
  writeFileSync(
    join(types, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: [file] }),
  );
  try {
    execFileSync(process.execPath, [typescript[version], "--project", types], {
      encoding: "utf8",
    });
  } catch (error) {
    assert.fail(
      `TypeScript ${version}, ${JSON.stringify(options)}:\n${error.stdout}`,
    );
  }
}

test("types are exact and strict under every module resolution", () => {
  const dom = { lib: ["ES2022", "DOM"], target: "ES2022" };
  for (const version of [7, 5]) {
    compile(version, "api.ts", {
      ...dom,
      module: "esnext",
      moduleResolution: "bundler",
    });
    for (const module of ["node16", "nodenext"]) {
      compile(version, "api.mts", { ...dom, module, moduleResolution: module });
    }
    compile(version, "api.cts", {
      ...dom,
      module: "nodenext",
      moduleResolution: "nodenext",
    });
  }
  // Gone from TypeScript 7.
  compile(5, "api.ts", {
    ...dom,
    module: "esnext",
    moduleResolution: "node10",
    ignoreDeprecations: "5.0",
  });
});

test("nothing is of the type `any`", () => {
  const types = ["index", "init", "error", "api"].map((name) =>
    readFileSync(join(dir, `node_modules/fresh-wasm/${name}.d.ts`), "utf8"),
  );
  // What is generated declares the raw module, too, which nothing exports.
  const glue = readFileSync(
    join(dir, "node_modules/fresh-wasm/glue.d.ts"),
    "utf8",
  ).split("export interface InitOutput")[0];
  for (const text of [...types, glue]) {
    assert.doesNotMatch(text, /(:|=>|<|\|)\s*any\b/);
  }
});

test("publint has no complaint", async () => {
  const { messages, pkg } = await publint({
    pkgDir: join(root, "wasm-client/pkg"),
    strict: true,
  });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test("arethetypeswrong has no complaint", async () => {
  const analysis = await checkPackage(
    createPackageFromTarballData(readFileSync(tarball)),
  );
  const ignored = JSON.parse(readFileSync(join(here, "attw.json"), "utf8"));
  const found = analysis.problems.map(({ kind, entrypoint, resolutionKind }) =>
    `${kind}: ${entrypoint ?? ""} ${resolutionKind ?? ""}`.trim(),
  );
  assert.deepEqual(found.sort(), Object.keys(ignored).sort());
});

/** The bundle of a text, by each bundler's production mode. */
const bundlers = {
  async esbuild(entry) {
    const { outputFiles } = await esbuild.build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
      logLevel: "error",
    });
    return outputFiles[0].text;
  },
  async Rollup(entry) {
    const bundle = await rollup({
      input: entry,
      plugins: [nodeResolve()],
      onwarn: () => {},
    });
    return (await bundle.generate({})).output[0].code;
  },
  async Vite(entry) {
    const { output } = await vite.build({
      root: dir,
      configFile: false,
      logLevel: "error",
      build: {
        write: false,
        rollupOptions: { input: entry, preserveEntrySignatures: "strict" },
      },
    });
    return output[0].code;
  },
  async webpack(entry) {
    const path = join(dir, "dist");
    const stats = await promisify(webpack)({
      mode: "production",
      context: dir,
      entry,
      output: { path, filename: "bundle.js" },
    });
    assert.ok(!stats.hasErrors(), stats.toString("errors-only"));
    return readFileSync(join(path, "bundle.js"), "utf8");
  },
};

test("what nobody uses shakes away, and what initialises stays", async () => {
  const bytes = readFileSync(
    join(dir, "node_modules/fresh-wasm/wasm-base64.js"),
    "utf8",
  ).length;
  const entry = join(dir, "shake.js");
  for (const [name, bundle] of Object.entries(bundlers)) {
    const size = async (text) => {
      writeFileSync(entry, text);
      return (await bundle(entry)).length;
    };
    assert.ok(
      (await size('import "fresh-wasm";')) > bytes,
      `${name} dropped an entry that initialises`,
    );
    assert.ok(
      (await size(
        'import { initSync } from "fresh-wasm/init";\nconsole.log(1);',
      )) < 1000,
      `${name} kept init`,
    );
    const all = await size('import init from "fresh-wasm/init";\ninit();');
    assert.ok(
      all < bytes,
      `${name} took the inlined module for init: ${all} bytes`,
    );
  }
});
