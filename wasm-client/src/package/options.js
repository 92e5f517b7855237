// Reads options. A getter or a proxy may throw, so all of them are called here, where Rust catches what they throw.

/**
 * @param {any} options an object, or nothing
 * @param {string} names those that it may have, each in a line
 * @returns {string | undefined} the name of an option that has a value and no meaning
 */
export function unknownOption(options, names) {
  if (options === undefined) return undefined;
  // An array, a map, or a promise that somebody forgot to await.
  const isOther = (/** @type {object} */ value) => Symbol.iterator in value || "then" in value;
  if (typeof options !== "object" || options === null || isOther(options)) {
    throw new TypeError("the options are not an object");
  }
  const known = names.split("\n");
  return Object.keys(options).find((name) => options[name] !== undefined && !known.includes(name));
}

/** @param {any} options @param {string} name */
export function readOption(options, name) {
  return copied(options?.[name]);
}

/**
 * A copy of a plain object or an array, and of those in it. Anything else is as it was.
 *
 * @param {any} value
 * @returns {unknown}
 */
function copied(value) {
  if (Array.isArray(value)) return Array.from(value, copied);
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  // As in the options themselves, what is undefined is left out.
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(parts.map(([name, part]) => [name, copied(part)]));
}

/** @param {object} value which may be from another realm, with its own `Object.prototype` */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
