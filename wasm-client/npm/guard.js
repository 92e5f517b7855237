// What runs around every export. After a panic or a trap the module's memory is not to be trusted any more: the call ends
// in an error that says so, and the next one makes a fresh instance, by wasm-bindgen's own `schedule_reinit`.
//
// An async export goes on after its call, when nobody is there to catch. A panic then rejects its promise, and is an
// uncaught error of the runtime, too. A trap is that error and nothing else: its promise stays pending.
import { coded } from "./error.js";
import * as glue from "./glue.js";

/** @typedef {{ __wbg_ptr?: number } | undefined} Handle */

// What src/package.rs exports for this file alone, without types.
const { __hasRoom, __restart, __watch } =
  /** @type {Record<string, Function>} */ (/** @type {unknown} */ (glue));

// The exports of the instance that runs; before the first call there is none.
/** @type {WebAssembly.Exports | undefined} */
let instance;
// What broke it. It is replaced once no call is on the way, as these would go on in its memory.
/** @type {Error | undefined} */
let broken;
// Calls on the way: several, where an iterator that we call calls back.
let depth = 0;
// What wasm-bindgen took last from the table of the module's objects. An error that comes from there was returned by the
// export. Any other was thrown ahead of the module's frames, or through them.
/** @type {unknown} */
let returned;
// An error of the other kind, until it was looked at. At the end of the stack there is no room for that: the next call does.
/** @type {unknown} */
let unseen;
// What rejects the promises that are still to be settled.
/** @type {Set<(error: Error) => void>} */
const pending = new Set();

// Notes which instance made an object, in a private field: a proxy of the object has no such field, nor has an object that
// inherits from it. The constructor that returns another object is what puts the field there.
class Maker extends (
  /** @type {any} */ (
    function (/** @type {object} */ object) {
      return object;
    }
  )
) {
  #instance = instance;

  /** @param {object} object @returns {typeof instance} */
  static of(object) {
    return #instance in object ? object.#instance : undefined;
  }
}

/** @template T @param {T} target @returns {T} the same function or class, guarded; anything else as it is */
export function guard(target) {
  if (typeof target !== "function") {
    return target;
  }
  const isClass = typeof target.prototype?.free === "function";
  return /** @type {T} */ (isClass ? guardClass(target) : guardCall(target));
}

/** @param {any} target */
function guardClass(target) {
  const { prototype } = target;
  guardMembers(prototype);
  guardMembers(target);

  const destroy = prototype.__destroy_into_raw;
  /** @this {object} */
  prototype.__destroy_into_raw = function () {
    if (!Maker.of(this)) {
      // The object itself would be given back once more, when it is collected.
      throw new TypeError("a proxy of an object cannot give it back");
    }
    return destroy.call(this);
  };
  const { __wrap } = target;
  if (__wrap) {
    /** @param {number} pointer */
    target.__wrap = (pointer) => new Maker(__wrap.call(target, pointer));
  }
  const construct = guardCall(
    (/** @type {unknown[]} */ ...values) => new target(...values),
  );
  /** @param {unknown[]} values */
  function guarded(...values) {
    if (new.target === undefined) {
      throw new TypeError(`the class ${target.name} has to be called by \`new\``);
    }
    const object = new Maker(construct(...values));
    // As slow as it is, `Reflect.construct` takes five times as long for every object.
    return new.target === guarded
      ? object
      : Object.setPrototypeOf(object, new.target.prototype);
  }
  Object.setPrototypeOf(guarded, target);
  guarded.prototype = prototype;
  prototype.constructor = guarded;
  return named(guarded, target);
}

/** @param {object} object a prototype, or a class for its static members */
function guardMembers(object) {
  for (const name of Reflect.ownKeys(object)) {
    const member = Object.getOwnPropertyDescriptor(object, name);
    // Two underscores are wasm-bindgen's own.
    if (!member?.configurable || /^(constructor|name|length|__.*)$/.test(String(name))) {
      continue;
    }
    for (const part of /** @type {const} */ (["value", "get", "set"])) {
      if (typeof member[part] === "function") {
        member[part] = guardMember(member[part]);
      }
    }
    Object.defineProperty(object, name, member);
  }
}

/** @param {Function} member */
function guardMember(member) {
  const guarded = guardCall(member);
  if (member.name !== "free") {
    return guarded;
  }
  // There is nothing to be given back twice, nor of an instance that is gone.
  /** @this {{ __wbg_ptr?: number }} */
  function free() {
    renew();
    const maker = Maker.of(this);
    if (this.__wbg_ptr !== 0 && (!maker || maker === instance)) {
      guarded.call(this);
    }
  }
  return free;
}

/** @param {Function} call */
function guardCall(call) {
  /** @this {unknown} @param {unknown[]} values */
  function guarded(...values) {
    if (broken !== undefined || unseen !== undefined || !instance) {
      renew();
    }
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (typeof value === "string" && value.length > LONG) {
        requireRoom(value);
      }
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
  return named(guarded, call);
}

/** @template {Function} Guarded @param {Guarded} guarded @param {Function} original */
function named(guarded, { name, length }) {
  return Object.defineProperties(guarded, {
    name: { value: name },
    length: { value: length },
  });
}

// Shorter texts find room, or there is none for anything else either.
const LONG = 2 ** 24;

/** @param {string} text of which wasm-bindgen makes a copy that may take four times as many bytes */
function requireRoom(text) {
  if (!__hasRoom?.(text.length * 4)) {
    throw coded("out_of_memory", "there is not enough memory for the text");
  }
}

/** @param {Promise<unknown>} promise which would stay as it is when the instance breaks */
function orBroken(promise) {
  return new Promise((resolve, reject) => {
    pending.add(reject);
    promise.then(resolve, reject).finally(() => pending.delete(reject));
  });
}

// What wasm-bindgen says in plain errors, by how it starts, and the code for it.
const codes = {
  "Attempt to use a moved value": "freed_object",
  "Invalid stale object": "stale_object",
  "attempted to take ownership": "object_in_use",
  "recursive use of an object": "object_in_use",
  "expected a": "invalid_type",
  "expected instance of": "invalid_type",
};

/** @param {unknown} error */
function explained(error) {
  if (unseen !== undefined) {
    look();
  }
  if (broken !== undefined) {
    return broken;
  }
  if (error === returned || !(error instanceof Error)) {
    return error;
  }
  const { message } = error;
  const known = Object.entries(codes).find(([start]) => message.startsWith(start));
  return known ? coded(known[1], message) : error;
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
  for (const reject of pending) {
    reject(error);
  }
  pending.clear();
}

function renew() {
  if (unseen !== undefined) {
    look();
  }
  if (broken === undefined && instance) {
    return;
  }
  if (depth > 0) {
    throw coded("trap", "a call that was cut off is still on the way", broken);
  }
  // What fails in here, at the end of the stack, leaves it broken: the next call does it all again.
  if (broken !== undefined) {
    __restart?.();
  }
  __watch?.(breaks);
  // Started already: it returns the exports.
  const exports = /** @type {any} */ (glue).initSync();
  const table = exports.__wbindgen_externrefs;
  const get = table.get.bind(table);
  table.get = (/** @type {number} */ index) => (returned = get(index));
  instance = exports;
  broken = undefined;
}
