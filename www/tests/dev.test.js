// The development server, in a copy of the page whose `cargo` only names the package after a source file.
import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { expect, test } from "@playwright/test";

const www = join(import.meta.dirname, "..");
const cargo = `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
appendFileSync("builds.txt", process.argv.slice(2).join(" ") + " " + process.pid + "\\n");
const name = readFileSync("source.rs", "utf8");
if (name === "endless") setInterval(() => {}, 1000);
else if (name === "wrong") {
  console.error("   Compiling common\\n\\x1b[31merror\\x1b[0m: a wrong type");
  process.exitCode = 101;
} else writeFileSync("wasm-client/pkg/package.json", JSON.stringify({ ...JSON.parse(readFileSync("package.json")), name }));
`;

test.skip(({ launchOptions }) => !launchOptions.executablePath, "the browser is not installed");

test("builds at each change, shows what comes of it, and leaves nothing behind", async ({ page }) => {
  const root = mkdtempSync(join(tmpdir(), "www-dev-"));
  const builds = () => readFileSync(join(root, "builds.txt"), "utf8").trim().split("\n");
  /** Writes the source as editors do. @param {string} name */
  const write = (name) => {
    writeFileSync(join(root, ".source.rs.new"), name);
    renameSync(join(root, ".source.rs.new"), join(root, "source.rs"));
  };
  cpSync(join(www, "../wasm-client/pkg"), join(root, "wasm-client/pkg"), { recursive: true });
  cpSync(join(root, "wasm-client/pkg/package.json"), join(root, "package.json"));
  for (const name of ["index.html", "package.json", "src", "vite.config.ts"])
    cpSync(join(www, name), join(root, "www", name), { recursive: true });
  mkdirSync(join(root, "www/node_modules"));
  for (const name of readdirSync(join(www, "node_modules")))
    symlinkSync(join(www, "node_modules", name), join(root, "www/node_modules", name));
  renameSync(join(root, "www/node_modules/wasm-client"), join(root, "old-link"));
  symlinkSync(join(root, "wasm-client/pkg"), join(root, "www/node_modules/wasm-client"));
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin/cargo"), cargo, { mode: 0o755 });
  write("first");

  const env = { ...process.env, PATH: join(root, "bin") + delimiter + process.env.PATH, NO_COLOR: "1" };
  const vite = spawn(process.execPath, [join(www, "node_modules/vite/bin/vite.js"), "--port", "0"], {
    cwd: join(root, "www"),
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  vite.stdout.on("data", (chunk) => (output += chunk));
  await expect.poll(() => output).toMatch(/http:\S+/);
  await page.goto(output.match(/http:\S+/)?.[0] ?? "");
  await expect(page.locator("#package")).toContainText("first 0.1.0");
  expect(builds()).toHaveLength(1);
  expect(builds()[0]).toMatch(/^xtask build --dev/);
  await page.locator("#text").fill("1 2 3");
  await expect(page.locator("#status")).toContainText("3 numbers");

  write("second");
  await expect(page.locator("#package")).toContainText("second 0.1.0");
  await expect(page.locator("#status")).toContainText("3 numbers");
  const overlay = page.locator("vite-error-overlay");
  write("wrong");
  await expect(overlay.getByText("error: a wrong type")).toBeVisible();
  await page.reload();
  await expect(overlay.getByText("error: a wrong type")).toBeVisible();
  await expect(page.locator("#package")).toContainText("second 0.1.0");
  write("second");
  await expect(overlay).toBeHidden();
  // A change may be seen in two steps.
  expect(builds().length).toBeLessThanOrEqual(7);

  write("endless");
  const pid = () => Number(builds().at(-1)?.split(" ").at(-1));
  const isRunning = () => {
    try {
      return process.kill(pid(), 0);
    } catch {
      return false;
    }
  };
  const before = builds().length;
  await expect.poll(() => builds().length > before && isRunning()).toBe(true);
  vite.kill("SIGINT");
  await expect.poll(() => vite.exitCode).not.toBeNull();
  await expect.poll(isRunning).toBe(false);
});
