// The one class of all errors that this package throws; src/package.rs makes them from here, too.
export class LibraryError extends Error {
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
Object.defineProperty(LibraryError.prototype, "name", {
  value: "LibraryError",
});

// guard.js wants to know of a panic; were it imported here, where the glue imports from, it would be in a circle.
/** @type {(error: LibraryError) => void} */
let listener = () => {};

/** @param {typeof listener} listening */
export function onPanic(listening) {
  listener = listening;
}

/** @param {string} message what the hook in src/package.rs has to say */
export function panicked(message) {
  const error = new LibraryError("panic", message);
  listener(error);
  throw error;
}
