// A class is guarded in every bundle, also where it is only returned, so that no name of it is imported.
import * as esbuild from "esbuild";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { build, folder } from "../../wasm-client/tests/package/faults.js";

const input = join(folder, "uses-classes.js");

// Each line is a way to reach an object of a class.
const program = `import { makes, makesTwo, makesLater } from "./index.js";
for (const way of [makes, () => makesTwo()[1], makesLater]) {
  const [used, freed] = [await way(), await way()];
  freed.free();
  freed.free();
  const codes = [() => freed.value, () => used.panics(), () => used.value].map((call) => {
    try {
      return call();
    } catch (error) {
      return error.code ?? error.message;
    }
  });
  console.log(...codes, (await way()).value);
}
`;

before(async () => {
  await build();
  writeFileSync(input, program);
});

const bundlers = {
  esbuild: (outfile) =>
    esbuild.build({
      entryPoints: [input],
      outfile,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "node",
    }),
  rolldown: async (file) => {
    const bundle = await rolldown({ input, platform: "node" });
    await bundle.write({ file, format: "esm", minify: true });
  },
  rollup: async (file) => {
    const bundle = await rollup({ input, external: /^node:/ });
    await bundle.write({ file, format: "esm" });
  },
};

for (const [name, bundle] of Object.entries(bundlers)) {
  test(`${name} keeps what guards a class that is only returned`, async () => {
    const file = join(folder, `bundled-by-${name}.js`);
    await bundle(file);
    const printed = execFileSync(process.execPath, [file], {
      encoding: "utf8",
    });
    const guarded = "freed_object panic stale_object 0\n";
    assert.equal(printed, guarded.repeat(3));
  });
}
