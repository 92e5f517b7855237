// What is named after the package.

/** The module's file: as npm calls the tarball, so `@ada/engine` and `@bob/engine` can be in one folder. */
export const moduleOf = (name) => `${name.replace("@", "").replace("/", "-")}.wasm`;

// What a page has besides what Node.js has: an assignment would do something else, or nothing.
const taken = /^(document|event|frames|history|location|name|opener|origin|parent|self|status|top|window)$/;

/**
 * The variable that a classic script sets: the name without its scope, in camel case, and with `_` before it if that would
 * not be a new variable.
 */
export function variableOf(name) {
  const camel = name.replace(/^@[^/]*\//, "").replace(/\W+(\w)?/g, (_, next = "") => next.toUpperCase());
  return isVariable(camel) && !taken.test(camel) && !(camel in globalThis) ? camel : `_${camel}`;
}

function isVariable(name) {
  try {
    return Boolean(new Function(`"use strict"; var ${name};`));
  } catch {
    return false;
  }
}
