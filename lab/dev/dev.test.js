// The development server, in a copy of the page. Its `cargo` compiles nothing, and names the package after the source.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

import { browsers, www } from "../page/page.js";

const { expect } = createRequire(join(www, "package.json"))("@playwright/test");
const chromium = browsers.find(({ name }) => name === "Chromium");

const cargo = `#!${process.execPath}
import fs from "node:fs";
const [name, manifest] = ["source.rs", "package.json"].map((path) => fs.readFileSync(path, "utf8"));
fs.appendFileSync(".builds.txt", [...process.argv.slice(2), name, process.pid].join(" ") + "\\n");
if (name === "endless") setInterval(() => {}, 1000);
else if (name === "wrong") throw console.error("   Compiling common\\n\\x1b[31merror\\x1b[0m: a wrong type");
else for (const file of ["package.json", "build-info.json"])
  fs.writeFileSync("wasm-client/pkg/" + file, JSON.stringify({ ...JSON.parse(manifest), name }));
`;

/** Waits for a value that is true; a busy machine may hold it up for long. */
async function until(value) {
  for (let left = 600; left > 0; left--) {
    const found = await value();
    if (found) return found;
    await setTimeout(100);
  }
  assert.fail(`never: ${value}`);
}

test("builds at each change, shows the result or the error, and ends with its build", async (t) => {
  if (!chromium) return t.skip("Chromium is not installed");
  const root = fs.mkdtempSync(join(tmpdir(), "www-dev-"));
  const at = (path) => join(root, path);
  const builds = () =>
    fs.readFileSync(at(".builds.txt"), "utf8").trim().split("\n");
  const endless = () => Number(builds().at(-1).split(" ").at(-1));
  const write = (name) => {
    // As editors do.
    fs.writeFileSync(at(".source.rs.new"), name);
    fs.renameSync(at(".source.rs.new"), at("source.rs"));
  };
  write("first");
  const pkg = join(www, "../wasm-client/pkg");
  fs.cpSync(pkg, at("wasm-client/pkg"), { recursive: true });
  fs.renameSync(at("wasm-client/pkg/package.json"), at("package.json"));
  for (const name of ["index.html", "package.json", "src", "vite.config.ts"])
    fs.cpSync(join(www, name), at(`www/${name}`), { recursive: true });
  fs.mkdirSync(at("www/node_modules"));
  fs.symlinkSync(at("wasm-client/pkg"), at("www/node_modules/wasm-client"));
  fs.symlinkSync(join(www, "node_modules/vite"), at("www/node_modules/vite"));
  fs.writeFileSync(at("cargo"), cargo, { mode: 0o755 });

  let output = "";
  const vite = spawn(
    process.execPath,
    ["node_modules/vite/bin/vite.js", "--port", "0"],
    {
      cwd: at("www"),
      env: {
        ...process.env,
        PATH: root + delimiter + process.env.PATH,
        NO_COLOR: "1",
      },
    },
  );
  const ended = once(vite, "exit");
  const browser = await chromium.launch();
  try {
    const page = await browser.newPage();
    const timeout = 60_000;
    const named = (name) =>
      expect(page.locator("#package")).toContainText(`${name} 0.1.0`, {
        timeout,
      });
    vite.stdout.on("data", (chunk) => (output += chunk));
    const [url] = await until(() => output.match(/http:\S+/));
    await page.goto(url);
    await named("first");
    assert.match(builds().join("\n"), /^xtask build --dev first \d+$/);

    write("second");
    await named("second");
    const overlay = page.locator("vite-error-overlay");
    const message = overlay.getByText(/^error: a wrong type/);
    write("wrong");
    await expect(message).toBeVisible({ timeout });
    await page.reload();
    await expect(message).toBeVisible({ timeout });
    await named("second");
    write("second");
    await expect(overlay).toBeHidden({ timeout });
    // The first, and three changes, each of which may be seen in two steps.
    assert.ok(builds().length <= 7, builds().join("\n"));

    write("endless");
    await until(() => builds().at(-1).includes("endless"));
    process.kill(endless(), 0);
  } finally {
    vite.kill("SIGINT");
    await browser.close();
  }
  await ended;
  await until(() => {
    try {
      process.kill(endless(), 0);
      return false;
    } catch {
      return true;
    }
  });
  fs.rmSync(root, { recursive: true });
});

test("ends where the system cannot watch all files, and says how to change that", (t) => {
  const folder = fs.mkdtempSync(join(tmpdir(), "www-watches-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(join(folder, "cargo"), "#!/bin/sh\n", { mode: 0o755 });
  // In a user namespace, Linux counts the watches anew, and its root may lower the limit.
  const inNamespace = (code) =>
    spawnSync("unshare", ["--user", "--map-root-user", "sh", "-c", code], {
      cwd: www,
      env: { ...process.env, PATH: folder + delimiter + process.env.PATH },
      encoding: "utf8",
      timeout: 60_000,
    });
  const limit = "echo 20 > /proc/sys/fs/inotify/max_user_watches";
  if (inNamespace(limit).status !== 0) {
    return t.skip("NOT RUN: this system has no user namespaces");
  }
  const { status, stderr } = inNamespace(
    `${limit} && exec "${process.execPath}" node_modules/vite/bin/vite.js --port 0`,
  );
  assert.equal(status, 1, stderr);
  assert.match(
    stderr,
    /cannot watch more files.*\n.*fs\.inotify\.max_user_watches=/,
  );
});
