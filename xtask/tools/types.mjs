// What wasm-bindgen leaves open in the types that it writes.

const ARRAY = /\b(?:Big)?(?:Uint|Int|Float)\d+(?:Clamped)?Array\b(?!<)/g;
/** In a declaration of one line: what a function or a getter gives. */
const RESULT = /^(.*\): |\s*(?:static )?readonly \w+: )([^()]*;)$/gm;

/**
 * A typed array that comes out of the module has memory of its own, which no other thread shares. From version 5.7 on,
 * TypeScript has to be told, or it refuses the array where memory must not be shared, as in `new Blob([array])`.
 * wasm-bindgen's option `--ts-typed-array-buffers` would do this, but wasm-pack does not pass it on.
 *
 * @param {string} types wasm-bindgen's @returns {string}
 */
export function ownArrays(types) {
  const ownResults = (declarations) =>
    declarations.replace(RESULT, (_, before, result) => before + result.replace(ARRAY, "$&<ArrayBuffer>"));
  // What an owner wrote into the types stays as it is.
  return types.replace(/^export class [^]*?^}|^export function .*$/gm, ownResults);
}
