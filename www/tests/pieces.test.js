// A file cut anywhere is the same file: its numbers, and the place of what is no number.
import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "node:path";

import { parse } from "wasm-client";
import { runnerImport } from "vite";

const source = join(import.meta.dirname, "..", "src", "pieces.ts");
/** @type {{ module: typeof import("../src/pieces.ts") }} */
const { module } = await runnerImport(source, {
  configFile: false,
  logLevel: "error",
});

/**
 * The numbers of a text that is read so many bytes at once; or the error, in the text's own lines and columns.
 * @param {string} text
 * @param {number} size
 */
async function read(text, size) {
  const numbers = [];
  for await (const piece of module.pieces(new Blob([text]), size)) {
    try {
      numbers.push(...parse(piece.text));
    } catch (error) {
      const { line, column, text } = module.inFile(
        /** @type {any} */ (error),
        piece,
      );
      return { line, column, text };
    }
  }
  return numbers;
}

/** @param {string} text */
function readAtOnce(text) {
  try {
    return [...parse(text)];
  } catch (error) {
    const { line, column, text } = /** @type {any} */ (error);
    return { line, column, text };
  }
}

const texts = {
  "lines of every system": "1 2\n3 4\r\n5 6\r7\r\n\r\n8\n\r9",
  "one long line": "1,2;3\t4 5,  6,7,8,9,10,11,12,13",
  "comments that are cut": "1 # two 3, 4 five\n2 # x 7 # y\r\n3 #\n4 # 5 6 7",
  "a byte order mark": "\ufeff1 2\n3",
  "an error in the first line": "1 2 3 4 5 6 seven 8",
  "an error after comments and line ends":
    "1 # two\r\n3\r4 # 5 6\n\n 7 8 x9 10",
  "an error after characters of several bytes":
    "# äöü\n1\u00a02\u2003 3 # 😀 ö\n4\u30005\u2003😀 6",
  "an error in a line with several bytes before":
    "1\u00a0\u2003 2\u3000 \u00a0 3 ö4",
  "an error at the end": "1 2\n3 4 .",
  "no numbers": "# nothing\n",
};

for (const [name, text] of Object.entries(texts)) {
  test(`reads ${name} in pieces of any size as at once`, async () => {
    const expected = readAtOnce(text);
    for (let size = 1; size <= text.length * 4; size++) {
      assert.deepEqual(
        await read(text, size),
        expected,
        `${size} bytes at once`,
      );
    }
  });
}

test("tells how much of the file it has read", async () => {
  const blob = new Blob(["10 20 30 40 50"]);
  const ends = [];
  for await (const piece of module.pieces(blob, 4)) ends.push(piece.end);
  assert.deepEqual(ends, [2, 5, 11, 14]);
});
