// What the scripts about the page share: browsers, the built page, files of many numbers.
import {
  closeSync,
  existsSync,
  openSync,
  renameSync,
  writeSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import config from "../../www/tests/playwright.config.js";

export const www = join(import.meta.dirname, "..", "..", "www");
const require = createRequire(join(www, "package.json"));
const playwright = require("@playwright/test");

/** The browsers that the page is tested in, as far as they are there. */
export const browsers = config.projects
  .filter(({ use }) => use?.launchOptions.executablePath)
  .map(
    ({ name, use: { browserName = "chromium", channel, launchOptions } }) => ({
      name,
      launch: () =>
        playwright[browserName].launch({ channel, ...launchOptions }),
    }),
  );

/** Serves what `npm --prefix www run build` made. */
export async function serve() {
  const { preview } = await import(pathToFileURL(require.resolve("vite")));
  const server = await preview({
    configFile: join(www, "vite.config.ts"),
    root: www,
    preview: { port: 0, host: "127.0.0.1" },
    logLevel: "error",
  });
  const [url] = server.resolvedUrls.local;
  return { url, close: () => server.close() };
}

/** A file of two humps, always the same numbers, eight on a line; it is made once and kept in the temporary folder. */
export function series(count) {
  const path = join(tmpdir(), `www-series-${count}.txt`);
  if (existsSync(path)) return path;
  const file = openSync(`${path}.new`, "w");
  // A linear congruential generator (Numerical Recipes), added up to something near a normal distribution.
  let state = 1;
  const random = () =>
    (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  let text = "";
  for (let i = 1; i <= count; i++) {
    const bell = random() + random() + random() + random() - 2;
    text +=
      (i % 3 === 0 ? 42 + bell * 6 : 60 + bell * 9).toFixed(4) +
      (i % 8 === 0 ? "\n" : " ");
    if (text.length > 1 << 20 || i === count) {
      writeSync(file, text);
      text = "";
    }
  }
  closeSync(file);
  renameSync(`${path}.new`, path);
  return path;
}
