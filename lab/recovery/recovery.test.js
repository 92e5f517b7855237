// After a panic, an exhausted stack or memory, or any trap, the next call is right: in a build of a copy of the sources with
// the exports of faults.rs, which do so.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, rmSync } from "node:fs";
import { delimiter, isAbsolute } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const target = `${root}target/recovery`;
const copy = `${target}/copy`;
const built = `${copy}/wasm-client/pkg`;

/** @param {string} name */
const url = (name) => JSON.stringify(pathToFileURL(`${built}/${name}`).href);
const start = `
  import { readFileSync } from "node:fs";
  import * as glue from ${url("glue.js")};
  import { guard } from ${url("guard.js")};
  glue.initSync({ module: readFileSync(new URL(${url("glue_bg.wasm")})) });
  const guarded = Object.entries(glue).map(([name, value]) => [name, guard(value)]);
  export default Object.fromEntries(guarded);
`;

/** @type {any} the exports, and those of src/faults.rs, each guarded */
let lib;

before(async () => {
  rmSync(copy, { recursive: true, force: true });
  const sources = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "common",
    "wasm-client/Cargo.toml",
    "wasm-client/src",
  ];
  for (const name of sources) {
    cpSync(root + name, `${copy}/${name}`, { recursive: true });
  }
  cpSync(
    new URL("faults.rs", import.meta.url),
    `${copy}/wasm-client/src/faults.rs`,
  );
  appendFileSync(`${copy}/wasm-client/src/lib.rs`, "\nmod faults;\n");
  // The folders of the pinned tools, where those on PATH are others.
  const tools = execFileSync("cargo", ["xtask", "tools"], { cwd: root });
  const path = String(tools).split("\n").filter(isAbsolute);
  // Without link-time optimisation: nothing here depends on that, and it takes longer than the tests.
  const words =
    "build wasm-client --target web --out-name glue --no-opt --no-pack --";
  const options = ["--locked", "--config=profile.release.lto=false"];
  execFileSync("wasm-pack", [...words.split(" "), ...options], {
    cwd: copy,
    env: {
      ...process.env,
      CARGO_TARGET_DIR: target,
      PATH: [...path, process.env.PATH].join(delimiter),
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  cpSync(`${root}wasm-client/npm`, built, { recursive: true });
  lib = (await import(`data:text/javascript,${encodeURIComponent(start)}`))
    .default;
});

/**
 * The call fails with this code and message, and whatever is called next is right.
 *
 * @param {() => unknown} call
 * @param {string} code
 * @param {RegExp} message
 */
function breaks(call, code, message) {
  const next = [
    () =>
      assert.deepEqual(lib.echo("déjà vu", Float64Array.of(1, 2), "any"), [
        ...["déjà vu", 3, "any"],
      ]),
    () => assert.deepEqual(lib.parse("1 2"), Float64Array.of(1, 2)),
    () => assert.equal(lib.summarize([1, 2]).mean, 1.5),
    () => assert.throws(() => lib.parse("x"), { code: "invalid_number" }),
    () => assert.equal(new lib.Accumulator().count, 0),
    () => assert.equal(lib.counts(), 1),
  ];
  for (const right of next) {
    assert.throws(call, { name: "Error", code, message });
    right();
  }
}

test("a panic is an error with Rust's message and the place", () => {
  const message =
    /^a bug in this library: panicked at .*faults\.rs:\d+:\d+:\n`50 €` was too much$/;
  breaks(() => lib.panics("50 €"), "panic", message);
});

test("an exhausted stack, an exhausted memory and a trap are errors", () => {
  breaks(() => lib.overflows(0), "trap", /^the call was cut off: /);
  breaks(() => lib.exhausts(), "trap", /^the call was cut off: /);
  breaks(() => lib.traps(), "trap", /^the call was cut off: unreachable$/);
});

test("calls at the end of the stack leave it at work", () => {
  const recurse = () => {
    try {
      recurse();
    } finally {
      lib.summarize([1, 2, 6]);
    }
  };
  for (let time = 0; time < 20; time++) {
    assert.throws(recurse);
    const accumulator = new lib.Accumulator();
    accumulator.push([1, 2]);
    assert.equal(accumulator.count, 2);
    accumulator.free();
  }
  /** @type {Iterable<number>} */
  const endless = {
    [Symbol.iterator]() {
      lib.summarize(endless);
      return [].values();
    },
  };
  assert.throws(() => lib.summarize(endless));
  assert.equal(lib.summarize([1, 2, 6]).mean, 3);
});

test("objects from before are stale, and can be freed or collected", () => {
  const [old, first] = [new lib.Accumulator(), new lib.Accumulator()];
  assert.throws(() => lib.panics(""), { code: "panic" });
  assert.throws(() => first.summary(), { code: "stale_object" });
  const fresh = new lib.Accumulator();
  fresh.push(5);
  assert.throws(() => old.push(3), { code: "stale_object" });
  assert.throws(() => fresh.merge(old), { code: "stale_object" });
  old.free();
  old[Symbol.dispose]?.();
  assert.throws(() => old.count, { code: "stale_object" });
  assert.equal(fresh.summary().max, 5);
  fresh.free();
});

test("an object that Rust made is like one that was made by `new`", () => {
  const made = lib.makes();
  assert.ok(made instanceof lib.Accumulator);
  assert.throws(() => new Proxy(made, {}).free(), TypeError);
  made.push([1, 2]);
  assert.equal(made.count, 2);
  made.free();
  assert.throws(() => made.count, { code: "freed_object" });
});

test("an error of wasm-bindgen's own class comes as it is", () => {
  const accumulator = new lib.Accumulator();
  const message = "expected instance of a better day";
  assert.throws(
    () => lib.fails(),
    (/** @type {any} */ error) =>
      error.message === message && error.code === undefined,
  );
  assert.equal(accumulator.count, 0);
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
    const message = /inside/;
    assert.throws(() => accumulator.push(feed), { code: "panic", message });
    assert.throws(() => accumulator.count, { code: "stale_object" });
    assert.equal(lib.counts(), 1);
  }
});

test("it recovers a thousand times, in little memory", () => {
  for (let time = 0; time < 1000; time++) {
    const message = new RegExp(`\`${time}\``);
    assert.throws(() => lib.panics(`${time}`), { code: "panic", message });
    assert.equal(lib.counts(), 1);
  }
});

test("a promise that is on the way when the instance breaks is rejected", () => {
  // In a process of its own, as an error that nobody catches would end this one.
  const code = `${start.replace("export default", "const lib =")}
    const outcome = (promise) => Promise.race([
      promise.then(() => "resolved", (error) => error.code),
      new Promise((resolve) => setTimeout(resolve, 50, "pending")),
    ]);
    process.on("uncaughtException", (error) => console.log(error.message));
    const during = (how) => {
      const promise = outcome(lib.later(""));
      try { lib[how](""); } catch {}
      return promise;
    };
    lib.counts();
    console.log(await outcome(lib.later("")), lib.counts());
    console.log(await outcome(lib.later("panic")), lib.counts());
    console.log(await during("panics"), await during("traps"), lib.counts());
    console.log(await outcome(lib.later("trap")), lib.counts());
  `;
  const options = ["--input-type=module", "--eval", code];
  const { stdout, stderr } = spawnSync(process.execPath, options);
  const printed = String(stdout).trim().split("\n");
  // A trap after the call is an uncaught error, and not noticed.
  const [panic, trap] = ["unreachable", "unreachable"];
  const expected = ["resolved 2", panic, "panic 1", "panic trap 1", trap];
  assert.deepEqual(printed, [...expected, "pending 2"], String(stderr));
});
