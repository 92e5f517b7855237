// Numbers on their way in. A loop over foreign values is many times faster here than in the module, and whatever they
// throw (a getter, a proxy, an iterator) is thrown in JavaScript. src/values.rs calls `hold`, then `copyHeld`.
import { LibraryError } from "./error.js";

// The language's own getters tell what an array really is and how long, whatever its class or a proxy says.
/** @type {Float64Array} */
const typedArray = Object.getPrototypeOf(Float64Array).prototype;
const kind = getter(Symbol.toStringTag);
const length = getter("length");

// More than this does not fit into WebAssembly's memory, so an endless iterator need not exhaust that of JavaScript.
const MOST = 2 ** 28;

// What `hold` was given, until `copyHeld`: nothing else is called in between. It is kept here because wasm-bindgen leaks
// a slot of its table whenever a function throws that would have returned an object.
/** @type {Float64Array | undefined} */
let held;

/** Checks the values, keeps them, and returns how many there are. @param {Iterable<unknown>} values */
export function hold(values) {
  held = toFloat64Array(values);
  return lengthOf(held);
}

/** Copies the values that are held, and lets go of them. @param {Float64Array} target */
export function copyHeld(target) {
  const values = held ?? [];
  held = undefined;
  typedArray.set.call(target, values);
}

/** The values themselves if they are a Float64Array, else a copy of them in one. @param {Iterable<unknown>} values */
function toFloat64Array(values) {
  if (kind.call(values) === "Float64Array") {
    return /** @type {Float64Array} */ (values);
  }
  if (
    typeof values !== "object" ||
    typeof values?.[Symbol.iterator] !== "function" ||
    // A proxy of a typed array has its iterator, which then finds no typed array.
    (values instanceof typedArray.constructor &&
      kind.call(values) === undefined)
  ) {
    throw new LibraryError(
      "invalid_type",
      "the values must be a Float64Array or an iterable of numbers",
    );
  }
  let copy = new Float64Array(64);
  let count = 0;
  for (const value of values) {
    if (typeof value !== "number") {
      const message = `the value at index ${count} is not a number`;
      const error = new LibraryError("invalid_type", message);
      throw Object.assign(error, { index: count });
    }
    if (count === copy.length) {
      copy = grown(copy);
    }
    copy[count++] = value;
  }
  return copy.subarray(0, count);
}

/** @param {Float64Array} copy */
function grown(copy) {
  try {
    if (copy.length < MOST) {
      const larger = new Float64Array(copy.length * 2);
      larger.set(copy);
      return larger;
    }
  } catch {
    // The engine has no room for it: the same error as below.
  }
  throw new LibraryError(
    "out_of_memory",
    `there is not enough memory for over ${copy.length} values`,
  );
}

/** How many values a Float64Array has. @param {Float64Array} array */
function lengthOf(array) {
  const count = length.call(array);
  if (count === 0) {
    try {
      // It throws for an array whose buffer is gone, and does nothing to an empty one.
      typedArray.fill.call(array, 0);
    } catch {
      throw new LibraryError(
        "detached_buffer",
        "the buffer of the Float64Array is detached",
      );
    }
  }
  return count;
}

/** @template {keyof Float64Array} Name @param {Name} name */
function getter(name) {
  const { get } = Object.getOwnPropertyDescriptor(typedArray, name) ?? {};
  return /** @type {(this: unknown) => Float64Array[Name]} */ (get);
}
