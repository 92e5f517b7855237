// The one class of all errors that this package throws; src/error.rs makes them from here, too.
export class StatisticsError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }
}

// On the prototype, as with the language's own errors: a stack says it, and no object has to carry it.
Object.defineProperty(StatisticsError.prototype, "name", {
  value: "StatisticsError",
});

// guard.js wants to know of a panic; were it imported here, where the glue imports from, it would be in a circle.
/** @type {(error: StatisticsError) => void} */
let listener = () => {};

/** @param {typeof listener} listening */
export function onPanic(listening) {
  listener = listening;
}

/** @param {string} message what the hook in src/panic.rs has to say */
export function panicked(message) {
  const error = new StatisticsError("panic", message);
  listener(error);
  throw error;
}
