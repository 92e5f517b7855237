// What stands around the exports of the example, against code that means it harm: iterators that throw, call back or free.
// Panics, traps and the rest of the guard are in wasm-client/tests/package/guard.test.js.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as lib from "../../wasm-client/pkg/index.js";

const { Accumulator, summarize } = lib;
const values = [1, 2, 6];

test("what foreign code throws is thrown as it is, and costs no object", () => {
  const accumulator = new Accumulator();
  for (const thrown of [
    new RangeError("mine"),
    new WebAssembly.RuntimeError("of another module"),
    Object.assign(new Error(), { name: "InternalError" }),
    new Error("expected instance of Foo"),
    Object.freeze(Object.assign(new Error(), { code: "panic" })),
    "no error",
    undefined,
  ]) {
    const fail = () => {
      throw thrown;
    };
    const hostile = [
      new Proxy([1, 2], { get: fail }),
      { [Symbol.iterator]: fail },
      { [Symbol.iterator]: () => ({ next: fail }) },
    ];
    for (const each of hostile) {
      // More often than the stack has room for frames that were left behind.
      for (let time = 0; time < 2000; time++) {
        let error;
        try {
          accumulator.push(each);
          assert.fail();
        } catch (caught) {
          error = caught;
        }
        assert.equal(error, thrown);
      }
    }
  }
  const endless = () => endless();
  const overflow = { [Symbol.iterator]: endless };
  assert.throws(() => accumulator.push(overflow), { name: "RangeError" });
  assert.equal(accumulator.count, 0);
});

test("an iterator may call the accumulator that it feeds, but not free it", () => {
  const accumulator = new Accumulator();
  accumulator.push({
    *[Symbol.iterator]() {
      yield 1;
      accumulator.push(10);
      yield summarize([2, 4]).mean;
    },
  });
  accumulator.merge(accumulator);
  assert.deepEqual([accumulator.count, accumulator.summary().max], [6, 10]);
  const freeing = {
    *[Symbol.iterator]() {
      yield 1;
      accumulator.free();
    },
  };
  assert.throws(() => accumulator.push(freeing), { code: "object_in_use" });
  assert.equal(summarize(values).mean, 3);
});

test("names and classes are those of the functions", () => {
  const names = [summarize.name, Accumulator.name];
  assert.deepEqual(names, ["summarize", "Accumulator"]);
  assert.equal(new Accumulator().constructor, Accumulator);
  class Derived extends Accumulator {}
  const derived = new Derived();
  assert.ok(derived instanceof Derived && derived instanceof Accumulator);
  derived.free();
});
