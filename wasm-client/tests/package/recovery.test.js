// After a panic, an exhausted stack or memory, or any trap, the next call is right: in a build with exports that do so.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, isAbsolute } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const target = `${process.env.CARGO_TARGET_DIR ?? `${root}target`}/faults`;
const built = `${target}/pkg`;

/**
 * What src/faults.rs adds.
 * @typedef Faults
 * @property {(text: string) => void} panics
 * @property {() => number} counts
 * @property {(text: string, values: Float64Array, any: unknown) => unknown[]} echo
 * @property {(depth: number) => number} overflows
 * @property {() => void} exhausts
 * @property {() => void} traps
 */

/** @type {Pick<typeof import("../../pkg/api.js"), "Accumulator" | "parse" | "summarize"> & Faults} */
let lib;

before(async () => {
  mkdirSync(target, { recursive: true });
  // The folder of the pinned wasm-bindgen, where the one on PATH is another.
  const tools = execFileSync("cargo", ["xtask", "tools"], {
    cwd: root,
    encoding: "utf8",
  });
  const path = [
    ...tools.split("\n").filter((line) => isAbsolute(line)),
    process.env.PATH,
  ];
  /**
   * @param {string} program
   * @param {string} words its first arguments
   * @param {string[]} more
   */
  const run = (program, words, ...more) => {
    execFileSync(program, [...words.split(" "), ...more], {
      cwd: root,
      env: {
        ...process.env,
        CARGO_TARGET_DIR: target,
        PATH: path.join(delimiter),
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
  };
  // Without link-time optimisation: nothing here depends on that, and it takes longer than the tests.
  run(
    "cargo",
    "build --quiet --locked --lib --package wasm-client --release --target wasm32-unknown-unknown",
    ...["--features", "faults", "--config", "profile.release.lto=false"],
  );
  run(
    "wasm-bindgen",
    "--target web --omit-default-module-path --out-name glue --out-dir",
    built,
    `${target}/wasm32-unknown-unknown/release/wasm_client.wasm`,
  );
  cpSync(`${root}wasm-client/npm`, built, { recursive: true });
  const glue = await import(pathToFileURL(`${built}/glue.js`).href);
  const { guard } = await import(pathToFileURL(`${built}/guard.js`).href);
  glue.initSync({ module: readFileSync(`${built}/glue_bg.wasm`) });
  lib = /** @type {typeof lib} */ (
    Object.fromEntries(
      Object.entries(glue).map(([name, exported]) => [name, guard(exported)]),
    )
  );
});

/**
 * The call fails with this code and message, and whatever is called next is right.
 * @param {() => unknown} call
 * @param {string} code
 * @param {RegExp} message
 */
function breaks(call, code, message) {
  const next = [
    () =>
      assert.deepEqual(lib.echo("déjà vu", Float64Array.of(1, 2), "any"), [
        "déjà vu",
        3,
        "any",
      ]),
    () => assert.deepEqual(lib.parse("1 2"), Float64Array.of(1, 2)),
    () => assert.equal(lib.summarize([1, 2]).mean, 1.5),
    () => assert.throws(() => lib.parse("x"), { code: "invalid_number" }),
    () => assert.equal(new lib.Accumulator().count, 0),
    () => assert.equal(lib.counts(), 1),
  ];
  for (const right of next) {
    assert.throws(call, (error) => {
      assert.ok(error instanceof Error && "code" in error);
      assert.equal(error.name, "LibraryError");
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.stack ?? "", /recovery\.test\.js/);
      return true;
    });
    right();
  }
}

test("a panic is an error with Rust's message and the place", () => {
  breaks(
    () => lib.panics("50 €"),
    "panic",
    /^a bug in this library: panicked at .*faults\.rs:\d+:\d+:\n`50 €` was too much$/,
  );
});

test("an exhausted stack, an exhausted memory and a trap are errors", () => {
  breaks(() => lib.overflows(0), "trap", /^the call was cut off: /);
  breaks(() => lib.exhausts(), "trap", /^the call was cut off: /);
  breaks(() => lib.traps(), "trap", /^the call was cut off: unreachable$/);
});

test("recursion without end, through an iterator, is an error", () => {
  /** @type {Iterable<number>} */
  const endless = {
    [Symbol.iterator]() {
      lib.summarize(endless);
      return [].values();
    },
  };
  breaks(() => lib.summarize(endless), "trap", /./);
});

test("objects from before are stale, and can be freed or collected", () => {
  const old = new lib.Accumulator();
  old.push([1, 2]);
  assert.throws(() => lib.panics(""), { code: "panic" });
  const fresh = new lib.Accumulator();
  fresh.push(5);
  assert.throws(() => old.count, { code: "stale_object" });
  assert.throws(() => old.push(3), { code: "stale_object" });
  assert.throws(() => fresh.merge(old), { code: "stale_object" });
  old.free();
  old[Symbol.dispose]?.();
  assert.throws(() => old.count, { code: "stale_object" });
  assert.equal(fresh.summary().max, 5);
  fresh.free();
});

test("a stale object fails as the first call after a panic, too", () => {
  const old = new lib.Accumulator();
  assert.throws(() => lib.panics(""), { code: "panic" });
  assert.throws(() => old.summary(), { code: "stale_object" });
});

test("a call around the one that panicked fails as well, whether or not its iterator hides that", () => {
  for (const hides of [false, true]) {
    const accumulator = new lib.Accumulator();
    const feed = {
      *[Symbol.iterator]() {
        yield 1;
        try {
          lib.panics("inside");
        } catch (error) {
          if (!hides) {
            throw error;
          }
        }
        assert.throws(() => lib.summarize([1]), { code: "trap" });
        yield 2;
      },
    };
    assert.throws(() => accumulator.push(feed), {
      code: "panic",
      message: /inside/,
    });
    assert.throws(() => accumulator.count, { code: "stale_object" });
    assert.equal(lib.counts(), 1);
  }
});

/**
 * How a process ends and what it prints that runs this code, with the exports at hand: an error that nobody catches
 * would be one of this process here.
 * @param {string} code
 */
function run(code) {
  /** @param {string} name */
  const url = (name) =>
    JSON.stringify(pathToFileURL(`${built}/${name}.js`).href);
  const start = `
    import { readFileSync } from "node:fs";
    import * as glue from ${url("glue")};
    import { guard } from ${url("guard")};
    glue.initSync({ module: readFileSync(${JSON.stringify(`${built}/glue_bg.wasm`)}) });
    const [counts, later, panics] = [glue.counts, glue.later, glue.panics].map(guard);
    const outcome = (promise) => Promise.race([
      promise.then(() => "resolved", (error) => error.code),
      new Promise((resolve) => setTimeout(resolve, 50, "pending")),
    ]);
    const uncaught = [];
    const catchAll = () => process.on("uncaughtException", (error) => uncaught.push(error.code ?? error.message));
    counts();
  `;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", start + code],
    { encoding: "utf8" },
  );
  return { status, stderr, printed: stdout.trim().split("\n") };
}

test("an async export resolves, or rejects when it panics after its call", () => {
  const { printed, stderr } = run(`
    catchAll();
    for (const how of ["", "panic", ""]) {
      console.log(await outcome(later(how)), counts());
    }
    console.log(...uncaught);
  `);
  assert.deepEqual(
    printed,
    ["resolved 2", "panic 1", "resolved 2", "panic"],
    stderr,
  );
});

test("a panic after the call of an async export ends a process that catches nothing", () => {
  const { status, stderr } = run(`later("panic").catch(() => {});`);
  assert.notEqual(status, 0);
  assert.match(stderr, /LibraryError: a bug in this library: panicked at/);
});

test("a promise that is on the way when another call panics is rejected", () => {
  const { printed, stderr } = run(`
    catchAll();
    const promise = outcome(later(""));
    try { panics(""); } catch {}
    console.log(await promise, counts());
    console.log(...uncaught);
  `);
  const stale = "Cannot invoke closure from previous WASM instance";
  assert.deepEqual(printed, ["panic 1", stale], stderr);
});

test("a trap after the call of an async export is an uncaught error, and not noticed", () => {
  const { printed, stderr } = run(`
    catchAll();
    console.log(await outcome(later("trap")), counts());
    console.log(...uncaught);
  `);
  assert.deepEqual(printed, ["pending 2", "unreachable"], stderr);
});

test("it recovers a thousand times, in little memory", () => {
  for (let time = 0; time < 1000; time++) {
    assert.throws(() => lib.panics(`${time}`), {
      code: "panic",
      message: new RegExp(`\`${time}\``),
    });
    assert.equal(lib.counts(), 1);
  }
});
