// From saving a source to the page showing the new package, under `cargo xtask dev`, beside the bare commands: what
// `cargo build` and `wasm-bindgen` take for the same edit. `node lab/dev/measure.js [ROUNDS]`, by turns, in Chromium.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const rounds = Number(process.argv[2] ?? 9);
// The page's own modules: the test command installs them.
const { browsers } = await import(
  pathToFileURL(join(root, "www/tests/browsers.js"))
);

const tools = execFileSync("cargo", ["xtask", "tools"], {
  cwd: root,
  encoding: "utf8",
});
const env = {
  ...process.env,
  PATH: [
    ...tools.split("\n").filter((line) => isAbsolute(line)),
    process.env.PATH,
  ].join(delimiter),
};
const bare = join(root, "target/bare");
const module = join(bare, "wasm32-unknown-unknown/debug/wasm_client.wasm");
const run = (line) => {
  const [program, ...values] = line;
  execFileSync(program, values, {
    cwd: root,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
};
function byHand() {
  const start = performance.now();
  run([
    ..."cargo build --locked --lib --package wasm-client --target wasm32-unknown-unknown --target-dir".split(
      " ",
    ),
    bare,
  ]);
  const built = performance.now();
  run([
    ..."wasm-bindgen --target web --debug --out-name glue --out-dir".split(" "),
    join(bare, "pkg"),
    module,
  ]);
  return { cargo: built - start, both: performance.now() - start };
}

const dev = spawn("cargo", ["xtask", "dev", "--port", "0"], {
  cwd: root,
  env: { ...env, NO_COLOR: "1" },
  stdio: ["ignore", "pipe", "ignore"],
});
const url = await new Promise((resolve, reject) => {
  dev.once("exit", () => reject(new Error("`cargo xtask dev` has ended")));
  createInterface(dev.stdout).on("line", (line) => {
    const [found] = line.match(/http:\S+/) ?? [];
    if (found) resolve(found);
  });
});

const files = {
  common: "common/src/lib.rs",
  "wasm-client": "wasm-client/src/lib.rs",
};
const browser = await browsers[0].launch();
const samples = {};
try {
  const tab = await browser.newPage();
  await tab.goto(url);
  const digest = tab.locator("#package div", { hasText: "Digest" });
  await digest.waitFor();
  byHand();
  for (const [name, file] of Object.entries(files)) {
    const path = join(root, file);
    const text = readFileSync(path);
    const times = (samples[name] = { page: [], cargo: [], both: [] });
    try {
      for (let round = 0; round < rounds; round++) {
        const before = await digest.innerText();
        writeFileSync(path, `${text}\n// Round ${round}, ${Date.now()}.\n`);
        const saved = performance.now();
        await tab.waitForFunction(
          (old) =>
            [...document.querySelectorAll("#package div")].some(
              ({ innerText }) =>
                innerText.startsWith("Digest") && innerText !== old,
            ),
          before,
          { polling: 5 },
        );
        times.page.push(performance.now() - saved);
        // The page compares the package with the sources meanwhile.
        await tab.locator("#package .fresh").waitFor();
        const { cargo, both } = byHand();
        times.cargo.push(cargo);
        times.both.push(both);
      }
    } finally {
      writeFileSync(path, text);
    }
  }
} finally {
  await browser.close();
  dev.removeAllListeners("exit");
  dev.kill("SIGINT");
}

const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) =>
    Math.round(sorted[Math.floor((sorted.length - 1) * part)]);
  return `${at(0.5)} ms (${at(0)} to ${at(1)})`;
};
for (const [name, { page, cargo, both }] of Object.entries(samples)) {
  console.log(`${name} edited, ${rounds} rounds:`);
  console.log(`  save to new result in the page   ${spread(page)}`);
  console.log(`  cargo build alone                ${spread(cargo)}`);
  console.log(`  cargo build and wasm-bindgen     ${spread(both)}`);
  console.log(
    `  the page takes longer, by turns  ${spread(page.map((time, at) => time - both[at]))}`,
  );
}
