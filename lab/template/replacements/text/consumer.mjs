import assert from "node:assert/strict";
import * as library from "PACKAGE";

const { Tally, mostFrequent } = library;
const tally = new Tally();
tally.add("Row, row, row your boat");
assert.equal(tally.count("row"), 3);
tally.free();
const long = new Tally({ shortest: 4, caseSensitive: true });
long.add("Row, row, row your boat");
assert.deepEqual([long.count("row"), long.count("boat")], [0, 1]);
assert.throws(() => new Tally({ shortest: 1.5 }), {
  code: "invalid_option",
  option: "shortest",
});
assert.equal(
  await mostFrequent(Promise.resolve("a rose is a rose is a rose")),
  "a",
);
await assert.rejects(mostFrequent(Promise.resolve("?!")), {
  code: "no_words",
  message: "there are no words",
});
await assert.rejects(mostFrequent(Promise.reject(new Error("late"))), {
  message: "late",
});
assert.equal("summarize" in library, false);
