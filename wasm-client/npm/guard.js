// What runs around every export. After a panic or a trap the module's memory is not to be trusted any more: the call ends
// in an error that says so, and the next one makes a fresh instance, by wasm-bindgen's own `schedule_reinit`.
//
// An async export goes on after its call, when nobody is there to catch. A panic then rejects its promise, and is an
// uncaught error of the runtime, too. A trap is that error and nothing else: its promise stays pending.
import { coded } from "./error.js";
import * as glue from "./glue.js";

// The instance that runs; before the first call there is none.
/** @type {WebAssembly.Exports | undefined} */
let instance;
// What broke it. It is replaced once no call is on the way, as these would go on in its memory.
/** @type {Error | undefined} */
let broken;
// Calls on the way: several, where an iterator that we call calls back.
let depth = 0;
// What wasm-bindgen took last from the table of the module's objects. An error from there was returned by the export; any
// other was thrown ahead of the module's frames, or through them.
/** @type {unknown} */
let returned;
// Such another error, until somebody has looked at it. At the end of the stack there is no room for that: the next call does.
/** @type {unknown} */
let unseen;
// What rejects the promises that are still to be settled.
/** @type {Set<(error: Error) => void>} */
const pending = new Set();

/** @template T @param {T} target @returns {T} the same function or class, guarded; anything else as it is */
export function guard(target) {
  const { prototype } = Object(target);
  const guarded = prototype?.free ? guardClass : guardCall;
  return typeof target === "function" ? guarded(target) : target;
}

/** @type {new (object: object) => any} */
const Itself = /** @type {any} */ (
  function (/** @type {object} */ object) {
    return object;
  }
);

// Notes in an object which instance made it. The field is put on what the constructor above returns, and is private: a
// proxy of the object has no such field, nor has what inherits from it.
class Maker extends Itself {
  #instance = instance;

  /** @param {object} object @returns {typeof instance} */
  static of(object) {
    return #instance in object ? object.#instance : undefined;
  }
}

/** @param {any} target */
function guardClass(target) {
  const { prototype, __wrap } = target;
  guardMembers(prototype);
  guardMembers(target);
  const { __destroy_into_raw, free } = prototype;
  /** @this {object} */
  prototype.__destroy_into_raw = function () {
    if (Maker.of(this) === undefined) {
      // The object itself would be freed once more, when it is collected.
      throw new TypeError("an object is not freed by a proxy of it");
    }
    return __destroy_into_raw.call(this);
  };
  /** @this {any} */
  prototype.free = prototype[Symbol.dispose ?? "free"] = function () {
    renew();
    // There is nothing to be freed twice, nor of an instance that is gone.
    if (this.__wbg_ptr !== 0 && (Maker.of(this) ?? instance) === instance) {
      free.call(this);
    }
  };
  /** @param {number} pointer */
  target.__wrap = (pointer) => new Maker(__wrap.call(target, pointer));
  const construct = guardCall((/** @type {unknown[]} */ ...values) => new target(...values));
  /** @param {unknown[]} values */
  function guarded(...values) {
    const object = new Maker(construct(...values));
    // `Reflect.construct` takes five times as long for all of them.
    return new.target === guarded ? object : Object.setPrototypeOf(object, new.target.prototype);
  }
  guarded.prototype = prototype;
  prototype.constructor = guarded;
  return named(target, Object.setPrototypeOf(guarded, target));
}

/** @param {any} object a prototype, or a class for its static members */
function guardMembers(object) {
  /** @type {Record<string, any>} */
  const members = Object.getOwnPropertyDescriptors(object);
  for (const [name, member] of Object.entries(members)) {
    // Two underscores are wasm-bindgen's own.
    if (name !== "constructor" && !name.startsWith("__")) {
      for (const part of ["value", "get", "set"]) {
        if (typeof member[part] === "function") {
          member[part] = guardCall(member[part]);
        }
      }
      Object.defineProperty(object, name, member);
    }
  }
}

/** @param {Function} call @returns {any} */
function guardCall(call) {
  /** @this {unknown} @param {unknown[]} values */
  function guarded(...values) {
    if (!instance || broken !== undefined || unseen !== undefined) {
      renew();
    }
    if (values.some(isTooLong)) {
      throw coded("out_of_memory", "there is not enough memory for the text");
    }
    depth++;
    try {
      const result = call.apply(this, values);
      if (broken !== undefined) {
        // A call inside this one broke it, and the iterator that made it kept that to itself.
        throw broken;
      }
      return result instanceof Promise ? orBroken(result) : result;
    } catch (error) {
      if (error !== returned) {
        unseen = error;
      }
      throw explained(error);
    } finally {
      depth--;
      returned = undefined;
    }
  }
  return named(call, guarded);
}

/** @template T @param {Function} original @param {T} guarded */
function named({ name }, guarded) {
  return Object.defineProperty(guarded, "name", { value: name });
}

// wasm-bindgen makes room for as many bytes, then for three times as many: that is a quarter of all memory.
/** @param {unknown} value */
const isTooLong = (value) => typeof value === "string" && value.length > 2 ** 28;

/** @param {Promise<unknown>} promise which would stay as it is when the instance breaks */
function orBroken(promise) {
  return new Promise((resolve, reject) => {
    pending.add(reject);
    promise.then(resolve, reject).finally(() => pending.delete(reject));
  });
}

// What wasm-bindgen says in plain errors, by how it starts, and the code for it.
/** @type {Record<string, string>} */
const codes = {
  "Attempt to use a moved value": "freed_object",
  "Invalid stale object": "stale_object",
  "attempted to take ownership": "object_in_use",
  "recursive use of an object": "object_in_use",
};

/** @param {unknown} error */
function explained(error) {
  look();
  if (broken !== undefined || error === returned || !(error instanceof Error)) {
    return broken ?? error;
  }
  const message = `${error.message}`;
  if (message.startsWith("expected ")) {
    return new TypeError(message);
  }
  const start = Object.keys(codes).find((start) => message.startsWith(start));
  return start ? coded(codes[start] ?? "", message) : error;
}

function look() {
  // An exhausted stack is a RangeError in most engines, an InternalError in Firefox.
  if (
    unseen instanceof WebAssembly.RuntimeError ||
    (unseen instanceof RangeError && unseen.message.includes("call stack")) ||
    (unseen instanceof Error && unseen.name === "InternalError")
  ) {
    breaks(coded("trap", `the call was cut off: ${unseen.message}`, unseen));
  }
  unseen = undefined;
}

/** @param {Error} error after which the instance is not to be trusted any more */
function breaks(error) {
  broken ??= error;
  pending.forEach((reject) => reject(error));
  pending.clear();
}

function renew() {
  look();
  if (instance && broken === undefined) {
    return;
  }
  if (depth > 0) {
    throw coded("trap", "a call that was cut off is still on the way", broken);
  }
  // Both are of src/package.rs. At the end of the stack they fail, and the next call does it all again.
  const { __restart, __watch, initSync } = /** @type {any} */ (glue);
  if (broken !== undefined) {
    __restart();
  }
  __watch((/** @type {string} */ message) => breaks(coded("panic", message)));
  // It is started already: this returns its exports.
  const exports = initSync();
  const table = exports.__wbindgen_externrefs;
  const get = table.get.bind(table);
  table.get = (/** @type {number} */ index) => (returned = get(index));
  instance = exports;
  broken = undefined;
}
