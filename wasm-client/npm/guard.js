// What can happen to a call, and what the guard does about it.
//
// - It returns, or Rust returns an error. The caller gets that.
// - Foreign code throws: an iterator, a getter or a proxy that the glue or Rust asks. The caller gets its error unchanged.
// - The glue refuses: an argument has the wrong type, an object was freed or is stale. It throws an error with a code,
//   before Rust runs.
// - Rust panics, or WebAssembly traps because the stack or the memory is exhausted. Rust's frames are gone, and nothing was
//   cleaned up: a borrow stays a borrow. So the instance is poisoned, and nothing runs in it any more. The call throws an
//   error with the code `panic` or `trap`, and every promise that is pending is rejected with the same error. The next call
//   first makes a fresh instance: a reinit, as wasm-bindgen calls it. Objects of the old one are stale.
// - Foreign code throws in the body of an async call, where Rust does not catch it. Nobody could settle the promise of that
//   call any more, so the instance is poisoned as by a trap.
// - The host ends it: a timeout of node:vm, Ctrl-C in a REPL. That runs no `catch` and no `finally`. The next call notices
//   that the one before is not on the stack any more, and the instance is poisoned as by a trap.
//
// The guard stands on both sides of wasm-bindgen's glue. A caller meets `guard`, which wraps the exports. Behind the glue is
// `entered`, which wraps what the module exports: only an error that passes there has passed through Rust. The build puts
// `entered`, `refused` and `closure` into the glue: see xtask/tools/connect.mjs.
// Whatever a page does to them later, these stay as they are now.
const { Error, Function, InternalError, Object, Promise, RangeError, Symbol, TypeError } =
  /** @type {any} */ (globalThis);
// Where there is no WebAssembly, start.js says so.
const { RuntimeError } = /** @type {any} */ (globalThis).WebAssembly ?? { RuntimeError: Error };
const { captureStackTrace } = Error;
const { assign, defineProperty, entries, fromEntries, getOwnPropertyDescriptor, hasOwn, setPrototypeOf } =
  Object;
const { ownKeys } = Reflect;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const { then } = Promise.prototype;
const { [Symbol.hasInstance]: hasInstance } = Function.prototype;

/**
 * A call into the module that has not returned, or whose promise is pending.
 *
 * @typedef {object} Call
 * @property {Function} run what runs
 * @property {unknown} object its `this`
 * @property {unknown[]} values its arguments
 * @property {Call | undefined} outer the call that it was made in, by an iterator for example
 * @property {(error: Error) => void} [reject] rejects its promise
 */

/** A WebAssembly instance of the module. */
class Instance {
  /** What poisoned it. @type {Error | undefined} */
  poisoned;
  /** What came out of the module and has not been examined: on a full stack, that waits. @type {any} */
  thrown;
  /** The innermost call that is running. @type {Call | undefined} */
  running;
  /** Calls whose promises are pending. @type {Set<Call>} */
  pending = new Set();
  /** Whether it rejected a promise when it was poisoned: then its error is known to somebody. */
  hasRejected = false;
  /** Whether it tells about panics, which is the first thing that it is asked to do. */
  isWatched = false;

  /** @param {boolean} isFirst @param {WebAssembly.Global} [stack] how full the module's stack is: see build.rs */
  constructor(isFirst, stack) {
    this.isFirst = isFirst;
    this.stack = stack;
    this.top = stack?.value;
  }

  /** Whether a call can start without any preparation. */
  get isIdle() {
    return (
      this.isWatched && this.running === undefined && this.poisoned === undefined && this.thrown === undefined
    );
  }

  /**
   * Runs a call, noted for as long as it runs.
   *
   * @param {Function} run
   * @param {unknown} object
   * @param {unknown[]} values
   * @param {boolean} [isClosure] whether it may go on with an async call
   */
  call(run, object, values, isClosure) {
    const outer = this.running;
    const call = { run, object, values, outer };
    // A call inside this one puts it back, unless the host ends it.
    this.running = call;
    try {
      const result = applied(run, object, values);
      if (this.running !== call) this.poison(ended());
      // A call inside this one may have poisoned the instance, and its caller may have caught the error.
      if (this.poisoned !== undefined) throw this.poisoned;
      return result instanceof Promise ? this.settled(call, result) : result;
    } catch (error) {
      const isThroughRust = this.thrown !== undefined;
      this.examine();
      if (this.running !== call) this.poison(ended());
      if (isThroughRust && isClosure && outer === undefined && this.pending.size > 0)
        this.poison(coded("trap", "an error was thrown in an async call", error));
      if (outer === undefined) this.clear();
      throw this.poisoned ?? error;
    } finally {
      this.running = outer;
    }
  }

  /** A promise that is also rejected when the instance is poisoned. @param {Call} call @param {Promise<unknown>} promise */
  settled(call, promise) {
    return new Promise((/** @type {Function} */ resolve, /** @type {(error: unknown) => void} */ reject) => {
      call.reject = reject;
      this.pending.add(call);
      const ending = (/** @type {Function} */ settle) => (/** @type {unknown} */ value) => {
        this.pending.delete(call);
        settle(value);
      };
      then.call(promise, ending(resolve), ending(reject));
    });
  }

  /** Poisons the instance if what came out of the module was a trap. */
  examine() {
    const { thrown } = this;
    // An exhausted stack is a RangeError in most engines, an InternalError in Firefox.
    if (
      thrown instanceof RuntimeError ||
      (thrown instanceof RangeError && isOfStack(thrown)) ||
      (InternalError && thrown instanceof InternalError)
    ) {
      this.poison(coded("trap", `the call was cut off: ${thrown.message}`, thrown));
    }
    this.thrown = undefined;
  }

  /** Takes the frames off the module's stack that an error thrown through them has left, when no call runs. */
  clear() {
    if (this.stack !== undefined) this.stack.value = this.top;
  }

  /** @param {Error} error */
  poison(error) {
    this.poisoned ??= error;
    for (const call of this.pending) {
      this.hasRejected = true;
      call.reject?.(this.poisoned);
    }
    this.pending.clear();
  }

  /** Whether a call other than the innermost one works with the object. @param {object} object */
  isUsing(object) {
    for (let call = this.running?.outer; call !== undefined; call = call.outer) {
      if (isUsedBy(call, object)) return true;
    }
    // Asked for each object that is freed: even a loop over nothing takes time.
    if (this.pending.size === 0) return false;
    for (const call of this.pending) {
      if (isUsedBy(call, object)) return true;
    }
    return false;
  }
}

/** @param {Error} error */
const isOfStack = (error) => error.message.includes("call stack");

/**
 * The same as `run.apply(object, values)`, which takes longer.
 *
 * @param {Function} run
 * @param {unknown} object
 * @param {unknown[]} values
 */
function applied(run, object, values) {
  switch (values.length) {
    case 0:
      return run.call(object);
    case 1:
      return run.call(object, values[0]);
    case 2:
      return run.call(object, values[0], values[1]);
    default:
      return run.apply(object, values);
  }
}

/** @param {Call} call @param {object} object */
const isUsedBy = (call, object) => call.object === object || call.values.includes(object);

/** The one that runs now. */
let instance = new Instance(true);

/** Makes the instance ready for a call. */
function prepare() {
  instance.examine();
  while (instance.running !== undefined && !isOnStack(instance.running.run)) {
    instance.running = instance.running.outer;
    instance.poison(ended());
  }
  if (instance.isWatched && instance.poisoned === undefined) return;
  if (instance.running !== undefined) {
    throw coded("trap", "an earlier call was cut off and has not returned yet", instance.poisoned);
  }
  // A fresh instance that is not watched did not start, as the stack was full.
  if (instance.poisoned !== undefined || !instance.isFirst) glue.__restart();
  try {
    // After a restart, the glue makes a fresh instance before it calls anything. If this fails, the next call repeats it.
    glue.__watch((/** @type {string} */ message) => instance.poison(coded("panic", message)));
  } catch (/** @type {any} */ error) {
    if (!(error instanceof RangeError) || isOfStack(error)) throw error;
    throw coded("out_of_memory", "there is not enough memory for a fresh instance", error);
  }
  instance.isWatched = true;
}

const ended = () => coded("trap", "the host ended a call");

/** @param {Function} run */
function isOnStack(run) {
  // An engine without this does not end calls either.
  if (captureStackTrace === undefined) return true;
  const [whole, above] = [new Error(), new Error()];
  captureStackTrace(whole);
  captureStackTrace(above, run);
  // Below each call there is at least the guard that called it. V8 never leaves out the frames of WebAssembly.
  return !hasFrames(whole) || hasFrames(above);
}

/** Whether the stack has frames of JavaScript, or too many to tell. @param {Error} error */
function hasFrames({ stack }) {
  const [, ...frames] = `${stack}`.split("\n");
  return frames.length >= Error.stackTraceLimit || frames.some((frame) => !frame.includes("wasm-function["));
}

// These may be called in a poisoned instance. The first makes it go away, the others would only free what it had.
const RESTARTS = /^__restart$/;
const RELEASES = /^__wbg_.*_free$|^__wbindgen_destroy_closure$/;

/**
 * What the guard calls of the glue, which imports this file: the other way round, bundlers warn of a circle. Both are in
 * src/package/panics.rs.
 *
 * @type {{ __restart: () => void, __watch: (watcher: (message: string) => void) => void }}
 */
let glue;

/**
 * @param {WebAssembly.Exports} exports of a new instance
 * @param {typeof glue} ofGlue
 * @returns {object} the same, guarded, for the glue
 */
export function entered(exports, ofGlue) {
  glue = ofGlue;
  const stack = /** @type {WebAssembly.Global | undefined} */ (exports["__stack_pointer"]);
  instance = new Instance(instance.isFirst && !instance.isWatched, stack);
  const owner = instance;
  /** @param {string} name @param {any} run */
  function guarded(name, run) {
    if (typeof run !== "function" || RESTARTS.test(name)) return run;
    const isRelease = RELEASES.test(name);
    return (/** @type {unknown[]} */ ...values) => {
      if (owner.poisoned !== undefined) {
        if (isRelease) return undefined;
        throw owner.poisoned;
      }
      try {
        return run(...values);
      } catch (error) {
        // What is thrown may be undefined.
        owner.thrown = error ?? null;
        // The garbage collector calls the module without the guard.
        if (!isRelease || owner.running !== undefined) throw error;
        owner.examine();
        owner.clear();
        throw owner.poisoned ?? error;
      }
    };
  }
  return fromEntries(
    entries(exports).map((/** @type {[string, unknown]} */ [name, run]) => [name, guarded(name, run)]),
  );
}

/** How the glue's own messages start, and their codes here. @type {[string, string][]} */
const REFUSALS = [
  ["Attempt to use a moved value", "freed_object"],
  ["Invalid stale object", "stale_object"],
  ["Cannot invoke closure from previous", "stale_object"],
  ["attempted to take ownership", "object_in_use"],
  ["recursive use of an object", "object_in_use"],
  ["invalid malloc request", "out_of_memory"],
  ["closure invoked", "freed_object"],
  ["FnOnce called", "freed_object"],
];

const WRONG_TYPE = /^expected |^array contains|^invalid enum|^null pointer/;

/** @param {string} message of the glue @returns {Error} */
export function refused(message) {
  if (WRONG_TYPE.test(message)) return wrongType(message);
  const found = REFUSALS.find(([start]) => message.startsWith(start));
  return found ? coded(found[1], message) : new Error(message);
}

/**
 * Allocates for what the glue copies into the module, which it would do with anything that has a length.
 *
 * @param {Function} malloc
 * @param {any} values
 * @param {number} size
 * @param {number} alignment
 */
export function allocate(malloc, values, size, alignment) {
  // A DataView has no length.
  if (!isArray(values) && (!isView(values) || !("length" in values)))
    throw wrongType(`expected an array, found ${typeof values}`);
  // Rust allocates no more at once, and the glue would take the size modulo 2^32.
  if (size >= 2 ** 31) throw outOfMemory();
  return malloc(size, alignment);
}

const outOfMemory = () => coded("out_of_memory", "there is not enough memory for a copy");

/** @param {Function} run a function that Rust made, to be called by JavaScript */
export function closure(run) {
  const owner = instance;
  /** @this {unknown} @param {unknown[]} values */
  function guarded(...values) {
    // An async call goes on in one. If its promise was rejected, there is nothing left to do, and nobody to tell.
    const isOutermost = owner.running === undefined;
    const isOver = () => isOutermost && owner.poisoned !== undefined && owner.hasRejected;
    if (isOver()) return undefined;
    if (isOutermost && owner.poisoned !== undefined)
      throw coded("stale_object", "the function is from an instance that is gone");
    try {
      return owner.call(run, this, values, true);
    } catch (error) {
      if (isOver()) return undefined;
      throw error;
    }
  }
  // The glue's own way to let go of it.
  return assign(guarded, run);
}

/** @param {any} target @returns {any} the same function, class or namespace, guarded; anything else as it is */
export function guard(target) {
  if (typeof target === "object") {
    for (const [name, part] of entries(target)) {
      if (typeof part === "function" || typeof part === "object") target[name] = guard(part);
    }
  }
  if (typeof target !== "function") return target;
  const isClass = hasOwn(target.prototype ?? {}, "__destroy_into_raw");
  return isClass ? guardClass(target) : guardCall(target);
}

/** @param {Function} run @param {Function} [ofClass] whose objects have it @returns {any} */
function guardCall(run, ofClass) {
  /** @this {unknown} @param {unknown[]} values */
  function guarded(...values) {
    if (ofClass !== undefined && !isOf(ofClass, this))
      throw wrongType(`expected instance of ${ofClass.name}`);
    if (!instance.isIdle) prepare();
    for (let index = 0; index < values.length; index++) {
      if (isTooLong(values[index])) throw outOfMemory();
    }
    return instance.call(run, this, values);
  }
  return named(run, guarded);
}

// wasm-bindgen allocates four bytes for each character. For this many, that is a quarter of all memory.
/** @param {unknown} value */
const isTooLong = (value) => typeof value === "string" && value.length > 2 ** 28;

/** @type {new (object: object) => any} */
const Itself = /** @type {any} */ (
  function (/** @type {object} */ object) {
    return object;
  }
);

const STAYS = Symbol("an object of this package stays in its thread");

// Notes in an object which instance made it. The private field lands on the object that `Itself` returns. A proxy of that
// object does not have the field, and neither does an object that inherits from it.
class Made extends Itself {
  #by = instance;
  // A copy in another thread would have no methods. A symbol cannot be copied, and the error shows its text.
  __thread = STAYS;

  /** @param {object} object @returns {Instance | undefined} */
  static by(object) {
    return #by in object ? object.#by : undefined;
  }
}

/** @param {any} target */
function guardClass(target) {
  const { prototype, __wrap } = target;
  const { __destroy_into_raw, free } = prototype;
  guardMembers(prototype, target);
  guardMembers(target);
  /** @this {object} */
  prototype.__destroy_into_raw = function () {
    // Rust takes the object back, to free it or as an argument.
    const maker = Made.by(this);
    if (maker === undefined || !hasInstance.call(target, this))
      throw wrongType("call free() on the object itself, not on a proxy of it");
    if (maker !== instance) throw coded("stale_object", "the object is from an instance that is gone");
    if (instance.isUsing(this))
      throw coded("object_in_use", "the object is used by a call that has not ended");
    return __destroy_into_raw.call(this);
  };
  /** @this {any} */
  function freeOnce() {
    // Neither twice, nor in an instance that is gone.
    if (this.__wbg_ptr !== 0 && (Made.by(this) ?? instance) === instance) free.call(this);
  }
  prototype.free = prototype[Symbol.dispose ?? "free"] = named(free, guardCall(freeOnce, target));
  /** @param {number} pointer */
  target.__wrap = (pointer) => new Made(__wrap.call(target, pointer));
  // The glue asks this of an argument.
  define(target, Symbol.hasInstance, (/** @type {unknown} */ object) => isOf(target, object));

  const construct = guardCall((/** @type {unknown[]} */ ...values) => new Made(new target(...values)));
  /** @param {unknown[]} values */
  function guarded(...values) {
    if (new.target === undefined)
      throw new TypeError(`Class constructor ${target.name} cannot be invoked without 'new'`);
    const object = construct(...values);
    // `Reflect.construct` would take five times as long, for every object.
    return new.target === guarded ? object : setPrototypeOf(object, new.target.prototype);
  }
  guarded.prototype = prototype;
  prototype.constructor = guarded;
  define(guarded, Symbol.hasInstance, hasInstance);
  return named(target, setPrototypeOf(guarded, target));
}

/** @param {any} object a prototype, or a class for its static members @param {Function} [ofClass] that of the prototype */
function guardMembers(object, ofClass) {
  for (const name of ownKeys(object)) {
    // Names with two underscores are wasm-bindgen's own.
    if (name === "constructor" || (typeof name === "string" && name.startsWith("__"))) continue;
    /** @type {any} */
    const member = getOwnPropertyDescriptor(object, name);
    for (const part of ["value", "get", "set"]) {
      if (hasOwn(member, part) && typeof member[part] === "function")
        member[part] = guardCall(member[part], ofClass);
    }
    defineProperty(object, name, setPrototypeOf(member, null));
  }
}

/**
 * Whether it is an object of the class, or a proxy of one, which it may throw to find out. A copy of an object's properties is
 * none: it lacks the one that cannot be enumerated.
 *
 * @param {Function} ofClass
 * @param {any} object
 */
const isOf = (ofClass, object) =>
  hasInstance.call(ofClass, object) &&
  (Made.by(object) !== undefined || typeof object.__wbg_inst === "number");

/** @template T @param {Function} original @param {T} guarded */
const named = ({ name }, guarded) => define(guarded, "name", name);

/** @template T @param {T} object @param {PropertyKey} name @param {unknown} value @returns {T} */
const define = (object, name, value) => defineProperty(object, name, { __proto__: null, value });

/**
 * An error like those of Node.js, with a code for programs.
 *
 * @param {string} code
 * @param {string} message
 * @param {unknown} [cause]
 * @param {ErrorConstructor} [Class]
 */
export function coded(code, message, cause, Class = Error) {
  const error = new Class(message, cause === undefined ? {} : { cause });
  return defineProperty(error, "code", { __proto__: null, value: code, enumerable: true });
}

/** @param {string} message */
const wrongType = (message) => coded("wrong_type", message, undefined, TypeError);
