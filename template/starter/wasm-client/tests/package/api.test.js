// Every export of the built package, used from JavaScript.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as lib from "../../pkg/index.js";

// Without their types, so that they take anything.
/** @type {any} */
const { Guests, askAndGreet, greet } = lib;

test("greets as the options say", () => {
  /** @satisfies {lib.GreetOptions} */
  const loud = { greeting: "Good morning", isLoud: true };
  assert.equal(lib.greet("Ada"), "Hello, Ada!");
  assert.equal(lib.greet("Ada", loud), "Good morning, Ada!!!");
  assert.equal(lib.greet("Ada", { greeting: undefined }), "Hello, Ada!");
});

test("refuses options that it does not know", () => {
  assert.throws(() => greet("Ada", { laud: true }), { code: "invalid_options", option: "laud" });
  assert.throws(() => greet("Ada", { isLoud: "yes" }), { code: "invalid_options", option: "isLoud" });
  assert.throws(() => greet("Ada", ["Hello"]), TypeError);
});

test("an error has a code and details", () => {
  assert.throws(() => greet(""), { code: "empty_name", message: "the name is empty" });
  assert.throws(() => greet("a".repeat(101)), { code: "long_name", length: 101 });
  assert.throws(() => greet(5), TypeError);
});

test("a list has plain objects, with the fields of their type", () => {
  /** @satisfies {lib.Translation} */
  const german = { language: "de", text: "Hallo, Ada!" };
  assert.deepEqual(lib.translations("Ada")[0], german);
});

test("asks, waits and greets", async () => {
  assert.equal(await lib.askAndGreet(() => "Ada"), "Hello, Ada!");
  assert.equal(await lib.askAndGreet(async () => "Ada", { isLoud: true }), "Hello, Ada!!!");
});

test("an async export begins after its call", async () => {
  let isAsked = false;
  const ask = () => {
    isAsked = true;
    return "Ada";
  };
  const greeting = lib.askAndGreet(ask);
  assert.equal(isAsked, false);
  await greeting;
  assert.equal(isAsked, true);
});

test("what goes wrong rejects the promise", async () => {
  const cause = new Error("nobody is there");
  const fails = async () => {
    throw cause;
  };
  await assert.rejects(askAndGreet(fails), cause);
  await assert.rejects(
    askAndGreet(() => 5),
    TypeError,
  );
  await assert.rejects(
    askAndGreet(() => ""),
    { code: "empty_name" },
  );
  assert.equal(greet("Ada"), "Hello, Ada!");
});

test("counts guests until they are freed", () => {
  const guests = new Guests();
  guests.add("Ada");
  assert.equal(guests.count, 1);
  guests.free();
  assert.throws(() => guests.add("Zoë"), { code: "freed_object" });
});
