// Packs the package, installs it into a fresh project for each consumer, runs it there and prints a table, then runs the
// checks of what is published; exit code 1 where anything failed. `--all` tries what takes minutes as well, and writes
// the table with the date into docs/consumers.md; `node run.js Vite Bun` tries those alone.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { install } from "../install.js";
import { startBrowser } from "./browser.js";
import {
  cloudflare,
  frameworks,
  here,
  pack,
  pkg,
  project,
  root,
} from "./project.js";

const columns = {
  import: "`import`",
  require: "`require`",
  init: "`/init`",
  worker: "in a module worker",
};

if (process.platform !== "linux" || process.arch !== "x64") {
  throw new Error("the runtimes are pinned for Linux on x64");
}
const all = process.argv.includes("--all");
const wanted = process.argv.slice(2).filter((name) => name !== "--all");

install(import.meta.url);
const quick = (await import("./consumers.js")).consumers;
let slow = {};
let workers = {};
if (all) {
  for (const tools of [frameworks, cloudflare]) {
    install(pathToFileURL(`${tools}/`).href);
  }
  slow = {
    ...(await import("./frameworks.js")).slow,
    ...(await import("./installed.js")).installed,
  };
  workers = (await import("./cloudflare.js")).workers;
}

const start = performance.now();
pack();
const built = await import(pathToFileURL(join(pkg, "index.js")));
const { moduleDigest } = built.buildInfo();
const browser = await startBrowser();
const rows = [];
let failures = 0;
for (const [consumers, tools] of [
  [quick, here],
  [slow, frameworks],
  [workers, cloudflare],
]) {
  for (const [name, ways] of Object.entries(consumers)) {
    if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) {
      continue;
    }
    const cells = Object.keys(columns).map(async (way) => "–");
    for (const [way, consume] of Object.entries(ways)) {
      const dir = project(`${name} ${way}`, tools);
      // Vite leaves it behind.
      delete process.env.NODE_ENV;
      const said = await Promise.resolve()
        .then(() => consume(dir, browser))
        .catch(
          (error) =>
            `failed: ${error.stdout ?? ""}${error.stderr || error.stack}`,
        );
      const right = said === moduleDigest;
      cells[Object.keys(columns).indexOf(way)] = right ? "yes" : "NO";
      if (!right) {
        failures++;
        console.error(`\n${name}, ${way}: ${said}`);
      }
    }
    rows.push([name, ...(await Promise.all(cells))]);
  }
}
await browser.close();

const line = (cells) => `| ${cells.join(" | ")} |`;
const heads = Object.values(columns);
const table = [
  line(["", ...heads]),
  line(["---", ...heads.map(() => "---")]),
  ...rows.map(line),
].join("\n");
console.log(table);
console.error(
  `${rows.length} consumers, ${failures} failures, ${Math.round((performance.now() - start) / 1000)} s`,
);
if (all && wanted.length === 0) {
  const date = new Date().toISOString().slice(0, 10);
  const page = join(root, "docs/consumers.md");
  const text = readFileSync(page, "utf8");
  // From the first heading on, the page is written by hand.
  const written = text.slice(text.indexOf("\n## "));
  writeFileSync(
    page,
    `# Where the package was run

\`node lab/consumers/run.js --all\` packs the package, installs it into a project for each of these and runs it there with
the default configuration. The last run was on ${date}; the versions are those of the package-lock.json files in
\`lab/consumers\`.

${table}
${written}`,
  );
}
const checks =
  wanted.length > 0
    ? 0
    : spawnSync(
        process.execPath,
        [
          "--test",
          // Each packs the package into the same folder.
          "--test-concurrency=1",
          join(here, "assemble.test.js"),
          join(here, "classes.test.js"),
          join(here, "package.test.js"),
          join(here, "reinstall.test.js"),
          join(here, "start.test.js"),
        ],
        { stdio: "inherit" },
      ).status;
process.exit(failures === 0 && checks === 0 ? 0 : 1);
