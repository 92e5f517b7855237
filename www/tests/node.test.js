// What needs no browser: a file in pieces gives the same numbers, and the built page is small.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

import { expect, test } from "@playwright/test";
import { parse } from "wasm-client";

import { inFile, pieces } from "../src/pieces.ts";

/**
 * The numbers of a text, read `size` bytes at a time, or the error with its line and column in the text.
 * @param {string} text
 * @param {number} size
 */
async function read(text, size) {
  const numbers = [];
  for await (const piece of pieces(new Blob([text]), size)) {
    try {
      numbers.push(...parse(piece.text));
    } catch (error) {
      const { line, column, text } = inFile(/** @type {any} */ (error), piece);
      return { line, column, text };
    }
  }
  return numbers;
}

const texts = {
  "lines of every system": "1 2\n3 4\r\n5 6\r7\r\n\r\n8\n\r9",
  "one long line": "1,2;3\t4 5,  6,7,8,9,10,11,12,13",
  "comments that are cut": "1 # two 3, 4 five 6 seven 8 nine 10 eleven\n2 # x 7 # y\r\n3 #\n4 # 5 6 7",
  "a byte order mark": "\ufeff1 2\n3",
  "an error after comments and line ends": "1 # two\r\n3\r4 # 5 6\n\n 7 8 x9 10",
  "an error after characters of several bytes": "# äöü\n1\u00a02\u2003 3 # 😀 ö\n4\u30005\u2003😀 6",
  "an error in a line with several bytes before": "1\u00a0\u2003 2\u3000 \u00a0 3 ö4",
};
for (const [name, text] of Object.entries(texts)) {
  test(`reads ${name} in small pieces as at once`, async () => {
    const whole = await read(text, 1000);
    // More than the longest number.
    for (let size = 9; size <= text.length * 4; size++)
      expect(await read(text, size), `${size} bytes at once`).toEqual(whole);
  });
}

test("is small", () => {
  const dist = join(import.meta.dirname, "../dist");
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const sizes = files.map(
    ({ parentPath, name }) => brotliCompressSync(readFileSync(join(parentPath, name))).length,
  );
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(50_000);
});
