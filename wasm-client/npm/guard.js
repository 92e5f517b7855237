// What runs around every call into the module. After a panic or a trap the module's memory is not to be trusted any
// more: the call ends in an error that says so, and a fresh instance takes over. api.js puts it around each export.
//
// An async export goes on after its call, when nobody is there to catch. A panic then breaks the instance and rejects
// the promise, but is an uncaught error of the runtime, too, which ends Node.js. A trap is that error and nothing else.
import { LibraryError, onPanic } from "./error.js";
import * as glue from "./glue.js";

/** @typedef {{ __wbg_ptr?: number, __wbg_inst?: number } | undefined} Handle */

// Calls on the way: several, where an iterator that we call calls back.
let depth = 0;
// What broke the instance. It is replaced as soon as no call is on the way, as these would go on in its memory.
/** @type {LibraryError | undefined} */
let broken;
// How many instances there were before: wasm-bindgen notes it in each object.
let generation = 0;
// What rejects the promises that are still to be settled.
/** @type {Set<(error: Error) => void>} */
const pending = new Set();

/** @template T @param {T} target @returns {T} the same function or class, guarded; anything else as it is */
export function guard(target) {
  if (typeof target !== "function") {
    return target;
  }
  if (typeof target.prototype?.free !== "function") {
    return /** @type {T} */ (guardCall(target));
  }
  guardMembers(target.prototype, guardMethod);
  guardMembers(target, guardCall);
  const construct = /** @type {Function} */ (guardCall(Reflect.construct));
  const guarded = new Proxy(target, {
    construct: (_, values, newTarget) => construct(target, values, newTarget),
  });
  target.prototype.constructor = guarded;
  return guarded;
}

/** @param {object} object @param {typeof guardMethod} guardMember */
function guardMembers(object, guardMember) {
  const members = Object.getOwnPropertyDescriptors(object);
  for (const name of Reflect.ownKeys(members)) {
    const { value, get, set } = members[/** @type {string} */ (name)] ?? {};
    // Two underscores are wasm-bindgen's own.
    if (
      name === "constructor" ||
      name === "prototype" ||
      String(name).startsWith("__")
    ) {
      continue;
    }
    if (typeof value === "function") {
      Object.defineProperty(object, name, { value: guardMember(value) });
    } else if (get ?? set) {
      Object.defineProperty(object, name, {
        get: get && guardMember(get),
        set: set && guardMember(set),
      });
    }
  }
}

/** @param {Function} method */
function guardMethod(method) {
  const guarded = guardCall(method, true);
  if (method.name !== "free") {
    return guarded;
  }
  // There is nothing to be given back twice, nor of an instance that is gone.
  return named(
    method,
    /** @this {Handle} */ function () {
      if (this?.__wbg_ptr && this.__wbg_inst === generation) {
        guarded.call(this);
      }
    },
  );
}

/** @param {Function} call */
function guardCall(call, isMethod = false) {
  const guarded = named(
    call,
    /** @this {Handle} @param {Handle[]} values */ function (...values) {
      if (broken !== undefined) {
        restart();
      }
      if (isMethod) {
        requireLive(this, guarded);
      }
      // A loop by `of` takes a quarter of the time that an empty call takes.
      for (let index = 0; index < values.length; index++) {
        if (values[index]?.__wbg_inst !== undefined) {
          requireLive(values[index], guarded);
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
        throw explained(error, guarded);
      } finally {
        depth--;
        if (broken !== undefined && depth === 0) {
          restart();
        }
      }
    },
  );
  return guarded;
}

/** @template {Function} Guarded @param {Function} original @param {Guarded} guarded */
function named(original, guarded) {
  return Object.defineProperties(guarded, {
    name: { value: original.name },
    length: { value: original.length },
  });
}

/** @param {Promise<unknown>} promise which would stay as it is when the instance breaks */
function orBroken(promise) {
  return new Promise((resolve, reject) => {
    pending.add(reject);
    promise.then(resolve, reject).then(() => pending.delete(reject));
  });
}

/** @param {Handle} object @param {Function} caller */
function requireLive(object, caller) {
  if (object?.__wbg_inst === generation && object.__wbg_ptr) {
    return;
  }
  let error;
  if (object?.__wbg_inst === undefined) {
    error = new LibraryError(
      "invalid_type",
      "the method was called on something else than its object",
    );
  } else if (object.__wbg_ptr) {
    error = new LibraryError(
      "stale_object",
      "the object was lost when an earlier call failed",
    );
  } else {
    error = new LibraryError("freed_object", "the object was freed");
  }
  throw from(caller, error);
}

// What wasm-bindgen says in plain errors, by how it starts, and the code for it.
/** @type {[string, LibraryError["code"]][]} */
const codes = [
  ["expected instance of", "invalid_type"],
  ["attempted to take ownership", "object_in_use"],
  ["recursive use of an object", "object_in_use"],
];

/** @param {unknown} error @param {Function} caller */
function explained(error, caller) {
  if (!(error instanceof Error)) {
    return error;
  }
  if (isTrap(error)) {
    const said = `the call was cut off: ${error.message}`;
    const trap = new LibraryError("trap", said, { cause: error });
    return from(caller, breaks(trap));
  }
  if (error instanceof LibraryError) {
    return from(caller, error);
  }
  const { message } = error;
  const known = codes.find(([start]) => message.startsWith?.(start));
  return known ? from(caller, new LibraryError(known[1], message)) : error;
}

/** @param {Error} error */
function isTrap(error) {
  // An exhausted stack is a RangeError in most engines, an InternalError in Firefox.
  return (
    error instanceof WebAssembly.RuntimeError ||
    error.name === "InternalError" ||
    (error instanceof RangeError && error.message.includes("call stack"))
  );
}

/** @param {Function} caller @param {Error} error whose stack is to start there, as far as the engine can do that */
function from(caller, error) {
  Error.captureStackTrace?.(error, caller);
  return error;
}

/** @param {LibraryError} error after which the instance is not to be trusted any more */
function breaks(error) {
  broken = error;
  for (const reject of pending) {
    reject(error);
  }
  pending.clear();
  return error;
}

onPanic(breaks);

function restart() {
  if (depth > 0) {
    const message = "a call that was cut off is still on the way";
    throw new LibraryError("trap", message, { cause: broken });
  }
  // It asks for a fresh instance, which the next call makes. Both have no type, as they are nobody else's affair.
  const { restart, start } = /** @type {Record<string, Function>} */ (glue);
  restart?.();
  start?.();
  generation++;
  broken = undefined;
}
