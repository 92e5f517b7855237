// Files of many numbers, made once and kept in the temporary folder.
import {
  closeSync,
  existsSync,
  openSync,
  renameSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Two humps, always the same numbers, eight on a line; returns the file's path.
 * @param {number} count
 */
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
