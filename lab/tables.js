// The tables of docs/size.md, which the programs of the lab print and put there.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const page = fileURLToPath(new URL("../docs/size.md", import.meta.url));

/** A table in Markdown. @param {string[]} heads @param {unknown[][]} rows */
export function table(heads, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rule = heads.map((_, index) => (index === 0 ? "---" : "---:"));
  return [line(heads), line(rule), ...rows.map(line)].join("\n");
}

/** Puts a table into the page. @param {string} name of its place there @param {string} text */
export function write(name, text) {
  const old = readFileSync(page, "utf8");
  const place = new RegExp(`(<!-- ${name} -->\\n)[^]*(<!-- /${name} -->)`);
  if (!place.test(old)) {
    throw new Error(`${page} has no place for the table «${name}»`);
  }
  writeFileSync(page, old.replace(place, `$1\n${text}\n\n$2`));
}
