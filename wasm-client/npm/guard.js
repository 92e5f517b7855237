// Wraps every export. A panic or a trap may break the module's memory: the call throws an error that says so,
// and the next call makes a fresh instance, with wasm-bindgen's own `schedule_reinit`.
//
// An async export runs on after its call has returned, where nothing here can catch. A panic then rejects its promise, and
// the runtime reports an uncaught error as well. After a trap there is only that report: the promise stays pending.
import * as glue from "./glue.js";

/** The running instance; there is none before the first call. @type {WebAssembly.Exports | undefined} */
let instance;
/** What broke the instance, which is replaced once no call is running in it. @type {Error | undefined} */
let broken;
/** How many calls are running: more than one if an iterator, called by the library, calls the library. */
let depth = 0;
/** What the module handed out last. An error that is this one was returned; any other was thrown. @type {unknown} */
let returned;
/** An error that was thrown and that `look` has not read yet; on a full stack, it waits for the next call. @type {unknown} */
let unseen;
/** The functions that reject promises which are still pending. @type {Set<(error: Error) => void>} */
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

// Notes in an object which instance made it. The private field lands on the object that `Itself` returns. A proxy of that
// object does not have the field, and neither does an object that inherits from it.
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
      // The object itself would be freed again when it is collected.
      throw new TypeError("call free() on the object itself, not on a proxy of it");
    }
    return __destroy_into_raw.call(this);
  };
  /** @this {any} */
  prototype.free = prototype[Symbol.dispose ?? "free"] = function () {
    renew();
    // Neither twice, nor in an instance that is gone.
    if (this.__wbg_ptr !== 0 && (Maker.of(this) ?? instance) === instance) free.call(this);
  };
  /** @param {number} pointer */
  target.__wrap = (pointer) => new Maker(__wrap.call(target, pointer));
  const construct = guardCall((/** @type {unknown[]} */ ...values) => new target(...values));
  /** @param {unknown[]} values */
  function guarded(...values) {
    const object = new Maker(construct(...values));
    // `Reflect.construct` would take five times as long, for every object.
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
    // Names with two underscores are wasm-bindgen's own.
    if (name !== "constructor" && !name.startsWith("__")) {
      for (const part of ["value", "get", "set"]) {
        if (typeof member[part] === "function") member[part] = guardCall(member[part]);
      }
      Object.defineProperty(object, name, member);
    }
  }
}

/** @param {Function} call @returns {any} */
function guardCall(call) {
  /** @this {unknown} @param {unknown[]} values */
  function guarded(...values) {
    if (!instance || broken !== undefined || unseen !== undefined) renew();
    if (values.some(isTooLong)) throw coded("out_of_memory", "there is not enough memory for the text");
    depth++;
    try {
      const result = call.apply(this, values);
      // A call from inside this one may have broken the instance, and its caller may have caught that.
      if (broken !== undefined) throw broken;
      return result instanceof Promise ? orBroken(result) : result;
    } catch (error) {
      if (error !== returned) unseen = error;
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

// wasm-bindgen allocates four bytes for each character. For this many, that is a quarter of all memory.
/** @param {unknown} value */
const isTooLong = (value) => typeof value === "string" && value.length > 2 ** 28;

/** @param {Promise<unknown>} promise which would stay pending if the instance broke */
function orBroken(promise) {
  return new Promise((resolve, reject) => {
    pending.add(reject);
    promise.then(resolve, reject).finally(() => pending.delete(reject));
  });
}

// How the messages of wasm-bindgen's own errors start, and their codes here.
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
  if (broken !== undefined || error === returned || !(error instanceof Error)) return broken ?? error;
  const message = `${error.message}`;
  if (message.startsWith("expected ")) return new TypeError(message);
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

/** @param {Error} error */
function breaks(error) {
  broken ??= error;
  pending.forEach((reject) => reject(error));
  pending.clear();
}

function renew() {
  look();
  if (instance && broken === undefined) return;
  if (depth > 0) throw coded("trap", "an earlier call was cut off and has not returned yet", broken);
  // Both are in src/package.rs. On a full stack they fail, and the next call repeats all of this.
  const { __restart, __watch, initSync } = /** @type {any} */ (glue);
  if (broken !== undefined) __restart();
  __watch((/** @type {string} */ message) => breaks(coded("panic", message)));
  // The module runs already: this only returns its exports.
  const exports = initSync();
  const table = exports.__wbindgen_externrefs;
  const get = table.get.bind(table);
  table.get = (/** @type {number} */ index) => (returned = get(index));
  instance = exports;
  broken = undefined;
}

/**
 * An error like those of Node.js, with a code for programs.
 *
 * @param {string} code
 * @param {string} message
 * @param {unknown} [cause]
 */
export function coded(code, message, cause) {
  const error = new Error(message, cause === undefined ? {} : { cause });
  return Object.defineProperty(error, "code", { value: code, enumerable: true });
}
