// What runs around every call into the module. After a panic or a trap the module's memory is not to be trusted any
// more: the call ends in an error that says so, and a fresh instance takes over. api.js puts it around each export.
import { LibraryError } from "./error.js";
import * as glue from "./glue.js";

// Calls on the way: several, where an iterator that we call calls back.
let depth = 0;
// What broke the instance. It is replaced as soon as no call is on the way, as these would go on in its memory.
let broken;
// How many instances there were before: wasm-bindgen notes it in each object.
let generation = 0;

/** The same function or class, guarded; anything else as it is. */
export function guard(target) {
  if (typeof target !== "function") {
    return target;
  }
  if (typeof target.prototype?.free !== "function") {
    return guardCall(target);
  }
  guardMembers(target.prototype, guardMethod);
  guardMembers(target, guardCall);
  const construct = guardCall(Reflect.construct);
  const guarded = new Proxy(target, {
    construct: (_, values, newTarget) => construct(target, values, newTarget),
  });
  target.prototype.constructor = guarded;
  return guarded;
}

function guardMembers(object, guardMember) {
  const members = Object.getOwnPropertyDescriptors(object);
  for (const name of Reflect.ownKeys(members)) {
    const { value, get, set } = members[name];
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

function guardMethod(method) {
  const guarded = guardCall(method, true);
  if (method.name !== "free") {
    return guarded;
  }
  // There is nothing to be given back twice, nor of an instance that is gone.
  return named(method, function () {
    if (this.__wbg_ptr && this.__wbg_inst === generation) {
      guarded.call(this);
    }
  });
}

function guardCall(call, isMethod = false) {
  const guarded = named(call, function (...values) {
    if (broken !== undefined) {
      restart();
    }
    if (isMethod) {
      requireLive(this, guarded);
    }
    for (const value of values) {
      if (value?.__wbg_inst !== undefined) {
        requireLive(value, guarded);
      }
    }
    depth++;
    try {
      const result = call.apply(this, values);
      if (broken !== undefined) {
        // A call inside this one broke it, and the iterator that made it kept that to itself.
        throw broken;
      }
      return result;
    } catch (error) {
      throw explained(error, guarded);
    } finally {
      depth--;
      if (broken !== undefined && depth === 0) {
        restart();
      }
    }
  });
  return guarded;
}

function named(original, guarded) {
  for (const name of ["name", "length"]) {
    Object.defineProperty(guarded, name, {
      value: original[name],
      configurable: true,
    });
  }
  return guarded;
}

function requireLive(object, caller) {
  let error;
  if (object?.__wbg_inst === undefined) {
    error = new LibraryError(
      "invalid_type",
      "the method was called on something else than its object",
    );
  } else if (!object.__wbg_ptr) {
    error = new LibraryError("freed_object", "the object was freed");
  } else if (object.__wbg_inst !== generation) {
    error = new LibraryError(
      "stale_object",
      "the object was lost when an earlier call failed",
    );
  } else {
    return;
  }
  throw from(caller, error);
}

// What wasm-bindgen says in plain errors, by how it starts, and the code for it.
const codes = {
  "expected instance of": "invalid_type",
  "attempted to take ownership": "object_in_use",
  "recursive use of an object": "object_in_use",
};

function explained(error, caller) {
  if (error instanceof LibraryError) {
    if (error.code === "panic") {
      broken = error;
    }
    return from(caller, error);
  }
  if (isTrap(error)) {
    broken = error;
    return from(
      caller,
      new LibraryError("trap", `the call was cut off: ${error.message}`, {
        cause: error,
      }),
    );
  }
  const start = Object.keys(codes).find((start) =>
    error?.message?.startsWith?.(start),
  );
  return start
    ? from(caller, new LibraryError(codes[start], error.message))
    : error;
}

/** An exhausted stack is a RangeError in most engines, an InternalError in Firefox. */
function isTrap(error) {
  return (
    error instanceof WebAssembly.RuntimeError ||
    error?.name === "InternalError" ||
    (error instanceof RangeError && error.message.includes("call stack"))
  );
}

/** The error with a stack that starts where the caller called, as far as the engine can do that. */
function from(caller, error) {
  Error.captureStackTrace?.(error, caller);
  return error;
}

function restart() {
  if (depth > 0) {
    throw new LibraryError(
      "trap",
      "a call that was cut off is still on the way",
      {
        cause: broken,
      },
    );
  }
  // It asks for a fresh instance, which the next call makes.
  glue.restart();
  glue.start();
  generation++;
  broken = undefined;
}
