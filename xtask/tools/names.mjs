// The package's name, and what is named after it.
import { isBuiltin } from "node:module";

/** Stops at a name that npm would refuse, or that could not be imported. @param {unknown} name */
export function checkName(name) {
  const isValid =
    /^(@[a-z0-9-][a-z0-9._-]*\/)?[a-z0-9-][a-z0-9._-]*$/.test(`${name}`) && name.length <= 214;
  if (isValid && !/^(node_modules|favicon\.ico)$/.test(name) && !isBuiltin(name)) return;
  throw new Error(
    `npm accepts no package with the name \`${name}\`: in wasm-client/npm/package.json, give it a \`name\` of small ` +
      `letters, digits, "-", "." and "_" that is no module of Node.js, such as \`my-library\` or \`@me/my-library\``,
  );
}

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
