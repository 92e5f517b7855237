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
