// What is published, whatever the library: these files, of at most the sizes in budget.json, with all exports guarded,
// and a README that tells the truth.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const pkg = fileURLToPath(new URL("../../pkg/", import.meta.url));
const manifest = JSON.parse(readFileSync(join(pkg, "package.json"), "utf8"));

// A project with the package installed.
const project = mkdtempSync(join(tmpdir(), "package-"));
const installed = join(project, "node_modules", manifest.name);
mkdirSync(join(installed, ".."), { recursive: true });
symlinkSync(pkg, installed, "junction");
after(() => rmSync(project, { recursive: true, force: true }));

/** @type {[{ size: number, files: { path: string }[] }]} */
const [tarball] = JSON.parse(
  execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: pkg,
    encoding: "utf8",
    shell: process.platform === "win32",
  }),
);

test("the tarball has what is written, what is built, and nothing else", () => {
  const files = tarball.files
    .map(({ path }) => path)
    .filter((path) => !path.startsWith("LICENSE"));
  const written = readdirSync(new URL("../../npm", import.meta.url));
  const built = [
    "api.d.ts",
    "api.js",
    "glue.d.ts",
    "glue.js",
    "glue_bg.wasm",
    "wasm-base64.js",
  ];
  assert.deepEqual(files.sort(), [...written, ...built].sort());
});

test("nothing is larger than its budget", () => {
  /** @type {Record<string, Record<string, number>>} */
  const budget = JSON.parse(
    readFileSync(new URL("budget.json", import.meta.url), "utf8"),
  );
  /** @param {string} name */
  const text = (name) => readFileSync(join(pkg, name));
  // All that a page downloads that starts the module itself, less the module.
  const others = ["index.js", "wasm-base64.js", "workerd.js"];
  const scripts = tarball.files
    .map(({ path }) => path)
    .filter((path) => path.endsWith(".js") && !others.includes(path))
    .map(text);
  /** @type {typeof budget} */
  const sizes = {
    module: sizesOf(text("glue_bg.wasm")),
    scripts: sizesOf(Buffer.concat(scripts)),
    tarball: { packed: tarball.size },
  };
  for (const [part, limits] of Object.entries(budget)) {
    for (const [kind, limit] of Object.entries(limits)) {
      const size = sizes[part]?.[kind];
      assert.ok(
        size !== undefined && size <= limit,
        `${part}, ${kind}: ${size} bytes, ${limit} are allowed`,
      );
    }
  }
});

/** @param {Buffer} bytes */
const sizesOf = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

test("every export is guarded, and the faults are in no package", async () => {
  const api = await import(pathToFileURL(join(pkg, "api.js")).href);
  const glue = await import(pathToFileURL(join(pkg, "glue.js")).href);
  const internal = ["default", "initSync", "restart", "start"];
  const exported = Object.keys(glue).filter((name) => !internal.includes(name));
  assert.deepEqual(Object.keys(api), exported);
  assert.ok(!exported.includes("panics"));
  for (const name of exported) {
    assert.notEqual(api[name], glue[name], name);
  }
});

test("`import` and `require`, and both entries, give one instance", async () => {
  const require = createRequire(join(project, "index.js"));
  const lib = require(manifest.name);
  /** @param {string} entry */
  const resolved = (entry) =>
    import(pathToFileURL(require.resolve(entry)).href);
  assert.equal((await resolved(manifest.name)).buildInfo, lib.buildInfo);
  const { default: init, initSync } = await resolved(`${manifest.name}/init`);
  assert.equal((await init()).buildInfo, lib.buildInfo);
  assert.equal(
    initSync(readFileSync(require.resolve(`${manifest.name}/wasm`))).buildInfo,
    lib.buildInfo,
  );
  assert.equal(
    require(`${manifest.name}/package.json`).version,
    manifest.version,
  );
});

test("nothing is to be had before the module runs", async () => {
  const require = createRequire(join(project, "index.js"));
  const init = await import(
    pathToFileURL(require.resolve(`${manifest.name}/init`)).href
  );
  const starters = Object.keys(init).filter((name) => !name.endsWith("Error"));
  assert.deepEqual(starters, ["default", "initSync"]);
  for (const inside of ["api.js", "glue.js", "guard.js"]) {
    assert.throws(() => require.resolve(`${manifest.name}/${inside}`), {
      code: "ERR_PACKAGE_PATH_NOT_EXPORTED",
    });
  }
});

// What each example of the README prints stands in the comments beside it.
const readme = readFileSync(join(pkg, "README.md"), "utf8");
const examples = [...readme.matchAll(/```js\n([^]*?)```/g)].map(
  ([, code = ""]) => code,
);
for (const [index, code] of examples.entries()) {
  test(`example ${index + 1} of the README prints what it says`, () => {
    const file = join(project, `example-${index}.mjs`);
    writeFileSync(file, code);
    const printed = execFileSync(process.execPath, [file], {
      encoding: "utf8",
    });
    const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(
      ([, text]) => `${text}\n`,
    );
    assert.equal(printed, said.join(""));
  });
}

test("init takes every kind of source, and may be called twice at once", () => {
  const code = `
    import assert from "node:assert/strict";
    import { readFileSync } from "node:fs";
    import { createServer } from "node:http";
    const bytes = readFileSync(${JSON.stringify(join(pkg, "glue_bg.wasm"))});
    const server = createServer(({ url }, response) => {
      response.writeHead(url === "/none" ? 404 : 200, url === "/typed" ? { "content-type": "application/wasm" } : {});
      response.end(bytes);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.on("listening", resolve));
    const origin = "http://127.0.0.1:" + server.address().port;
    const { default: init, LibraryError } = await import("${manifest.name}/init");
    await assert.rejects(init(origin + "/none"), (error) => error instanceof LibraryError && error.code === "not_loaded");
    await assert.rejects(init(new Uint8Array(8)), WebAssembly.CompileError);
    const module = new WebAssembly.Module(bytes);
    const sources = [origin + "/typed", new URL(origin + "/untyped"), new Request(origin + "/typed"), fetch(origin + "/typed"), bytes, new Uint8Array(bytes).buffer, module, Promise.resolve(module), undefined];
    const [first, ...others] = await Promise.all(sources.map((source) => init(source)));
    for (const other of others) assert.equal(other, first);
    assert.ok(first.buildInfo().version);
    server.closeAllConnections();
    server.close();
  `;
  const file = join(project, "init.mjs");
  writeFileSync(file, code);
  execFileSync(process.execPath, [file], { encoding: "utf8" });
});
