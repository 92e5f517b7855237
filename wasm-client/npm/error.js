/**
 * An error as Node.js makes them: with a code for programs.
 *
 * @param {string} code
 * @param {string} message
 * @param {unknown} [cause]
 */
export function coded(code, message, cause) {
  const error = new Error(message, cause === undefined ? {} : { cause });
  return Object.defineProperty(error, "code", {
    value: code,
    enumerable: true,
  });
}
