// What npm/guard.js promises, whatever the library is: faults.rs has an export with each kind of bug.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import vm from "node:vm";
import { build, load, run } from "./faults.js";

/** @type {any} the exports of faults.rs, each guarded */
let lib;
/** The glue as wasm-bindgen made it. */
let glue = "";

/** More often than the stack has room for the frames of calls that were refused: 13,108 of them once filled it. */
const OFTEN = 14_000;

/** Makes a call that is refused each time. `assert.throws` would take minutes. @param {() => unknown} call */
function refuses(call) {
  let refused = 0;
  for (let time = 0; time < OFTEN; time++) {
    try {
      call();
    } catch (/** @type {any} */ error) {
      if (error.code === "object_in_use" || error instanceof TypeError) refused += 1;
    }
  }
  assert.equal(refused, OFTEN);
}

before(async () => {
  glue = await build();
  lib = await load();
});

test("wasm-bindgen's glue has the texts and names that the guard relies on", () => {
  for (const text of [
    // xtask/tools/connect.mjs
    "wasm = instance.exports;",
    "wasm = wasmInstance.exports;",
    "return real;",
    "function makeMutClosure(",
    "real._wbg_cb_unref = ",
    // Its own errors
    "throw new Error(`expected instance of ${klass.name}`)",
    "throw new Error(`expected a string argument, found ${typeof(arg)}`)",
    "throw new Error('Attempt to use a moved value')",
    "throw new Error('Invalid stale object from previous Wasm instance')",
    "throw new Error('Cannot invoke closure from previous WASM instance')",
    // Objects
    "__destroy_into_raw() {",
    "static __wrap(ptr) {",
    "this.__wbg_ptr = ret;",
    "if (!(instance instanceof klass)) {",
    "wasm.__wbg_thing_free(ptr, 1)",
    "wasm.__wbindgen_destroy_closure(",
    "Object.defineProperty(this, '__wbg_inst', {",
    // Arrays
    "malloc(arg.length * 8, 8)",
    "malloc(array.length * 4, 4)",
  ]) {
    assert.ok(glue.includes(text), `the glue has no \`${text}\` any more`);
  }
});

/** Whatever is called after a fault is right. @param {() => unknown} fault */
function recovers(fault) {
  const next = [
    () => assert.deepEqual(lib.echo("déjà vu", Float64Array.of(1, 2), "any"), ["déjà vu", 3, "any"]),
    () => assert.equal(new lib.Thing().value, 0),
    () => assert.equal(lib.makes().value, 0),
    () => assert.throws(() => lib.failsWithFields(), { code: "failure" }),
    () => assert.equal(lib.counts(), 1),
  ];
  for (const right of next) {
    fault();
    right();
  }
}

test("a panic is an error with Rust's message and the place", () => {
  const message = /^a bug in this library: panicked at .*faults\.rs:\d+:\d+:\n`50 €` was too much$/;
  recovers(() => assert.throws(() => lib.panics("50 €"), { name: "Error", code: "panic", message }));
});

test("an exhausted stack, an exhausted memory and a trap are errors", () => {
  for (const call of [() => lib.overflows(0), () => lib.exhausts(), () => lib.traps()]) {
    recovers(() => assert.throws(call, { name: "Error", code: "trap", message: /^the call was cut off: / }));
  }
});

test("an error of Rust comes as it is", () => {
  const thing = new lib.Thing();
  assert.throws(
    () => lib.fails(),
    (/** @type {any} */ error) =>
      `${error}` === "Error: expected instance of a better day" && !("code" in error),
  );
  assert.throws(() => lib.failsWithFields(), {
    name: "Error",
    message: "it failed",
    code: "failure",
    place: 5,
  });
  assert.equal(thing.value, 0);
});

/** What callers throw that looks like an error of the engine, or of the glue. */
const foreign = [
  new WebAssembly.RuntimeError("mine"),
  new RangeError("Maximum call stack size exceeded"),
  Object.assign(new Error("mine"), { name: "InternalError" }),
  new Error("expected instance of Foo"),
  new Error("Attempt to use a moved value"),
  "no error",
  undefined,
];

test("what foreign code throws is thrown as it is, and nothing is lost", () => {
  const thing = new lib.Thing();
  for (const error of foreign) {
    const fail = () => {
      throw error;
    };
    const caught = (/** @type {() => unknown} */ call) => {
      try {
        call();
      } catch (thrown) {
        return assert.equal(thrown, error);
      }
      assert.fail();
    };
    caught(() => lib.calls(fail));
    caught(() => thing.calls(fail));
    caught(() => thing.join(new Proxy({}, { getPrototypeOf: fail })));
    caught(() => thing.join(new Proxy(new lib.Thing(), { get: fail })));
    caught(() => thing.join.call(new Proxy(thing, { get: fail }), thing));
    caught(() => lib.echo("", Object.defineProperty([0], 0, { get: fail }), 0));
  }
  assert.equal(thing.value, 0);
});

test("what is no object of the class is refused before Rust runs, any number of times", () => {
  const thing = new lib.Thing();
  const { prototype } = lib.Thing;
  refuses(() => thing.join(Object.create(prototype)));
  for (const wrong of [{}, null, undefined, 5, prototype, lib.Thing]) {
    assert.throws(() => thing.join(wrong), TypeError);
    assert.throws(() => thing.join.call(wrong, thing), TypeError);
  }
  assert.throws(() => lib.Thing(), { name: "TypeError", message: /'new'/ });
  thing.join(new Proxy(new lib.Thing(), {}));
  assert.equal(thing.value, 1);
});

test("an object of another class is refused, as an argument and as `this`", () => {
  const [thing, other] = [new lib.Thing(), new lib.Other()];
  const { prototype } = lib.Thing;
  for (const call of [
    () => thing.join(other),
    () => prototype.join.call(other, thing),
    () => prototype.ends.call(other),
    () => prototype.free.call(other),
    () => Reflect.get(prototype, "value", other),
    () => Reflect.get(lib.Other.prototype, "sum", thing),
  ]) {
    assert.throws(call, TypeError);
  }
  assert.deepEqual([thing.value, other.sum], [0, 0]);
});

test("a copy of an object's properties is no object", () => {
  const thing = new lib.Thing();
  const copy = Object.assign(Object.create(lib.Thing.prototype), thing);
  for (const lose of [() => {}, () => thing.free()]) {
    lose();
    for (const call of [() => copy.value, () => new lib.Thing().join(copy), () => copy.ends()]) {
      assert.throws(call, TypeError);
    }
  }
});

test("a namespace and a method with a symbol are guarded", () => {
  const hidden = lib.inner.most.Hidden.make();
  for (const call of [
    () => lib.inner.panics(),
    () => [...new lib.Other()],
    () => lib.inner.most.Hidden.make().panics(),
  ]) {
    recovers(() => assert.throws(call, { code: "panic" }));
  }
  assert.throws(() => hidden.panics(), { code: "stale_object" });
  assert.equal(lib.Colour.Blue, 4);
});

/** The error for an argument of the wrong type. */
const wrongType = { name: "TypeError", code: "wrong_type" };

test("an argument of the wrong type is a TypeError with a code", () => {
  const [thing, { prototype }] = [new lib.Thing(), lib.Thing];
  for (const call of [
    () => lib.panics(5),
    () => lib.panics(),
    () => lib.lists(5),
    () => lib.paints("red"),
    () => lib.paints(3),
    () => lib.joinsWords([1]),
    () => lib.endsAll([new lib.Other()]),
    () => thing.join(new lib.Other()),
    () => thing.join(),
    () => thing.join(Object.create(prototype)),
    () => prototype.join.call({}, thing),
    () => new Proxy(thing, {}).free(),
  ]) {
    assert.throws(call, wrongType);
  }
});

test("arrays of the wrong kind are a TypeError, and of lost objects an error with a code", () => {
  const wrong = [
    undefined,
    null,
    "ab",
    5,
    {},
    { length: 2 },
    new Set(["a"]),
    new DataView(new ArrayBuffer(8)),
  ];
  for (const value of wrong) {
    const expected = { ...wrongType, message: `expected an array, found ${typeof value}` };
    assert.throws(() => lib.joinsWords(value), expected);
    assert.throws(() => lib.echo("", value, 0), expected);
  }
  assert.equal(lib.endsAll([new lib.Thing(), new lib.Thing()]), 2);
  // Of each, the module would need 2^31 bytes or more.
  for (const long of [new Uint8Array(2 ** 32), new Float64Array(2 ** 28), new Uint8Array(2 ** 29 + 1)]) {
    assert.throws(() => lib.echo("", long, 0), { code: "out_of_memory" });
  }
  const lost = new lib.Thing();
  assert.throws(() => lib.panics(""), { code: "panic" });
  assert.throws(() => lib.endsAll([lost]), { code: "stale_object" });
});

test("what Rust itself refuses costs nothing, any number of times", () => {
  const [thing, own] = [new lib.Thing(), lib.lends((/** @type {unknown} */ own) => own)];
  refuses(() => lib.joinsWords([1]));
  refuses(() => lib.paints(3));
  refuses(() => {
    try {
      own();
    } catch (/** @type {any} */ { code }) {
      throw code === "freed_object" ? new TypeError(code) : new Error(code);
    }
  });
  assert.equal(thing.value, 0);
});

test("an object cannot be sent to another thread, where it would have lost its methods", () => {
  const thing = new lib.Thing();
  for (const sent of [thing, lib.makes(), { ...thing }, [thing]]) {
    assert.throws(() => structuredClone(sent), { name: "DataCloneError", message: /stays in its thread/ });
  }
  assert.equal(thing.value, 0);
});

test("a function that Rust has let go of has a code", () => {
  const own = lib.lends((/** @type {unknown} */ own) => own);
  assert.throws(own, { code: "freed_object" });
});

test("where there is no memory for a fresh instance, the error has a code, and the next call tries again", () => {
  const printed = run(
    "",
    `
    const { Instance } = WebAssembly;
    try { lib.panics("") } catch {}
    WebAssembly.Instance = class { constructor() { throw new RangeError("Out of memory: Cannot allocate Wasm memory for new instance") } };
    for (const _ of [1, 2]) try { lib.counts() } catch (error) { console.log(error.code, error.cause.name) }
    WebAssembly.Instance = Instance;
    console.log(lib.counts());
  `,
  );
  assert.equal(printed, "out_of_memory RangeError\nout_of_memory RangeError\n1\n");
});

test("a panic in what the garbage collector frees is reported with its code", () => {
  const printed = run(
    "",
    `
    import vm from "node:vm";
    import v8 from "node:v8";
    process.on("uncaughtException", (error) => console.log("uncaught", error.code, lib.counts()));
    v8.setFlagsFromString("--expose-gc");
    const gc = vm.runInNewContext("gc");
    (() => new lib.Bad())();
    for (let time = 0; time < 5; time++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  `,
  );
  assert.equal(printed, "uncaught panic 1\n");
});

test("an object is guarded however it was reached", async () => {
  const ways = [
    () => new lib.Thing(),
    () => new (class extends lib.Thing {})(),
    () => lib.Thing.make(),
    () => lib.makes(),
    () => lib.makesTwo()[1],
    () => lib.makesLater(),
  ];
  for (const way of ways) {
    const thing = await way();
    assert.ok(thing instanceof lib.Thing);
    thing.join(await way());
    assert.equal(thing.value, 1);
    assert.throws(() => new Proxy(thing, {}).free(), TypeError);
    thing.free();
    thing.free();
    thing[Symbol.dispose]?.();
    assert.throws(() => thing.value, { code: "freed_object" });

    const [other, lost] = [await way(), await way()];
    assert.throws(() => other.panics(), { code: "panic" });
    assert.throws(() => lost.value, { code: "stale_object" });
    assert.throws(() => lib.makes().join(lost), { code: "stale_object" });
    lost.free();
  }
});

test("an object cannot be freed by a call that uses it, and loses nothing", () => {
  const thing = new lib.Thing();
  const frees = () => thing.free();
  const gives = () => thing.ends();
  for (const call of [frees, gives]) {
    assert.throws(() => thing.calls(call), { code: "object_in_use" });
    refuses(() => thing.calls(call));
  }
  assert.equal(thing.value, 0);
  const other = new lib.Thing();
  thing.calls(() => other.free());
  thing.ends();
  assert.throws(() => thing.value, { code: "freed_object" });
});

test("an object that a call borrows exclusively is refused to others, any number of times", () => {
  const [thing, other] = [new lib.Thing(), new lib.Thing()];
  const refusals = [
    () => thing.value,
    () => other.join(thing),
    () => thing.callsAlone(() => {}),
    () => thing.free(),
    () => thing.ends(),
  ];
  for (const refusal of refusals) {
    thing.callsAlone(() => assert.throws(refusal, { code: "object_in_use" }));
    refuses(() => thing.callsAlone(refusal));
  }
  assert.deepEqual([thing.value, other.value], [0, 0]);
});

test("an object cannot be freed while a promise uses it", async () => {
  const thing = new lib.Thing();
  const { promise, resolve } = deferred();
  const waiting = thing.waits(promise);
  assert.throws(() => thing.free(), { code: "object_in_use" });
  resolve(5);
  assert.equal(await waiting, 5);
  thing.free();
});

function deferred() {
  /** @type {any} */
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

test("a call around the one that panicked fails as well, whether or not that is hidden", () => {
  for (const hides of [false, true]) {
    const thing = new lib.Thing();
    const inner = () => {
      try {
        lib.panics("inside");
      } catch (error) {
        if (!hides) throw error;
      }
      assert.throws(() => lib.counts(), { code: "trap" });
    };
    assert.throws(() => thing.calls(inner), { code: "panic", message: /inside/ });
    assert.throws(() => thing.value, { code: "stale_object" });
    assert.equal(lib.counts(), 1);
  }
});

test("calls at the end of the stack leave it at work", () => {
  const recurse = () => {
    try {
      recurse();
    } finally {
      lib.echo("text", Float64Array.of(1), 1);
    }
  };
  const endless = () => lib.calls(endless);
  for (let time = 0; time < 20; time++) {
    assert.throws(recurse);
    assert.equal(new lib.Thing().value, 0);
    assert.throws(endless);
    assert.equal(new lib.Thing().value, 0);
  }
});

test("a call that the host ended does not count as running", () => {
  for (const after of [() => assert.throws(() => lib.traps(), { code: "trap" }), () => {}]) {
    const lost = new lib.Thing();
    const forever = () => {
      for (;;);
    };
    const call = () => lost.calls(forever);
    assert.throws(() => vm.runInNewContext("call()", { call }, { timeout: 50 }), {
      code: "ERR_SCRIPT_EXECUTION_TIMEOUT",
    });
    after();
    recovers(() => assert.throws(() => lib.panics(""), { code: "panic" }));
    assert.throws(() => lost.value, { code: "stale_object" });
  }
  // Inside another call, which fails as well, whether or not it makes one itself.
  for (const after of [() => {}, () => assert.throws(() => lib.counts(), { code: "trap" })]) {
    const lost = new lib.Thing();
    const forever = () => {
      for (;;);
    };
    const inner = () => {
      assert.throws(() => vm.runInNewContext("call()", { call: () => lib.calls(forever) }, { timeout: 50 }));
      after();
    };
    assert.throws(() => lost.calls(inner), { code: "trap", message: "the host ended a call" });
    assert.throws(() => lost.value, { code: "stale_object" });
    assert.equal(lib.counts(), 1);
  }
  // A call that is still running is not taken for one.
  const thing = new lib.Thing();
  assert.equal(
    lib.calls(() => thing.calls(() => lib.counts() > 0)),
    true,
  );
  assert.equal(thing.value, 0);
});

test("it recovers a thousand times, in little memory", () => {
  for (let time = 0; time < 1000; time++) {
    assert.throws(() => lib.panics(`${time}`), { code: "panic", message: new RegExp(`\`${time}\``) });
    assert.equal(lib.counts(), 1);
  }
});

test("promises that are pending are rejected once, and nothing else is reported", () => {
  const printed = run(
    "",
    `
    process.on("uncaughtException", (error) => console.log("uncaught", error.code ?? error.message));
    const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
    for (const how of ["", "panic", "trap"]) {
      const promises = [lib.later(how, wait()), lib.later("", wait()), lib.later("", new Promise(() => {}))];
      const outcome = (promise) => Promise.race([
        promise.then(() => "resolved", (error) => error.code),
        wait().then(wait).then(wait).then(() => "pending"),
      ]);
      console.log(how, ...(await Promise.all(promises.map(outcome))), lib.counts());
      await wait();
    }
    const other = lib.later("", wait().then(wait)).catch((error) => console.log("rejected", error.code));
    try { lib.traps(); } catch {}
    await other;
    await wait().then(wait);
    lib.counts();
    console.log(await lib.later("", Promise.resolve(5)));
  `,
  );
  const expected = [
    " resolved resolved pending 1",
    "panic panic panic panic 1",
    "trap trap trap trap 1",
    "rejected trap",
    "5",
  ];
  assert.deepEqual(printed.trimEnd().split("\n"), expected);
});

test("what is thrown through the body of an async call rejects its promise", () => {
  const printed = run(
    "console.error = () => {}",
    `
    process.on("uncaughtException", (error) => console.log("uncaught", error));
    const other = lib.later("", new Promise(() => {}));
    for (const promise of [lib.later("", 5), other]) {
      await promise.catch(({ code, cause }) => console.log(code, cause.name));
    }
    for (const thrown of [undefined, Object.assign(new Error("mine"), { code: "mine" })]) {
      const throws = { then() { throw thrown; } };
      await lib.later("", throws).catch(({ code, cause }) => console.log(code, cause === thrown));
    }
    console.log(lib.counts(), await lib.later("", Promise.resolve(5)));
  `,
  );
  assert.equal(printed, "trap TypeError\ntrap TypeError\ntrap true\ntrap true\n1 5\n");
});

test("the error of a plain callback is not lost", () => {
  for (const how of ["panic", "trap"]) {
    const [call, other] = [lib.callback(how), lib.callback("")];
    other();
    assert.throws(call, { code: how });
    assert.throws(other, { code: "stale_object" });
    assert.equal(lib.counts(), 1);
    assert.throws(call, { code: "stale_object" });
    assert.throws(() => lib.calls(lib.callback(how)), { code: how });
  }
});

test("built-ins that a page changes do no harm", () => {
  const use = `
    const thing = lib.makes();
    thing.join(new lib.Thing());
    try { lib.panics("x") } catch (error) { console.log(error.code, thing.constructor.name, lib.counts()) }
    console.log(lib.echo("a", Float64Array.of(1), 2).length);
  `;
  for (const change of [
    "Object.prototype.free = () => {}",
    "Object.prototype.get = undefined, delete Object.prototype.get",
    "globalThis.Buffer = {}",
    "Object.freeze(WebAssembly.Table.prototype)",
  ]) {
    assert.equal(run(change, use), "panic Thing 1\n3\n", change);
  }
  const later =
    "Object.freeze(WebAssembly.Table.prototype); Object.prototype.free = 5; globalThis.Promise = globalThis.Error = 5;";
  assert.equal(run("", later + use), "panic Thing 1\n3\n");
});

test("options may be left out, and are named if they are wrong", () => {
  const defaults = { title: "", isBold: false, times: undefined, nested: {}, list: [] };
  for (const none of [undefined, {}, { title: undefined, times: undefined, other: undefined }]) {
    assert.deepEqual(lib.reads(none), defaults);
  }
  const given = { title: "hi", isBold: true, times: 3, nested: { a: 1 }, list: ["x"] };
  assert.deepEqual(lib.reads(given), given);
  assert.deepEqual(lib.reads(Object.create(given)), given);
  const inner = { "with a space": { text: undefined } };
  assert.deepEqual(lib.reads(inner), { ...defaults, "with a space": { text: "" } });
  const own = { toString: 1, title: "hi" };
  for (const it of [own, Object.create(own), Object.assign(Object.create(null), own)]) {
    assert.deepEqual(lib.reads(it), { ...defaults, ...own });
  }
  const nothing = [null, 5, "hi", () => {}, Symbol("hi")];
  const others = [[], ["hi"], new Map(), Promise.resolve(), new Date(), /hi/, new Error("hi"), new Number(5)];
  for (const wrong of [...nothing, ...others, new ArrayBuffer(5), { then: () => {} }]) {
    const message = "the options are not an object";
    assert.throws(() => lib.reads(wrong), { name: "TypeError", code: "invalid_options", message });
  }
  const cases = [
    [{ isBold: "yes" }, "isBold"],
    [{ title: 5 }, "title"],
    [{ times: -1 }, "times"],
    [{ list: [1] }, "list"],
    [{ bold: true }, "bold"],
    [{ title: "hi", is_bold: true }, "is_bold"],
    [{ "with a space": { txt: "hi" } }, "with a space.txt"],
    [{ "with a space": { text: "hi", more: { deep: 1 } } }, "with a space.more"],
    [{ "with a space": ["hi"] }, "with a space"],
    [{ "with a space": [] }, "with a space"],
    [{ "with a space": { text: 5 } }, "with a space"],
    [{ rows: [{ text: "hi" }, { txt: "hi" }] }, "rows.1.txt"],
    [{ rows: [["hi"]] }, "rows.0"],
    [{ rows: { text: "hi" } }, "rows"],
  ];
  for (const [options, option] of cases) {
    assert.throws(() => lib.reads(options), { name: "Error", code: "invalid_options", option });
  }
  assert.throws(
    () => lib.reads({ isBold: "yes" }),
    /^Error: the option `isBold`: invalid type: string "yes", expected a boolean$/,
  );
  assert.throws(
    () => lib.reads({ rows: [{ txt: "hi" }] }),
    /^Error: the option `rows.0.txt`: there are only text$/,
  );
  assert.deepEqual(lib.reads({ rows: [{ text: "a" }, {}] }), {
    ...defaults,
    rows: [{ text: "a" }, { text: "" }],
  });
  assert.deepEqual(lib.reads({ rows: [{ text: "a", other: undefined }] }), {
    ...defaults,
    rows: [{ text: "a" }],
  });
  assert.throws(() => lib.reads({ other: { deep: [1] } }), { option: "other" });
  // A getter is asked once.
  let asked = 0;
  const counting = {
    get a() {
      return ++asked;
    },
  };
  assert.deepEqual(lib.reads({ nested: counting }).nested, { a: 1 });
  assert.equal(asked, 1);
  // Getters of a class, and a name that other objects have a meaning for.
  class Given {
    #title = "hi";
    get title() {
      return this.#title;
    }
  }
  assert.deepEqual(lib.reads(new Given()), { ...defaults, title: "hi" });
  const odd = JSON.parse('{ "nested": { "__proto__": 1 } }');
  assert.doesNotThrow(() => lib.reads(odd));
  assert.throws(() => lib.reads(JSON.parse('{ "__proto__": 1 }')), { option: "__proto__" });
  assert.throws(() => lib.reads({ hasOwnProperty: 1, title: "hi" }), { option: "hasOwnProperty" });
  assert.throws(() => lib.reads({ constructor: 1 }), { option: "constructor" });
});

test("an option that is inside of itself is named", () => {
  /** @type {any} */
  const [object, list] = [{}, []];
  object.self = object;
  list.push([list]);
  for (const [options, option] of [
    [object, "self"],
    [{ list }, "list.0.0"],
    [{ nested: object }, "nested.self"],
  ]) {
    assert.throws(() => lib.reads(options), { name: "Error", code: "invalid_options", option });
  }
  // The same object twice is fine.
  const row = { text: "hi" };
  assert.deepEqual(lib.reads({ rows: [row, row] }).rows, [row, row]);
});

test("what a getter of the options throws is thrown as it is", () => {
  const fail = () => {
    throw foreign[0];
  };
  const thing = new lib.Thing();
  const hostile = [
    {
      get title() {
        return fail();
      },
    },
    {
      nested: {
        get a() {
          return fail();
        },
      },
    },
    { list: new Proxy(["x"], { get: fail }) },
    new Proxy({}, { ownKeys: fail }),
  ];
  for (const options of hostile)
    assert.throws(
      () => lib.reads(options),
      (error) => error === foreign[0],
    );
  assert.equal(thing.value, 0);
});

test("an error keeps its message if a field has no JavaScript form", () => {
  assert.throws(lib.fails_oddly, (/** @type {any} */ error) => {
    assert.equal(error.message, "it is too large");
    assert.equal(error.code, "not_representable");
    assert.match(error.cause.message, /18446744073709551615/);
    return true;
  });
});

test("lists, maps and integers are arrays, plain objects and numbers, or an error with a code", () => {
  const value = { map: { a: { b: 2 ** 53 - 1 } }, list: [undefined, 2 ** 53 - 1] };
  assert.deepEqual(lib.lists(2n ** 53n - 1n), [value, value]);
  assert.throws(() => lib.lists(2n ** 53n), {
    name: "Error",
    code: "not_representable",
    message: /9007199254740992/,
  });
});
