// Whatever the library, the published package has all that it imports, guards every export, and has a README whose
// examples are right.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { hasClass } from "../../../xtask/tools/connect.mjs";

const pkg = fileURLToPath(new URL("../../pkg/", import.meta.url));
const written = fileURLToPath(new URL("../../npm/", import.meta.url));
const manifest = JSON.parse(readFileSync(join(pkg, "package.json"), "utf8"));
const { name } = manifest;

// A project that has the packed package installed.
const project = mkdtempSync(join(tmpdir(), "package-"));
after(() => rmSync(project, { recursive: true, force: true }));
const shell = process.platform === "win32";
/** @param {string} cwd @param {string[]} words */
const npm = (cwd, ...words) =>
  execFileSync("npm", [...words, "--ignore-scripts"], { cwd, encoding: "utf8", shell });
const packed = npm(pkg, "pack", "--json", "--pack-destination", shell ? `"${project}"` : project);
// An array, but from npm 12 on an object with the packages' names.
/** @type {{ filename: string, files: { path: string }[] }[]} */
const [tarball] = Object.values(JSON.parse(packed));
assert.ok(tarball, packed);
writeFileSync(join(project, "package.json"), "{}");
npm(project, "install", "--offline", "--no-audit", "--no-fund", `./${tarball.filename}`);
const files = tarball.files.map(({ path }) => path);
/** @param {string} path */
const bytes = (path) => readFileSync(join(pkg, path));
const readme = String(bytes("README.md"));

test("what a file of the tarball imports is in the tarball", () => {
  for (const path of files.filter((path) => /\.([cm]?js|d\.[cm]?ts)$/.test(path))) {
    const code = String(bytes(path));
    const imports = /(?:from|import|require|URL)\s*\(?\s*["'](\.[^"'?]*)(?:\?module)?["']/g;
    for (const [, specifier = ""] of code.matchAll(imports)) {
      const target = posix.join(posix.dirname(path), specifier);
      assert.ok(files.includes(target), `${path} imports ${specifier}`);
    }
  }
});

test("what a page downloads is without its comments", () => {
  for (const path of ["guard.js", "glue.js", "init.js"]) {
    const comments = String(bytes(path)).match(/^\s*(\/\*\*|\*).*/gm);
    assert.deepEqual(comments, null, path);
  }
});

test("every hand-written file is in the tarball, and can be reached", () => {
  const names = /** @type {string[]} */ (readdirSync(written, { recursive: true }));
  const own = names
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => statSync(join(written, name)).isFile())
    // The build appends it to README.md.
    .filter((name) => name !== "usage.md");
  const reached = reachable();
  for (const path of own) {
    assert.ok(
      files.includes(path),
      `npm/${path} is not in the tarball: add it to "files" in npm/package.json`,
    );
    assert.ok(
      /\.md$|\.d\.[cm]?ts$/.test(path) || reached.has(path),
      `nobody can load npm/${path}: add it to "exports" in npm/package.json, or import it from a file that is there`,
    );
    assert.ok(
      !path.endsWith(".css") || manifest.sideEffects.includes(`./${path}`),
      `bundlers drop an import of npm/${path}: add "./${path}" to "sideEffects" in npm/package.json`,
    );
  }
});

test("every entry in JavaScript has types", () => {
  /** @param {unknown} entry */
  const check = (entry) => {
    if (typeof entry === "string" && /\.[cm]?js$/.test(entry)) {
      const types = posix.normalize(entry.replace(/\.([cm]?)js$/, ".d.$1ts"));
      assert.ok(files.includes(types), `TypeScript finds no types for ${entry}: write npm/${types}`);
    } else if (typeof entry === "object" && entry !== null && !("types" in entry)) {
      Object.values(entry).forEach(check);
    }
  };
  check(manifest.exports);
});

/** What "exports" names, and what that imports, or names with `new URL`. */
function reachable() {
  const reached = new Set(manifest.main ? [posix.normalize(manifest.main)] : []);
  JSON.stringify(manifest.exports, (_, value) => {
    if (typeof value === "string") reached.add(posix.normalize(value));
    return value;
  });
  for (const path of reached) {
    if (!/\.[cm]?js$/.test(path)) continue;
    for (const [, specifier = ""] of String(bytes(path)).matchAll(/["'](\.\.?\/[^"']*)["']/g)) {
      const target = posix.join(posix.dirname(path), specifier);
      if (files.includes(target)) reached.add(target);
    }
  }
  return reached;
}

test("every file that a runtime can load can be loaded", async () => {
  const installed = join(project, "node_modules", name);
  const require = createRequire(join(installed, "index.cjs"));
  // Node.js loads no module by `import` without a flag: these are only parsed.
  const importsModule = files.filter(
    (path) => /\.js$/.test(path) && /from ".*\.wasm(\?module)?"/.test(String(bytes(path))),
  );
  for (const path of files.filter((path) => /\.[cm]?js$/.test(path))) {
    const file = join(installed, path);
    if (importsModule.includes(path)) execFileSync(process.execPath, ["--check", file]);
    else if (/\.cjs$|^classic\//.test(path)) require(file);
    else await import(pathToFileURL(file).href).catch(refuse(path));
  }
});

/** @param {string} path @returns {(cause: unknown) => never} */
const refuse = (path) => (cause) => {
  const advice =
    "a file for browsers alone asks for what only they have, as `globalThis.addEventListener?.(…)` does";
  throw new Error(`${path} does not load in Node.js: ${advice}`, { cause });
};

test("the classic script sets one variable, which has every export", async () => {
  const page = createContext({ TextDecoder, TextEncoder, WebAssembly, atob });
  const before = new Set(Object.keys(page));
  runInContext(String(bytes("classic/index.js")), page);
  const [variable = "", ...others] = Object.keys(page).filter((key) => !before.has(key));
  assert.deepEqual(others, []);
  const api = await import(pathToFileURL(join(pkg, "api.js")).href);
  assert.deepEqual(Object.keys(page[variable]).sort(), Object.keys(api).sort());
});

test("the types declare what the library exports, and nothing else", async () => {
  const api = await import(pathToFileURL(join(pkg, "api.js")).href);
  const types = String(bytes("index.d.ts"));
  const values = [...types.matchAll(/^export (?:declare )?(?:function|class|const|enum|let) (\w+)/gm)].map(
    ([, name]) => name,
  );
  assert.deepEqual([...new Set(values)].sort(), Object.keys(api).sort());
  // What is in a namespace is declared outside.
  for (const [, name] of types.matchAll(/^declare \w+ (\w+)/gm))
    assert.ok(types.includes(`typeof ${name}`), name);
  assert.doesNotMatch(types, /\b__\w+/);
});

test("every export is guarded", async () => {
  const api = await import(pathToFileURL(join(pkg, "api.js")).href);
  const glue = await import(pathToFileURL(join(pkg, "glue.js")).href);
  for (const [name, exported] of Object.entries(api)) {
    assert.ok(typeof exported !== "function" || exported !== glue[name], name);
    // An object of a class may come out of any export, so bundlers have to keep what guards the class.
    const line = `${hasClass(exported) ? "" : "/* @__PURE__ */ "}$guard($glue["${name}"]);`;
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

test("a start that failed is no start: the next call of `init` tries again", () => {
  const file = join(project, "start.mjs");
  const code = `
    import init from "${name}/init";
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (...values) => {
      const { exports } = await instantiate(...values);
      const __wbindgen_start = () => { throw new Error("not yet"); };
      return { exports: { ...exports, __wbindgen_start } };
    };
    for (const _ of [1, 2]) await init().catch(({ code, cause }) => console.log(code, cause.message));
    WebAssembly.instantiate = instantiate;
    console.log(typeof (await init()).buildInfo().version);
  `;
  writeFileSync(file, code);
  const printed = execFileSync(process.execPath, [file], { encoding: "utf8" });
  assert.equal(printed, "not_loaded not yet\nnot_loaded not yet\nstring\n");
});

// The comments in the README's examples say what each line prints. As in Markdown, a block ends at a line of as many
// backticks or more: those within a line are code.
for (const [index, [, , code = ""]] of [
  ...readme.matchAll(/^(`{3,}) *js\b.*\n([^]*?)^\1`* *$/gm),
].entries()) {
  test(`example ${index + 1} of the README prints what it says`, () => {
    const file = join(project, `example-${index}.mjs`);
    writeFileSync(file, code);
    const printed = execFileSync(process.execPath, [file], {
      encoding: "utf8",
    });
    const said = code.matchAll(/console\.log\(.*\); \/\/ (.*)/g);
    // A text may end in a line of its own; no comment can say so.
    const lines = printed.split("\n").filter((line) => line !== "");
    assert.deepEqual(
      lines,
      Array.from(said, ([, text]) => text),
    );
  });
}
