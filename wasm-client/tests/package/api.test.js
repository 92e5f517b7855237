// What the exports of this library give for any value: an answer, or an error that breaks nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import * as lib from "../../pkg/index.js";

// Without their types, so that they take anything.
/** @type {any} */
const { Accumulator, histogram, parse, summarize } = lib;

/** @type {Iterable<number>} */
const values = [1, 2, 6];

// The compiler checks that each literal has all fields of its type, the test that the module gives the same.
test("the fields of results are those of their types", () => {
  const moments = /** @satisfies {lib.Moments} */ ({
    count: 1,
    min: 5,
    max: 5,
    mean: 5,
    variance: undefined,
    standardDeviation: undefined,
  });
  const summary = /** @satisfies {lib.Summary} */ ({
    count: 3,
    min: 1,
    max: 6,
    mean: 3,
    variance: 7,
    standardDeviation: Math.sqrt(7),
    quartiles: [1.5, 2, 4],
  });
  const bins = /** @satisfies {lib.Histogram} */ ({
    edges: Float64Array.of(1, 3.5, 6),
    counts: Uint32Array.of(2, 1),
  });
  const accumulator = new lib.Accumulator();
  accumulator.push(5);
  assert.deepEqual(accumulator.summary(), moments);
  assert.deepEqual(lib.summarize(values), summary);
  assert.deepEqual(lib.histogram(values, 2), bins);

  const info = lib.buildInfo();
  const { version, profile, moduleDigest } = info;
  const every = /** @satisfies {lib.BuildInfo} */ ({ version, profile, moduleDigest });
  assert.deepEqual(info, every);
});

/**
 * Expects the call to throw an `Error` with these fields, and the package to work afterwards.
 *
 * @param {() => unknown} call
 * @param {Partial<lib.LibraryError>} fields
 */
function rejects(call, fields) {
  assert.throws(call, (/** @type {any} */ error) => {
    assert.ok(error instanceof Error);
    assert.deepEqual({ ...error }, fields);
    return true;
  });
  assert.equal(summarize(values).mean, 3);
}

test("an error has a code and details", () => {
  rejects(() => parse("1\n2 x"), { code: "invalid_number", line: 2, column: 3, text: "x" });
  rejects(() => summarize([]), { code: "empty_series" });
  rejects(() => new Accumulator().summary(), { code: "empty_series" });
  rejects(() => summarize([1, NaN]), { code: "not_finite", index: 1 });
  rejects(() => new Accumulator().push(-Infinity), { code: "not_finite", index: 0 });
  for (const bins of [undefined, null, "3", 3n, 1.5, -1, NaN, 2 ** 32 + 3]) {
    rejects(() => histogram([1], bins), { code: "invalid_bins" });
  }
  assert.throws(() => histogram([1], 2 ** 20 + 1), { code: "invalid_bins" });
});

test("an argument of the wrong type is a TypeError", () => {
  const detached = new Float64Array([1, 2]);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const wrong = [
    ...[undefined, null, 1n, true, Symbol("1"), () => [1], {}, new Date()],
    ...[detached, new Proxy(new Float64Array(2), {}), new ArrayBuffer(8)],
    ...["12", [1, , 3], ["1"], new BigInt64Array(2)],
  ];
  const accumulator = new Accumulator();
  for (const value of wrong) {
    assert.throws(() => summarize(value), TypeError);
    assert.throws(() => accumulator.push(value), TypeError);
    assert.throws(() => accumulator.merge(value), TypeError);
    if (typeof value !== "string") assert.throws(() => parse(value), TypeError);
  }
  assert.throws(() => summarize([1, "2"]), { name: "TypeError", code: "wrong_type" });
  assert.throws(() => Accumulator.prototype.push.call({}, 1), TypeError);
  assert.throws(() => Accumulator(), TypeError);
  assert.equal(accumulator.count, 0);
});

test("views of every kind of buffer, and arrays of other realms and classes, are series", () => {
  class Lies extends Float64Array {
    /** @returns {number} */
    get length() {
      throw new Error("asked");
    }
  }
  const shared = new Float64Array(new SharedArrayBuffer(24));
  shared.set([1, 2, 6]);
  const long = Float64Array.of(1, 2, 6);
  Object.defineProperty(long, "length", { value: 1e9 });
  const series = [
    ...[shared, long, Lies.of(1, 2, 6), Float32Array.of(1, 2, 6)],
    ...[new Set(values), new Proxy([1, 2, 6], {}), [1, 2, 6].values()],
    new Float64Array([0, 1, 2, 6, 0]).subarray(1, 4),
    vm.runInNewContext("Float64Array.of(1, 2, 6)"),
  ];
  for (const each of series) assert.equal(summarize(each).mean, 3);
});

test("an object is freed once, and not by a proxy", () => {
  const [one, other] = [new Accumulator(), new Accumulator()];
  // A proxy works, as in Vue's `ref`, but cannot free the object: it would be freed again when it is collected.
  new Proxy(one, {}).push(values);
  assert.throws(() => new Proxy(one, {}).free(), TypeError);
  assert.throws(() => Object.create(one).free(), TypeError);
  other.push([100, 200]);
  assert.deepEqual([one.count, other.count], [3, 2]);

  one.free();
  one.free();
  one[Symbol.dispose]?.();
  rejects(() => one.push(1), { code: "freed_object" });
  rejects(() => one.count, { code: "freed_object" });
  rejects(() => other.merge(one), { code: "freed_object" });
});
