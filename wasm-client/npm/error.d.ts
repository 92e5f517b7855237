/**
 * Every error that this package throws. The message is for people and may change; `code` is for programs.
 *
 * In a process that has the package twice (two versions, or a bundle and a copy beside it) there are two classes: to
 * look at `code` works with either.
 */
export class LibraryError extends Error {
  /** For tests of what handles it; nothing but this package has cause to throw one. */
  constructor(code: string, message: string, options?: ErrorOptions);
  readonly name: "LibraryError";
  /**
   * The cause, the same in every version: `ErrorCodes` says what each means.
   *
   * After `panic` and `trap` the package works as if it had just been loaded; objects made before are stale.
   */
  readonly code: keyof ErrorCodes;
}

/** The codes of errors, by their names. What the library adds to these is declared in wasm-client/src. */
export interface ErrorCodes {
  /** An argument, or the value at `index` in one, has the wrong JavaScript type. */
  invalid_type: unknown;
  /** The object was given back by `free()` or `using`. */
  freed_object: unknown;
  /** The object was to be freed in the middle of a call that uses it. */
  object_in_use: unknown;
  /** The object went down with an earlier call that ended in `panic` or `trap`. */
  stale_object: unknown;
  /** The module could not be downloaded. */
  not_loaded: unknown;
  /** A bug in this package; the message has Rust's own and the place. */
  panic: unknown;
  /** The call was cut off: the memory or the stack was exhausted. `cause` has what the engine said. */
  trap: unknown;
}

/** Of this package's own use, as it calls itself. @internal */
export function onPanic(listening: (error: LibraryError) => void): void;
