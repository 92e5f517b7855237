// A stack of the published module has numbers. `cargo xtask symbols` says what they mean, and makes the module and the source
// map by which a debugger shows it: here Chromium's, by the DevTools protocol.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { extname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { browsers } from "../page/page.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pkg = join(root, "wasm-client/pkg");
const dist = join(root, "dist");
const debug = "fresh-wasm.debug.wasm";

const xtask = (args, input) =>
  execFileSync("cargo", ["xtask", ...args], {
    cwd: root,
    encoding: "utf8",
    input,
    stdio: ["pipe", "pipe", "inherit"],
  });

/** The stacks of a trap, and of a call that foreign code makes inside the module. */
function stacks(module) {
  const program = `
    import { readFileSync } from "node:fs";
    import { initSync } from ${JSON.stringify(pathToFileURL(join(pkg, "init.js")).href)};
    const { Accumulator, summarize } = initSync(readFileSync(${JSON.stringify(module)}));
    summarize({ *[Symbol.iterator]() { yield 1; console.log(new Error().stack); } });
    const broken = new Accumulator();
    broken.__wbg_ptr = 2 ** 31;
    try { broken.summary(); } catch ({ code, cause }) { console.log(code, cause.stack); }
  `;
  const args = ["--stack-trace-limit=50", "--input-type=module", "--eval"];
  return execFileSync(process.execPath, [...args, program], {
    encoding: "utf8",
  });
}

let released, named, explained, map;
before(() => {
  // The package there may be another compiler's.
  xtask(["build"]);
  released = stacks(join(pkg, "fresh-wasm.wasm"));
  explained = xtask(["symbols", "-"], released);
  named = stacks(join(dist, debug));
  map = JSON.parse(readFileSync(join(dist, `${debug}.map`), "utf8"));
});

const FRAME = /wasm-function\[(\d+)\]:0x(\w+)/g;

test("the stack of the module that is published can be read", () => {
  assert.match(released, /^trap RuntimeError: /m);
  assert.doesNotMatch(released, /wasm_client::/);
  assert.deepEqual(named.match(FRAME), released.match(FRAME));
  assert.match(named, /wasm_client::convert::/);

  const lines = explained.split("\n").filter((line) => line.match(FRAME));
  assert.equal(lines.length, released.match(FRAME).length);
  for (const line of lines) {
    const [, name, file, number] = line.match(/ {2}= (.*), (.*):(\d+)$/);
    assert.ok(named.includes(`.${name} (wasm://`), name);
    assert.ok(Number(number) > 0 && file.endsWith(".rs"), line);
  }
  // The place where the series' iterator is asked.
  const [, file, number] = explained.match(/ (wasm-client\S+):(\d+)$/m);
  const source = readFileSync(join(root, file), "utf8").split("\n");
  assert.match(source[number - 1], /hold\(/, `${file}:${number}`);
});

test("the table has each function that a stack has", () => {
  const names = new Map(
    Array.from(
      xtask(["symbols"]).matchAll(/^(\d+) (.*)$/gm),
      ([, number, name]) => [number, name],
    ),
  );
  for (const [, number] of released.matchAll(FRAME)) {
    assert.ok(named.includes(`.${names.get(number)} (wasm://`), number);
  }
});

test("the source map is one that others read", () => {
  const read = new SourceMap(map);
  for (const line of explained.split("\n")) {
    const [, offset, file, number] =
      line.match(/:0x(\w+).* {2}= .*, (.*):(\d+)$/) ?? [];
    if (offset === undefined) continue;
    const entry = read.findEntry(0, Number.parseInt(offset, 16));
    assert.equal(entry.originalSource.replace(/^\/src\//, ""), file);
    assert.equal(entry.originalLine + 1, Number(number));
  }
  const at = map.sources.indexOf("/src/wasm-client/src/convert.rs");
  const text = readFileSync(join(root, "wasm-client/src/convert.rs"), "utf8");
  assert.equal(map.sourcesContent[at], text);
});

/** A page that calls the module, with names and the source map. */
async function serve() {
  const page = `<!doctype html><script type="module">
    import init from "./init.js";
    const { summarize } = await init("./${debug}");
    window.call = () => summarize({ *[Symbol.iterator]() { yield 1; debugger; } });
  </script>`;
  const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
  const server = createServer(({ url }, response) => {
    if (url === "/") {
      response.setHeader("content-type", "text/html").end(page);
      return;
    }
    const folder = url.startsWith(`/${debug}`) ? dist : pkg;
    const type = types[extname(url)] ?? "application/json";
    try {
      response.setHeader("content-type", type);
      response.end(readFileSync(join(folder, decodeURI(url))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const chromium = browsers.find(({ name }) => name === "Chromium");
const skip = chromium ? false : "NOT RUN: there is no Chromium";

test(
  "a debugger finds the Rust line of a call",
  { skip, timeout: 60_000 },
  async () => {
    const server = await serve();
    const browser = await chromium.launch();
    try {
      const page = await browser.newPage();
      const session = await page.context().newCDPSession(page);
      const scripts = new Map();
      session.on("Debugger.scriptParsed", (script) =>
        scripts.set(script.scriptId, script),
      );
      await session.send("Debugger.enable");
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      await page.waitForFunction("window.call !== undefined");

      const paused = new Promise((resolve) =>
        session.once("Debugger.paused", resolve),
      );
      const result = page.evaluate("window.call()");
      const { callFrames } = await paused;
      await session.send("Debugger.resume");
      assert.equal((await result).count, 1);

      const frames = callFrames.filter(
        ({ location }) =>
          scripts.get(location.scriptId).scriptLanguage === "WebAssembly",
      );
      const script = scripts.get(frames[0].location.scriptId);
      assert.equal(script.sourceMapURL, `${debug}.map`);

      const found = await fetch(new URL(script.sourceMapURL, script.url));
      const read = new SourceMap(await found.json());
      const sources = frames.map(
        ({ location }) =>
          read.findEntry(0, location.columnNumber).originalSource ?? "",
      );
      const expected = "/src/wasm-client/src/convert.rs";
      assert.ok(sources.includes(expected), `${sources}`);
      assert.match(frames.at(-1).functionName, /summarize/);
    } finally {
      await browser.close();
      server.closeAllConnections();
      server.close();
    }
  },
);
