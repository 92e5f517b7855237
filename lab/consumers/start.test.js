// What refuses to start the module, or gives it in an unusual form: each either starts, or says what to do, with a code
// and the engine's error as the cause.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import vm from "node:vm";
import { startBrowser } from "./browser.js";
import { page } from "./consumers.js";
import { pack, project, write } from "./project.js";
import { moduleOf, variableOf } from "../../xtask/tools/names.mjs";

pack();
const dir = project("start");
const installed = join(dir, "node_modules/fresh-wasm");
const { exports } = JSON.parse(
  readFileSync(join(installed, "package.json"), "utf8"),
);
const file = join(installed, exports["./wasm"]);
const bytes = readFileSync(file);

/** What a program prints, in a process of its own: a package starts only once in each. */
async function prints(code, flags = []) {
  write(dir, { "program.js": code });
  const args = [...flags, join(dir, "program.js")];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout.trim();
}

/** Starts with a source, given as code, and uses the library. */
const startsWith = (source, how = "await init(source)") =>
  prints(`import init, { initSync } from "fresh-wasm/init";
import { readFileSync } from "node:fs";
import vm from "node:vm";
const bytes = readFileSync(${JSON.stringify(file)});
const shared = () => {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
};
const source = ${source};
console.log((${how}).summarize([1, 2, 6]).mean);`);

const sources = {
  "the text of a file's URL": JSON.stringify(pathToFileURL(file).href),
  "a file's URL": `new URL(${JSON.stringify(pathToFileURL(file).href)})`,
  "a SharedArrayBuffer": "shared()",
  "a view of a SharedArrayBuffer": "new Uint8Array(shared())",
  "an ArrayBuffer of another realm": `vm.runInNewContext("new Uint8Array(bytes).buffer", { bytes: [...bytes] })`,
  "a Module of another realm": `vm.runInNewContext("new WebAssembly.Module(new Uint8Array(bytes))", { bytes: [...bytes] })`,
};
for (const [name, source] of Object.entries(sources)) {
  test(`\`init\` takes ${name}`, async () => {
    assert.equal(await startsWith(source), "3");
  });
  if (!name.includes("URL")) {
    test(`\`initSync\` takes ${name}`, async () => {
      assert.equal(await startsWith(source, "initSync(source)"), "3");
    });
  }
}

for (const type of [
  "application/wasm",
  "application/wasm; charset=utf-8",
  "Application/WASM",
  "application/octet-stream",
]) {
  test(`a server may say \`Content-Type: ${type}\``, async () => {
    const server = createServer((_, response) => {
      response.setHeader("content-type", type).end(bytes);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${server.address().port}/`;
    try {
      assert.equal(await startsWith(JSON.stringify(url)), "3");
    } finally {
      server.close();
    }
  });
}

test("two calls of `init` at once share one instance", async () => {
  const said = await prints(`import init from "fresh-wasm/init";
const [one, two] = await Promise.all([init(), init()]);
const accumulator = new one.Accumulator();
accumulator.push(1);
await init();
console.log(one === two, accumulator.count);`);
  assert.equal(said, "true 1");
});

test("once started, it loads nothing more, and takes whatever it is given", async () => {
  const said = await prints(`import init, { initSync } from "fresh-wasm/init";
const api = await init();
globalThis.fetch = WebAssembly.compile = () => { throw new Error("asked again"); };
process.on("unhandledRejection", (error) => console.log("unhandled", error));
const failing = Promise.reject(new Error("offline"));
console.log(api === await init(), api === await init("http://127.0.0.1:1/"), api === await init(failing), api === initSync(new Uint8Array(8)));
await new Promise((resolve) => setTimeout(resolve, 20));`);
  assert.equal(said, "true true true true");
});

test("`init` takes a response of another implementation of fetch", async () => {
  const source = `new (class Response {
    ok = true;
    url = "x";
    headers = new Map([["content-type", "application/wasm"]]);
    arrayBuffer = async () => bytes;
    get [Symbol.toStringTag]() { return "Response"; }
  })()`;
  assert.equal(await startsWith(source), "3");
});

test("whatever a promise rejects with, the error has a code", async () => {
  for (const reason of [
    "undefined",
    "null",
    "'text'",
    "new Error('offline')",
    "{ code: 5 }",
  ]) {
    const said = await prints(`import init from "fresh-wasm/init";
await init(Promise.reject(${reason})).catch(({ code }) => console.log(code));`);
    assert.equal(said, "not_loaded", reason);
  }
});

/** Makes a process refuse to compile, as workerd and Edge runtimes do. */
const forbid = `const refuse = () => {
  throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
};
WebAssembly.Module = new Proxy(WebAssembly.Module, { construct: refuse });
WebAssembly.compile = async () => refuse();`;

/** The code and the cause's class of what an entry throws. */
const failure = (entry, before = "", flags) =>
  prints(
    `${before}
const started = import("fresh-wasm${entry}")${entry && ".then((it) => it.default())"};
console.log(await started.then(() => "started", ({ code, cause }) => \`\${code} \${cause?.name}\`));`,
    flags,
  );

for (const entry of ["", "/init"]) {
  test(`without WebAssembly, \`fresh-wasm${entry}\` throws a coded error`, async () => {
    assert.equal(
      await failure(entry, "", ["--jitless"]),
      "unsupported undefined",
    );
  });
  test(`where compiling is forbidden, \`fresh-wasm${entry}\` says so`, async () => {
    assert.equal(await failure(entry, forbid), "blocked CompileError");
  });
}

test("where compiling is forbidden, a compiled module starts", async () => {
  const source = `new WebAssembly.Module(bytes);\n${forbid}`;
  assert.equal(await startsWith(source, "initSync(source)"), "3");
});

test("where V8 itself forbids compiling, as in Edge runtimes, the error says so", () => {
  const context = vm.createContext(
    { TextDecoder, TextEncoder, atob },
    { codeGeneration: { strings: true, wasm: false } },
  );
  const code = readFileSync(join(installed, "classic/index.js"), "utf8");
  assert.throws(
    () => vm.runInContext(code, context),
    ({ code, cause }) => code === "blocked" && cause.name === "CompileError",
  );
});

// What Chromium does on a page: to version 114 above 4 KB, later above 8 MB.
test("`/init` compiles and instantiates nothing synchronously", async () => {
  const before = `for (const name of ["Module", "Instance"]) {
  WebAssembly[name] = new Proxy(WebAssembly[name], {
    construct(target, [source, ...others]) {
      if (name === "Instance" || source.length > 4096) throw new RangeError(\`WebAssembly.\${name} is disallowed on the main thread\`);
      return new target(source, ...others);
    },
  });
}`;
  assert.equal(await failure("/init", before), "started");
  assert.equal(await failure("", before), "sync_refused RangeError");
});

test("the module's file and the script's variable have the package's name", () => {
  assert.equal(moduleOf("fresh-wasm"), "fresh-wasm.wasm");
  assert.equal(moduleOf("@ada/engine"), "ada-engine.wasm");
  const code = readFileSync(join(installed, "classic/index.js"), "utf8");
  for (const [name, variable] of Object.entries({
    "fresh-wasm": "freshWasm",
    "@ada/my-engine": "myEngine",
    "3d-stats": "_3dStats",
    enum: "_enum",
    default: "_default",
    arguments: "_arguments",
    location: "_location",
    "global-this": "_globalThis",
  })) {
    assert.equal(variableOf(name), variable);
    const context = vm.createContext({ TextDecoder, TextEncoder, atob });
    vm.runInContext(
      code.replace("var freshWasm=", `var ${variable}=`),
      context,
    );
    assert.equal(typeof context[variable].summarize, "function", name);
  }
});

for (const name of ["chromium", "firefox-esr"]) {
  const browser = await startBrowser(name);
  after(() => browser.close());
  /** What a page reports that starts the entry, and a line of HTML before it. */
  const opens = (script, code, before = "") => {
    write(dir, { [`${script}.js`]: code });
    return browser.open(page(dir, script, `type="module"`, before));
  };
  const reports = (entry, source = "") => `import { report } from "./report.js";
report(async () => {
  try {
    ${entry ? `await (await import("./node_modules/fresh-wasm/init.js")).default(${source})` : `await import("./node_modules/fresh-wasm/index.js")`};
    return "started";
  } catch ({ code, message, cause }) {
    return \`\${code}: \${message} (\${cause?.name})\`;
  }
});`;
  for (const entry of ["", "/init"]) {
    test(`${name} with a Content-Security-Policy: \`fresh-wasm${entry}\` names the directive`, async () => {
      const policy = (more) =>
        `<meta http-equiv="Content-Security-Policy" content="script-src 'self' ${more}">\n`;
      const script = `policy${entry.replace("/", "-")}`;
      const said = await opens(script, reports(entry), policy(""));
      assert.match(said, /^blocked: .*'wasm-unsafe-eval'.* \(CompileError\)$/);
      const allowed = await opens(
        `${script}-allowed`,
        reports(entry),
        policy("'wasm-unsafe-eval'"),
      );
      assert.equal(allowed, "started");
    });
  }

  test(`${name} starts a module of 9 MB with \`/init\``, async () => {
    // A custom section, which nothing reads: its name is "x".
    const size = 9 * 2 ** 20;
    const leb = [0, 7, 14, 21].map(
      (shift) => ((size >> shift) & 127) | (shift < 21 ? 128 : 0),
    );
    const large = Buffer.concat([
      bytes,
      Buffer.from([0, ...leb, 1, 120]),
      Buffer.alloc(size - 2),
    ]);
    writeFileSync(join(dir, "large.wasm"), large);
    assert.equal(
      await opens("large", reports("/init", `"large.wasm"`)),
      "started",
    );
    const base64 = join(installed, "wasm-base64.js");
    copyFileSync(base64, join(dir, "small.js"));
    writeFileSync(base64, `export default "${large.toString("base64")}";\n`);
    const said = await opens("large-import", reports(""));
    copyFileSync(join(dir, "small.js"), base64);
    if (name === "chromium")
      assert.match(said, /^sync_refused: .*`\/init` \(RangeError\)$/);
    else assert.equal(said, "started");
  });
}
