// Copies numbers into the module. A loop over foreign values is many times faster here than in Rust.

// The built-in getters tell the kind and the length of an array, whatever its class overrides.
const { prototype } = Object.getPrototypeOf(Float64Array);
/** @type {Record<PropertyKey, any>} */
const properties = Object.getOwnPropertyDescriptors(prototype);
const kind = properties[Symbol.toStringTag].get;
const length = properties["length"].get;

/** What `hold` took. It stays here: an import that may throw leaks the object it returns. @type {Float64Array | undefined} */
let held;

/**
 * Takes a Float64Array or an iterable of numbers, and returns how many there are.
 *
 * @param {Iterable<unknown>} values
 */
export function hold(values) {
  held = kind.call(values) === "Float64Array" ? /** @type {Float64Array} */ (values) : collect(values);
  // Fills nothing, but throws if the buffer is detached.
  prototype.fill.call(held, 0, 0, 0);
  return length.call(held);
}

/** @param {Float64Array} target */
export function copyHeld(target) {
  prototype.set.call(target, held ?? []);
  held = undefined;
}

/** @param {Float64Array} values */
export function toFloat64Array(values) {
  return new Float64Array(values);
}

/** @param {Iterable<unknown>} values */
function collect(values) {
  let copy = new Float64Array(64);
  let count = 0;
  for (const value of values) {
    if (typeof value !== "number") {
      const error = new TypeError(`the value at index ${count} is not a number`);
      throw Object.assign(error, { code: "wrong_type" });
    }
    if (count === copy.length) copy = larger(copy);
    copy[count++] = value;
  }
  return copy.subarray(0, count);
}

/** @param {Float64Array} values */
function larger(values) {
  // More would not fit into WebAssembly's memory. This stops an endless iterator early.
  if (values.length === 2 ** 28) throw new RangeError("there are more than 2^28 values");
  const copy = new Float64Array(values.length * 2);
  copy.set(values);
  return copy;
}
