// After a panic, an exhausted stack or memory, or any trap, the next call is right: in a build with exports that do so.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, isAbsolute } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const target = `${process.env.CARGO_TARGET_DIR ?? `${root}target`}/faults`;
const built = `${target}/pkg`;

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
  /** @param {string} line a program and its first arguments
   * @param {string[]} more */
  const run = (line, ...more) => {
    const [program, ...values] = line.split(" ");
    execFileSync(program, [...values, ...more], {
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
    "cargo build --quiet --locked --lib --package wasm-client --release --target wasm32-unknown-unknown",
    ...["--features", "faults", "--config", "profile.release.lto=false"],
  );
  run(
    "wasm-bindgen --target web --omit-default-module-path --out-name glue --out-dir",
    built,
    `${target}/wasm32-unknown-unknown/release/wasm_client.wasm`,
  );
  cpSync(`${root}wasm-client/npm`, built, { recursive: true });
  const glue = await import(pathToFileURL(`${built}/glue.js`));
  const { guard } = await import(pathToFileURL(`${built}/guard.js`));
  glue.initSync({ module: readFileSync(`${built}/glue_bg.wasm`) });
  const {
    Accumulator,
    counts,
    echo,
    exhausts,
    overflows,
    panics,
    parse,
    summarize,
    traps,
  } = glue;
  lib = {
    Accumulator,
    counts,
    echo,
    exhausts,
    overflows,
    panics,
    parse,
    summarize,
    traps,
  };
  for (const name in lib) {
    lib[name] = guard(lib[name]);
  }
});

/** The call fails with this code and message, and whatever is called next is right. */
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
      assert.equal(error.name, "LibraryError");
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.stack, /recovery\.test\.js/);
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
  const endless = {
    [Symbol.iterator]() {
      lib.summarize(endless);
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

test("it recovers a thousand times, in little memory", () => {
  for (let time = 0; time < 1000; time++) {
    assert.throws(() => lib.panics(`${time}`), {
      code: "panic",
      message: new RegExp(`\`${time}\``),
    });
    assert.equal(lib.counts(), 1);
  }
});
