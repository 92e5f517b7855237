// The published package is no larger than budget.json allows. `cargo xtask test` runs this after all other tests of the
// package: BLESS=1 sets new limits only if those pass.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const pkg = fileURLToPath(new URL("../../pkg/", import.meta.url));
/** @param {string} path */
const bytes = (path) => readFileSync(join(pkg, path));
/** @type {string} */
const moduleFile = JSON.parse(String(bytes("package.json"))).exports["./wasm"];

const packed = execFileSync("npm", ["pack", "--json", "--dry-run", "--ignore-scripts"], {
  cwd: pkg,
  encoding: "utf8",
  shell: process.platform === "win32",
});
// An array, but from npm 12 on an object with the packages' names.
/** @type {{ size: number, files: { path: string }[] }[]} */
const [tarball] = Object.values(JSON.parse(packed));
assert.ok(tarball, packed);
const files = tarball.files.map(({ path }) => path);

test("nothing is larger than its budget", () => {
  const { profile } = JSON.parse(String(bytes("build-info.json")));
  assert.equal(profile, "release", "`build --dev` or `dev` made this package: run `cargo xtask build`");
  // What a page downloads if it starts the module itself, except for the module.
  const scripts = ["init.js", "start.js", "api.js", "guard.js"];
  const glue = files.filter((path) => /^(glue|snippets\/.*)\.js$/.test(path));
  const downloaded = [...scripts, ...glue].filter((path) => files.includes(path));
  /** @type {Record<string, Record<string, number>>} */
  const sizes = {
    module: sizesOf(bytes(moduleFile)),
    scripts: sizesOf(Buffer.concat(downloaded.map(bytes))),
    tarball: { packed: tarball.size },
  };
  const file = new URL("budget.json", import.meta.url);
  if (process.env.BLESS) {
    const room = (/** @type {string} */ _, /** @type {unknown} */ size) =>
      typeof size === "number" ? Math.ceil(size * 1.05) : size;
    writeFileSync(file, `${JSON.stringify(sizes, room, 2)}\n`);
  }
  /** @type {typeof sizes} */
  const budget = JSON.parse(readFileSync(file, "utf8"));
  const excess = Object.entries(budget).flatMap(([part, limits]) =>
    Object.entries(limits)
      .filter(([kind, limit]) => !((sizes[part]?.[kind] ?? NaN) <= limit))
      .map(([kind, limit]) => `${part}, ${kind}: ${sizes[part]?.[kind]} bytes, ${limit} are allowed`),
  );
  assert.ok(
    excess.length === 0,
    `${excess.join("\n")}\nThe limits are in wasm-client/tests/package/budget.json. \`BLESS=1 cargo xtask test runtime\` sets them to the current sizes plus 5%.`,
  );
});

/** @param {Buffer} bytes */
const sizesOf = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});
