// Packs the package, installs it into a fresh project for each consumer, runs it there and prints a table, then runs the
// checks of what is published; exit code 1 where anything failed. `node run.js Vite Bun` tries those alone; `--write`
// puts the table into the package's README.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { install } from "../install.js";
import { Browser, SKIPPED } from "./browser.js";
import { expected, here, pack, project, root, work } from "./project.js";

const columns = {
  import: "`import`",
  require: "`require`",
  init: "`/init`",
  worker: "in a module worker",
};

if (process.platform !== "linux" || process.arch !== "x64") {
  console.error(
    `SKIPPED: the runtimes are pinned for Linux on x64, and this is ${process.platform} on ${process.arch}`,
  );
  process.exit(0);
}

install(import.meta.url);
const { consumers } = await import("./consumers.js");

const wanted = process.argv.slice(2).filter((name) => !name.startsWith("--"));
const start = performance.now();
const digest = expected();
const tarball = pack();
const browser = new Browser();
await browser.start();

const results = [];
for (const [name, ways] of Object.entries(consumers)) {
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) {
    continue;
  }
  for (const [way, consume] of Object.entries(ways)) {
    const dir = project(`${name} ${way}`.replaceAll(/\W+/g, "-"), tarball);
    // A page says nothing before the browser runs; anything else is done here, one after the other.
    let said;
    const saying = Promise.resolve()
      .then(() => consume(dir, browser))
      .catch((error) => `failed: ${error.stderr || error.stack}`)
      .then((text) => (said = text));
    results.push({
      name,
      way,
      saying,
      get said() {
        return said;
      },
    });
    await Promise.race([
      saying,
      new Promise((resolve) => browser.whenOpened(resolve)),
    ]);
  }
}
const close = await browser.run();
await Promise.all(results.map(({ saying }) => saying));
close();

const ok = ({ said }) => said === digest;
const skipped = results.filter(({ said }) => said === SKIPPED);
const names = [...new Set(results.map(({ name }) => name))];
const cell = (name, way) => {
  const result = results.find((each) => each.name === name && each.way === way);
  if (result === undefined) {
    return "–";
  }
  return ok(result) ? "yes" : result.said === SKIPPED ? "skipped" : "NO";
};
const rows = names.map((name) => [
  name,
  ...Object.keys(columns).map((way) => cell(name, way)),
]);
const line = (cells) => `| ${cells.join(" | ")} |`;
const table = [
  line(["", ...Object.values(columns)]),
  line(["---", ...Object.keys(columns).map(() => "---")]),
  ...rows.map(line),
].join("\n");
console.log(table);

const failed = results.filter(
  (result) => !ok(result) && !skipped.includes(result),
);
for (const { name, way, said } of failed) {
  console.error(`\n${name}, ${way}: ${said}`);
}
console.error(
  `\n${results.filter(ok).length} of ${results.length} in ${Math.round((performance.now() - start) / 1000)} s`,
);
if (skipped.length > 0) {
  console.error(
    `SKIPPED: ${skipped.length} pages were not opened: there is no Chromium; on Debian, \`sudo apt-get install --yes chromium\` installs it`,
  );
} else if (process.argv.includes("--write")) {
  const path = join(root, "wasm-client/npm/README.md");
  const readme = readFileSync(path, "utf8");
  const marks = /(<!-- consumers -->\n)[^]*(<!-- \/consumers -->)/;
  if (!marks.test(readme)) {
    throw new Error(
      `${path} has no place for the table: <!-- consumers --> and <!-- /consumers -->`,
    );
  }
  writeFileSync(path, readme.replace(marks, `$1\n${table}\n\n$2`));
}
rmSync(work, { recursive: true, force: true });
const checks =
  wanted.length > 0
    ? 0
    : spawnSync(process.execPath, ["--test", join(here, "package.test.js")], {
        stdio: "inherit",
      }).status;
process.exit(failed.length === 0 && checks === 0 ? 0 : 1);
