// Every bad argument gives a LibraryError with a code and a stack that starts at the caller, and breaks nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import * as lib from "../../pkg/index.js";

const { LibraryError } = lib;
// As they are without types: they take anything.
/** @typedef {Omit<lib.Accumulator, "push" | "merge"> & { push(values: unknown): void, merge(other: unknown): void }} Accumulator */
const Accumulator = /** @type {new () => Accumulator} */ (lib.Accumulator);
const parse = /** @type {(text: unknown) => Float64Array} */ (lib.parse);
const summarize = /** @type {(values: unknown) => lib.Summary} */ (
  lib.summarize
);
const histogram =
  /** @type {(values: unknown, bins: unknown) => lib.Histogram} */ (
    lib.histogram
  );

/**
 * Calls, expects an error with these fields, thrown at a line of this file, and the package at work afterwards.
 * @param {() => unknown} call
 * @param {object} fields
 */
function rejects(call, fields) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof LibraryError, String(error));
    assert.ok(error instanceof Error);
    assert.equal(error.name, "LibraryError");
    assert.deepEqual({ ...error }, fields);
    const [title = "", place = ""] = error.stack?.split("\n") ?? [];
    assert.match(title, /^LibraryError: ./);
    assert.match(place, /errors\.test\.js/);
    return true;
  });
  assert.equal(summarize([1, 2, 6]).mean, 3);
}

test("a series has to be a Float64Array or an iterable of numbers", () => {
  const wrong = [
    undefined,
    null,
    1,
    1n,
    true,
    "1 2",
    Symbol("1"),
    () => [1],
    {},
    new Date(),
    new ArrayBuffer(8),
  ];
  /** @param {unknown} values */
  const push = (values) => new Accumulator().push(values);
  for (const values of [
    ...wrong,
    new DataView(new ArrayBuffer(8)),
    new Proxy(new Float64Array(2), {}),
  ]) {
    rejects(() => summarize(values), { code: "invalid_type" });
    rejects(() => histogram(values, 2), { code: "invalid_type" });
    if (typeof values !== "number") {
      rejects(() => push(values), { code: "invalid_type" });
    }
  }
  for (const { values, index } of [
    { values: ["1"], index: 0 },
    { values: [1, , 3], index: 1 },
    { values: new BigInt64Array(2), index: 0 },
    { values: [1, new Number(2)], index: 1 },
  ]) {
    rejects(() => summarize(values), { code: "invalid_type", index });
    rejects(() => push(values.values()), { code: "invalid_type", index });
  }
});

test("what is no number, or no number of bins, is found", () => {
  rejects(() => summarize([]), { code: "empty_series" });
  rejects(() => new Accumulator().summary(), { code: "empty_series" });
  rejects(() => summarize(new Float64Array([1, NaN])), {
    code: "not_finite",
    index: 1,
  });
  rejects(() => new Accumulator().push(-Infinity), {
    code: "not_finite",
    index: 0,
  });
  rejects(() => histogram([1], 0), { code: "invalid_bins" });
  rejects(() => histogram([1], 2 ** 20 + 1), { code: "invalid_bins" });
  for (const bins of [
    undefined,
    null,
    "3",
    3n,
    1.5,
    -1,
    NaN,
    Infinity,
    2 ** 32,
    {},
  ]) {
    rejects(() => histogram([1], bins), { code: "invalid_type" });
  }
});

test("a text has to be a string of numbers", () => {
  for (const text of [
    undefined,
    null,
    1,
    {},
    new String("1"),
    Symbol("1"),
    ["1"],
  ]) {
    rejects(() => parse(text), { code: "invalid_type" });
  }
  rejects(() => parse("1\n2 x"), {
    code: "invalid_number",
    line: 2,
    column: 3,
    text: "x",
  });
  const surrogate = {
    code: "invalid_number",
    line: 1,
    column: 1,
    text: "\ufffd",
  };
  rejects(() => parse("\ud800"), surrogate);
});

test("a detached buffer is no empty series", () => {
  const values = new Float64Array([1, 2]);
  structuredClone(values.buffer, { transfer: [values.buffer] });
  rejects(() => summarize(values), { code: "detached_buffer" });
  rejects(() => new Accumulator().push(values), { code: "detached_buffer" });
});

test("views of every kind of buffer, and arrays of other realms and classes, are series", () => {
  class Lies extends Float64Array {
    /** @returns {number} */
    get length() {
      throw new Error("asked");
    }
    set() {
      throw new Error("asked");
    }
  }
  const shared = new Float64Array(new SharedArrayBuffer(24));
  shared.set([1, 2, 6]);
  const long = Object.defineProperty(Float64Array.of(1, 2, 6), "length", {
    value: 1e9,
  });
  const series = [
    shared,
    long,
    Lies.of(1, 2, 6),
    vm.runInNewContext("Float64Array.of(1, 2, 6)"),
    vm.runInNewContext("[1, 2, 6]"),
    new Float64Array([0, 1, 2, 6, 0]).subarray(1, 4),
    new Uint8Array([1, 2, 6]),
    new Float32Array([1, 2, 6]),
    new Proxy([1, 2, 6], {}),
    new Set([1, 2, 6]),
  ];
  for (const values of series) {
    assert.equal(summarize(values).mean, 3);
    assert.equal(histogram(values, 5).counts[4], 1);
  }
});

test("more values than WebAssembly has memory for are an error, not a trap", () => {
  // Nothing touches its pages, so it takes no memory.
  const values = new Float64Array(2 ** 29);
  rejects(() => summarize(values), { code: "out_of_memory" });
  rejects(() => new Accumulator().push(values), { code: "out_of_memory" });
  rejects(() => summarize(new Array(2 ** 32 - 1)), {
    code: "invalid_type",
    index: 0,
  });
});

test("2^32 values, which 32 bits take for none, are too many", (t) => {
  let values;
  try {
    values = new Float64Array(2 ** 32);
  } catch {
    t.skip("this system has no 32 GiB of addresses to give");
    return;
  }
  rejects(() => summarize(values), { code: "out_of_memory" });
  rejects(() => histogram(values, 2), { code: "out_of_memory" });
});

const slow = {
  skip:
    !process.env.SLOW_TESTS &&
    "takes 4 GB and some seconds: SLOW_TESTS=1 runs it",
};
test("an endless iterator ends in an error", slow, () => {
  const ones = {
    *[Symbol.iterator]() {
      for (;;) {
        yield 1;
      }
    },
  };
  rejects(() => summarize(ones), { code: "out_of_memory" });
});

test("what foreign code throws is thrown to the caller as it is", () => {
  const thrown = new RangeError("mine");
  const fail = () => {
    throw thrown;
  };
  const hostile = [
    {
      get [Symbol.iterator]() {
        return fail();
      },
    },
    { [Symbol.iterator]: fail },
    { [Symbol.iterator]: () => ({ next: fail }) },
    {
      [Symbol.iterator]: () => ({
        next: () => ({
          get value() {
            return fail();
          },
        }),
      }),
    },
    new Proxy([1, 2], { get: fail }),
    new Proxy({}, { get: fail, getPrototypeOf: fail }),
  ];
  for (const values of hostile) {
    // More often than the stack has room for frames that were left behind.
    for (let time = 0; time < 20_000; time++) {
      let error;
      try {
        summarize(values);
      } catch (caught) {
        error = caught;
      }
      assert.equal(error, thrown);
    }
    assert.throws(() => new Accumulator().push(values), thrown);
  }
  assert.throws(
    () => summarize([1].values().map?.(fail) ?? hostile[1]),
    thrown,
  );
});

test("an iterator may call the accumulator that it feeds", () => {
  const accumulator = new Accumulator();
  accumulator.push({
    *[Symbol.iterator]() {
      yield 1;
      accumulator.push(10);
      assert.equal(accumulator.summary().count, 1);
      yield summarize([2, 4]).mean;
    },
  });
  accumulator.merge(accumulator);
  assert.deepEqual([accumulator.count, accumulator.summary().max], [6, 10]);
});

test("an object that is freed, or none at all, is an error", () => {
  const [one, other] = [new Accumulator(), new Accumulator()];
  one.free();
  one.free();
  one[Symbol.dispose]?.();
  for (let time = 0; time < 20_000; time++) {
    assert.throws(() => one.push(1), { code: "freed_object" });
  }
  rejects(() => one.push(1), { code: "freed_object" });
  rejects(() => one.count, { code: "freed_object" });
  rejects(() => other.merge(one), { code: "freed_object" });
  for (const argument of [
    undefined,
    null,
    {},
    1,
    Accumulator,
    Accumulator.prototype,
  ]) {
    rejects(() => other.merge(argument), { code: "invalid_type" });
  }
  for (const self of [undefined, {}, Accumulator.prototype]) {
    rejects(() => Accumulator.prototype.push.call(self, 1), {
      code: "invalid_type",
    });
  }
  // @ts-expect-error: a class is no function.
  assert.throws(() => Accumulator(), TypeError);
});

test("an object is not freed while an iterator feeds it", () => {
  for (let time = 0; time < 20_000; time++) {
    const accumulator = new Accumulator();
    const freeing = {
      *[Symbol.iterator]() {
        yield 1;
        accumulator.free();
      },
    };
    assert.throws(() => accumulator.push(freeing), { code: "object_in_use" });
    assert.throws(() => accumulator.count, { code: "freed_object" });
  }
});

test("names and lengths are those of the functions", () => {
  assert.deepEqual(
    [summarize.name, summarize.length, histogram.length],
    ["summarize", 1, 2],
  );
  assert.equal(Accumulator.name, "Accumulator");
  assert.ok(new Accumulator() instanceof Accumulator);
  assert.equal(new Accumulator().constructor, Accumulator);
  class Derived extends Accumulator {}
  assert.ok(new Derived() instanceof Derived);
  assert.equal(new Derived().count, 0);
});
