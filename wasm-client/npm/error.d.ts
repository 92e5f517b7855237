/**
 * Every error that this package throws. The message is for people and may change; `code` is for programs.
 *
 * In a process that has the package twice (two versions, or a bundle and a copy beside it) there are two classes: to
 * look at `code` works with either.
 */
export class StatisticsError extends Error {
  /** For tests of what handles it; nothing but this package has cause to throw one. */
  constructor(
    code: StatisticsError["code"],
    message: string,
    options?: ErrorOptions,
  );
  readonly name: "StatisticsError";
  /**
   * The cause, the same in every version:
   *
   * - `empty_series`: there is no value to describe.
   * - `not_finite`: the value at `index` is infinite or not a number.
   * - `invalid_number`: the `text` at `line` and `column` is not a finite number.
   * - `invalid_bins`: the number of bins is 0 or over 1,048,576.
   * - `invalid_type`: an argument, or the value at `index` in one, has the wrong JavaScript type.
   * - `detached_buffer`: the buffer of a `Float64Array` was transferred away, or shrunk under it.
   * - `out_of_memory`: WebAssembly's memory, of 4 GiB at most, cannot hold a copy of the values.
   * - `freed_object`: the object was given back by `free()` or `using`.
   * - `object_in_use`: the object was to be freed in the middle of a call that uses it.
   * - `stale_object`: the object went down with an earlier call that ended in `panic` or `trap`.
   * - `not_loaded`: the module could not be downloaded.
   * - `panic`: a bug in this package; the message has Rust's own and the place.
   * - `trap`: the call was cut off: the memory or the stack was exhausted. `cause` has what the engine said.
   *
   * After `panic` and `trap` the package works as if it had just been loaded; objects made before are stale.
   */
  readonly code:
    | "empty_series"
    | "not_finite"
    | "invalid_number"
    | "invalid_bins"
    | "invalid_type"
    | "detached_buffer"
    | "out_of_memory"
    | "freed_object"
    | "object_in_use"
    | "stale_object"
    | "not_loaded"
    | "panic"
    | "trap";
  /** Of `not_finite` and `invalid_type`: where the value is among those given, from 0. */
  readonly index?: number;
  /** Of `invalid_number`: the line that the text is in, from 1. */
  readonly line?: number;
  /** Of `invalid_number`: where in the line the text starts, from 1, in characters. */
  readonly column?: number;
  /** Of `invalid_number`: the text. */
  readonly text?: string;
}

/** Of this package's own use, as it calls itself. @internal */
export function onPanic(listening: (error: StatisticsError) => void): void;
