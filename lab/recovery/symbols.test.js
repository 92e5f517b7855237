// A stack of the published module has numbers; `cargo xtask symbols` says the names, and writes a module that has them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const released = join(root, "wasm-client/pkg/fresh-wasm.wasm");
const named = join(root, "dist/fresh-wasm.debug.wasm");

/** The stacks of a trap, and of a call that foreign code makes inside the module. */
function stacks(module) {
  const init = pathToFileURL(join(root, "wasm-client/pkg/init.js")).href;
  const program = `
    import { readFileSync } from "node:fs";
    import { initSync } from ${JSON.stringify(init)};
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

test("the stack of the module that is published can be read", () => {
  // The package there may be another compiler's.
  execFileSync("cargo", ["xtask", "build"], { cwd: root, stdio: "ignore" });
  const printed = execFileSync("cargo", ["xtask", "symbols"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const names = new Map(
    Array.from(printed.matchAll(/^(\d+) (.*)$/gm), ([, number, name]) => [
      number,
      name,
    ]),
  );

  const [before, after] = [stacks(released), stacks(named)];
  const places = (stack) => stack.match(/wasm-function\[\d+\]:0x\w+/g);
  assert.deepEqual(places(before), places(after));
  assert.match(before, /^trap RuntimeError: /m);
  assert.doesNotMatch(before, /wasm_client::/);
  for (const [, number] of before.matchAll(/wasm-function\[(\d+)\]/g)) {
    const name = names.get(number);
    assert.ok(name, number);
    assert.ok(after.includes(`.${name} (wasm://`), name);
  }
  assert.match(after, /wasm_client::convert::/);
});
