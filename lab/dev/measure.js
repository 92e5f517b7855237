// From saving a source to the page showing the new package, under `cargo xtask dev`, beside the bare commands: what
// `cargo build` and `wasm-bindgen` take for the same edit. `node lab/dev/measure.js [ROUNDS]`, by turns, in Chromium.
// It ends with Ctrl-C in the middle of a build, and fails if a process is left.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { browsers } from "../page/page.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const rounds = Number(process.argv[2] ?? 9);

const tools = execFileSync("cargo", ["xtask", "tools"], {
  cwd: root,
  encoding: "utf8",
});
const path = [
  ...tools.split("\n").filter((line) => isAbsolute(line)),
  process.env.PATH,
].join(delimiter);
const env = { ...process.env, PATH: path, NO_COLOR: "1" };
const bare = join(root, "target/bare");
const module = join(bare, "wasm32-unknown-unknown/debug/wasm_client.wasm");
const run = (line) => {
  const [program, ...values] = line.split(" ");
  execFileSync(program, values, {
    cwd: root,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
};
function byHand() {
  const start = performance.now();
  run(
    `cargo build --locked --lib --package wasm-client --target wasm32-unknown-unknown --target-dir ${bare}`,
  );
  const built = performance.now();
  run(
    `wasm-bindgen --target web --debug --out-name glue --out-dir ${join(bare, "pkg")} ${module}`,
  );
  return { cargo: built - start, both: performance.now() - start };
}

// As a terminal does, all in one process group.
const dev = spawn("cargo", ["xtask", "dev", "--port", "0"], {
  cwd: root,
  env,
  stdio: ["ignore", "pipe", "ignore"],
  detached: true,
});
let output = "";
dev.stdout.on("data", (chunk) => (output += chunk));
while (!/http:\S+/.test(output)) {
  if (dev.exitCode !== null) throw new Error("`cargo xtask dev` has ended");
  await setTimeout(50);
}

const files = ["common/src/lib.rs", "wasm-client/src/lib.rs"].map((file) =>
  join(root, file),
);
const samples = {};
const browser = await browsers.find(({ name }) => name === "Chromium").launch();
try {
  const tab = await browser.newPage();
  await tab.goto(output.match(/http:\S+/)[0]);
  const shown = tab.locator("#package", { hasText: "built from" });
  byHand();
  for (const file of files) {
    const text = readFileSync(file);
    const times = (samples[file] = { page: [], cargo: [], both: [] });
    try {
      for (let round = 0; round < rounds; round++) {
        const before = await shown.innerText();
        writeFileSync(file, `${text}\n// Round ${round}, ${Date.now()}.\n`);
        const saved = performance.now();
        await tab
          .locator("#package", {
            hasText: "built from",
            hasNotText: before.split(" ").at(-1),
          })
          .waitFor();
        times.page.push(performance.now() - saved);
        const { cargo, both } = byHand();
        times.cargo.push(cargo);
        times.both.push(both);
      }
      writeFileSync(file, `${text}\n// To be stopped.\n`);
      while (ours().length < 3) await setTimeout(5);
    } finally {
      writeFileSync(file, text);
    }
  }
} finally {
  await browser.close();
  process.kill(-dev.pid, "SIGINT");
}
if (dev.exitCode === null && dev.signalCode === null) await once(dev, "exit");
await setTimeout(1000);
if (ours().length > 0) throw new Error(`left behind: ${ours().join(", ")}`);

/** The processes that work in this checkout, but this one. */
function ours() {
  return readdirSync("/proc").filter((id) => {
    try {
      const isHere = join(readlinkSync(`/proc/${id}/cwd`), "/").startsWith(
        root,
      );
      return (
        isHere &&
        id !== String(process.pid) &&
        /cargo|xtask|vite|rustc/.test(readFileSync(`/proc/${id}/cmdline`))
      );
    } catch {
      return false;
    }
  });
}

const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) =>
    Math.round(sorted[Math.floor((sorted.length - 1) * part)]);
  return `${at(0.5)} ms (${at(0)} to ${at(1)})`;
};
for (const [file, { page, cargo, both }] of Object.entries(samples)) {
  console.log(`${file} edited, ${rounds} rounds:`);
  console.log(`  save to new result in the page   ${spread(page)}`);
  console.log(`  cargo build alone                ${spread(cargo)}`);
  console.log(`  cargo build and wasm-bindgen     ${spread(both)}`);
  console.log(
    `  the page takes longer, by turns  ${spread(page.map((time, at) => time - both[at]))}`,
  );
}
