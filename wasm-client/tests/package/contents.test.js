// Whatever the library, the published package has all that it imports, is no larger than budget.json allows,
// guards every export, and has a README whose examples are right.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const pkg = fileURLToPath(new URL("../../pkg/", import.meta.url));
const { name } = JSON.parse(readFileSync(join(pkg, "package.json"), "utf8"));

// A project that has the packed package installed.
const project = mkdtempSync(join(tmpdir(), "package-"));
after(() => rmSync(project, { recursive: true, force: true }));
const shell = process.platform === "win32";
/** @param {string} cwd @param {string[]} words */
const npm = (cwd, ...words) =>
  execFileSync("npm", [...words, "--ignore-scripts"], { cwd, encoding: "utf8", shell });
const packed = npm(pkg, "pack", "--json", "--pack-destination", shell ? `"${project}"` : project);
/** @type {[{ filename: string, size: number, files: { path: string }[] }]} */
const [tarball] = JSON.parse(packed);
writeFileSync(join(project, "package.json"), "{}");
npm(project, "install", "--offline", "--no-audit", "--no-fund", `./${tarball.filename}`);
const files = tarball.files.map(({ path }) => path);
/** @param {string} path */
const bytes = (path) => readFileSync(join(pkg, path));

test("what a file of the tarball imports is in the tarball", () => {
  for (const path of files.filter((path) => /\.([cm]?js|d\.[cm]?ts)$/.test(path))) {
    const code = String(bytes(path));
    const imports = /(?:from|import|require|URL)\s*\(?\s*["'](\.[^"']*)["']/g;
    for (const [, specifier = ""] of code.matchAll(imports)) {
      const target = posix.join(posix.dirname(path), specifier);
      assert.ok(files.includes(target), `${path} imports ${specifier}`);
    }
  }
});

test("nothing is larger than its budget", () => {
  // What a page downloads if it starts the module itself, except for the module.
  const scripts = ["init.js", "start.js", "api.js", "guard.js"];
  const glue = files.filter((path) => /^(glue|snippets\/.*)\.js$/.test(path));
  const downloaded = [...scripts, ...glue].filter((path) => files.includes(path));
  /** @type {Record<string, Record<string, number>>} */
  const sizes = {
    module: sizesOf(bytes("glue_bg.wasm")),
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

test("every export is guarded", async () => {
  const api = await import(pathToFileURL(join(pkg, "api.js")).href);
  const glue = await import(pathToFileURL(join(pkg, "glue.js")).href);
  for (const [name, exported] of Object.entries(api)) {
    assert.ok(typeof exported !== "function" || exported !== glue[name], name);
    // An object of a class may come out of any export, so bundlers have to keep what guards the class.
    const isClass = typeof exported === "function" && "__destroy_into_raw" in (exported.prototype ?? {});
    const line = `${isClass ? "" : "/* @__PURE__ */ "}$guard($glue["${name}"]);`;
    assert.ok(String(bytes("api.js")).includes(` = ${line}`), name);
  }
});

test("`import` and `require`, and both entries, give one instance", async () => {
  const require = createRequire(join(project, "index.js"));
  const { buildInfo } = require(name);
  /** @param {string} entry */
  const resolved = (entry) => import(pathToFileURL(require.resolve(entry)).href);
  assert.equal((await resolved(name)).buildInfo, buildInfo);
  const { default: init, initSync } = await resolved(`${name}/init`);
  assert.equal((await init()).buildInfo, buildInfo);
  const module = readFileSync(require.resolve(`${name}/wasm`));
  assert.equal(initSync(module).buildInfo, buildInfo);
});

// The comments in the README's examples say what each line prints.
const readme = String(bytes("README.md"));
for (const [index, [, code = ""]] of [...readme.matchAll(/```js\n([^]*?)```/g)].entries()) {
  test(`example ${index + 1} of the README prints what it says`, () => {
    const file = join(project, `example-${index}.mjs`);
    writeFileSync(file, code);
    const printed = execFileSync(process.execPath, [file], {
      encoding: "utf8",
    });
    const said = code.matchAll(/console\.log\(.*\); \/\/ (.*)/g);
    assert.equal(printed, [...said].map(([, text]) => `${text}\n`).join(""));
  });
}
