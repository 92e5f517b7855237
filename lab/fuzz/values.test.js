// Every export with generated values of all kinds: an answer, an error with a code, a TypeError, or what the value itself
// throws; never a trap, a panic or a leak, and the same answer each time. `RUNS` is how often for each export, 100,000 by
// default; `SEED` draws the same values again, another one each time by default.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as lib from "../../wasm-client/pkg/index.js";
import { initSync } from "../../wasm-client/pkg/glue.js";
import { install } from "../install.js";

install(import.meta.url);
const { default: fc } = await import("fast-check");

const { Accumulator, histogram, parse, summarize } = lib;
// The exports of the instance that runs; a restart would leave it behind.
const { memory } = initSync();
const numRuns = Number(process.env.RUNS ?? 100_000);
const seed = Number(process.env.SEED ?? Date.now());

class Foreign extends Error {}
const fail = () => {
  throw new Foreign();
};

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(
    0,
    -0,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
    NaN,
  ),
);
const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);
const series = fc.oneof(
  fc.float64Array({ maxLength: 50 }),
  fc.float32Array({ maxLength: 50 }),
  fc.int16Array({ maxLength: 50 }),
  fc.bigInt64Array({ maxLength: 3 }),
  fc.array(finite, { maxLength: 50 }),
  fc.array(fc.anything(), { maxLength: 5 }),
  fc.array(number).map((values) => values.values()),
  fc.array(number).map((values) => new Set(values)),
  fc.array(finite, { maxLength: 20 }).map((values) => new Proxy(values, {})),
  fc.float64Array({ maxLength: 20 }).map((values) => new Proxy(values, {})),
  fc.float64Array({ maxLength: 20 }).map((values) => {
    structuredClone(values.buffer, { transfer: [values.buffer] });
    return values;
  }),
  fc.array(finite).map((values) => ({
    *[Symbol.iterator]() {
      yield* values;
      fail();
    },
  })),
  fc.constant({
    get [Symbol.iterator]() {
      return fail();
    },
  }),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
  }),
);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc
      .integer({ min: 0, max: 0xffff })
      .map((unit) => String.fromCharCode(unit)),
  }),
  fc
    .array(
      fc.oneof(
        number.map(String),
        fc.constantFrom(
          " ",
          ",",
          ";",
          "\n",
          "\r",
          "#",
          "e",
          ".",
          "-",
          "\ufeff",
          "1_0",
        ),
      ),
    )
    .map((tokens) => tokens.join("")),
  fc.array(finite).map((values) => values.join("\n")),
  fc.anything(),
);
const bins = fc.oneof(fc.integer({ min: -2, max: 200 }), number, fc.anything());

/** What a call gives: an answer or the code of its error. */
function outcome(call) {
  try {
    return { answer: call() };
  } catch (error) {
    if (error?.code !== undefined) {
      assert.ok(
        !["panic", "trap", "stale_object"].includes(error.code),
        error.stack,
      );
      return { code: error.code, message: error.message, fields: { ...error } };
    }
    assert.ok(
      error instanceof Foreign || error instanceof TypeError,
      error?.stack,
    );
    return { thrown: error.constructor.name };
  }
}

/** The property holds for values that can be used up, too: what is iterated once is an array from then on. */
const kept = (values) =>
  typeof values?.next === "function" ? [...values] : values;

const check = (property) =>
  fc.assert(property, { numRuns, seed, endOnFailure: true });

test("summarize", () => {
  check(
    fc.property(series, (generated) => {
      const values = kept(generated);
      const found = outcome(() => summarize(values));
      assert.deepEqual(
        outcome(() => summarize(values)),
        found,
      );
      if (found.answer) {
        const { count, min, max, mean, variance, quartiles } = found.answer;
        const [low, median, high] = quartiles;
        assert.equal(count, [...values].length);
        assert.ok(min <= low && low <= median && median <= high && high <= max);
        assert.ok(min <= mean && mean <= max, `${min} ${mean} ${max}`);
        assert.ok(variance === undefined || variance >= 0, `${variance}`);
      }
    }),
  );
});

test("histogram", () => {
  check(
    fc.property(series, bins, (generated, number) => {
      const values = kept(generated);
      const found = outcome(() => histogram(values, number));
      assert.deepEqual(
        outcome(() => histogram(values, number)),
        found,
      );
      if (found.answer) {
        const { edges, counts } = found.answer;
        assert.equal(counts.length, number);
        assert.equal(edges.length, number + 1);
        assert.equal(
          counts.reduce((sum, each) => sum + each, 0),
          [...values].length,
        );
      }
    }),
  );
});

test("parse", () => {
  check(
    fc.property(text, (given) => {
      const found = outcome(() => parse(given));
      assert.deepEqual(
        outcome(() => parse(given)),
        found,
      );
      if (found.answer) {
        // JavaScript writes a negative zero without its sign.
        const written = [...found.answer].map((number) =>
          Object.is(number, -0) ? "-0" : `${number}`,
        );
        assert.deepEqual(parse(written.join(" ")), found.answer);
      }
    }),
  );
});

test("Accumulator", () => {
  const step = fc.oneof(
    fc.tuple(fc.constant("push"), fc.oneof(series, number)),
    fc.tuple(fc.constant("merge"), fc.anything()),
    fc.tuple(
      fc.constantFrom("summary", "count", "free", "mergeOther", "mergeItself"),
    ),
  );
  check(
    fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
      const [accumulator, other] = [new Accumulator(), new Accumulator()];
      other.push(1);
      let freed = false;
      for (const [name, value] of steps) {
        const { code } = outcome(() => {
          switch (name) {
            case "count":
              return accumulator.count;
            case "mergeOther":
              return accumulator.merge(other);
            case "mergeItself":
              return accumulator.merge(accumulator);
            default:
              return accumulator[name](value);
          }
        });
        freed ||= name === "free";
        assert.equal(
          code === "freed_object",
          freed && name !== "free",
          `${name} ${code}`,
        );
      }
      accumulator.free();
      assert.equal(other.count, 1);
      other.free();
    }),
  );
});

test(`${10 * numRuns} calls take no more memory than a thousand`, () => {
  const accumulator = new Accumulator();
  const values = Float64Array.from({ length: 100 }, Math.random);
  const once = () => {
    summarize(values);
    histogram([1, 2, 3], 5);
    parse("1 2 3");
    outcome(() => parse("1\nx"));
    outcome(() => summarize([1, "2"]));
    outcome(() =>
      summarize({
        get [Symbol.iterator]() {
          return fail();
        },
      }),
    );
    outcome(() => accumulator.merge({}));
    accumulator.push(values);
    new Accumulator().free();
    accumulator.summary();
  };
  for (let call = 0; call < 100; call++) {
    once();
  }
  const { byteLength } = memory.buffer;
  for (let call = 0; call < numRuns; call++) {
    once();
  }
  assert.equal(memory.buffer.byteLength, byteLength);
});
