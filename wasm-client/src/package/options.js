// Options as a caller gave them. A getter or a proxy may throw, so all of them are called here, where Rust catches what
// they throw. serde asks only for what it knows, so what it never asked for is unknown.

/** Options, copied, and what is read of the copy. */
export class Given {
  /** @param {any} options an object, or nothing */
  constructor(options = {}) {
    // Not an array, a date, or a promise that somebody forgot to await.
    const kind = Object.prototype.toString.call(options);
    if (!/^\[object (Object|Module)]$/.test(kind) || "then" in options) {
      throw Object.assign(new TypeError("the options are not an object"), { code: "invalid_options" });
    }

    /** @type {string | undefined} the option that was read last */
    this.option = undefined;
    /** The objects and arrays in the options. @type {Part[]} */
    this.parts = [];
    /** Those that are being copied: each is in the one before. @type {unknown[]} */
    this.path = [options];
    const values = Object.fromEntries(namesOf(options).map((name) => [name, options[name]]));
    this.copy = this.watched(values, "", Object.keys(options));
  }

  /**
   * A copy of a plain object or an array, and of those in it, which notes what is read. Anything else is as it was.
   *
   * @param {any} value
   * @param {string} place such as `list.0`
   * @param {string[]} [expected] those of its names that have to be read
   * @returns {unknown}
   */
  watched(value, place, expected) {
    const isArray = Array.isArray(value);
    if (!isArray && !isPlain(value)) return value;
    if (this.path.includes(value)) {
      const error = new Error(`the option \`${place}\`: it is inside of itself`);
      throw Object.assign(error, { code: "invalid_options", option: place });
    }

    // Before what is in it: in an unknown option, all is unknown.
    const part = new Part(place);
    this.parts.push(part);
    const inner = (/** @type {any} */ given, /** @type {string | number} */ name) =>
      this.watched(given, place ? `${place}.${name}` : `${name}`);
    // As in the options themselves, what is undefined is left out.
    const entries = () => Object.entries(value).filter(([, given]) => given !== undefined);
    this.path.push(value);
    const copy = isArray
      ? Array.from(value, inner)
      : Object.fromEntries(entries().map(([name, given]) => [name, inner(given, name)]));
    this.path.pop();
    // What every object has, such as `toString`, is no option.
    if (!isArray) Object.setPrototypeOf(copy, null);
    // Whoever does not ask for an array's length did not expect an array.
    part.expect(
      isArray ? ["length"] : (expected ?? Object.keys(copy)).filter((name) => Object.hasOwn(copy, name)),
    );

    return new Proxy(copy, {
      get: (copied, name) => {
        if (typeof name === "string") part.read(name);
        if (place === "" && name in copied) this.option = String(name);
        return Reflect.get(copied, name);
      },
    });
  }

  /** The first part of which something was not read. */
  get unread() {
    return this.parts.find((part) => part.left.size > 0);
  }
}

/** An object or an array in the options. */
class Part {
  /** @param {string} place */
  constructor(place) {
    this.place = place;
    /** What was not read yet. @type {Set<string>} */
    this.left = new Set();
    /** What was asked for, whether it is there or not. */
    this.asked = new Set();
  }

  /** @param {string[]} names */
  expect(names) {
    for (const name of names) this.left.add(name);
  }

  /** @param {string} name */
  read(name) {
    this.left.delete(name);
    this.asked.add(name);
  }

  /** The name of what was not read. */
  get option() {
    const [name] = this.left;
    if (name === "length") return this.place;
    return this.place ? `${this.place}.${name}` : name;
  }

  get allowed() {
    return [...this.asked].join(", ");
  }
}

/** @param {object} object whose names are wanted, inherited ones too, but for those that every object has */
function namesOf(object) {
  const names = new Set();
  const isOfAll = (/** @type {object} */ part) => part !== object && Object.hasOwn(part, "hasOwnProperty");
  for (let part = object; part !== null && !isOfAll(part); part = Object.getPrototypeOf(part)) {
    for (const name of Object.getOwnPropertyNames(part)) names.add(name);
  }
  return [...names];
}

/** @param {any} value which may be from another realm, with its own `Object.prototype` */
function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
