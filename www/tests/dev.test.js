// The development server, in a copy of the page. Its `cargo` compiles nothing, and names the package after the source.
import { spawn } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { expect, test } from "@playwright/test";

const www = join(import.meta.dirname, "..");
const cargo = `#!${process.execPath}
import fs from "node:fs";
const [name, manifest] = ["source.rs", "package.json"].map((path) => fs.readFileSync(path, "utf8"));
fs.appendFileSync(".builds.txt", [...process.argv.slice(2), name, process.pid].join(" ") + "\\n");
if (name === "endless") setInterval(() => {}, 1000);
else if (name === "wrong") throw console.error("   Compiling common\\n\\x1b[31merror\\x1b[0m: a wrong type");
else fs.writeFileSync("wasm-client/pkg/package.json", JSON.stringify({ ...JSON.parse(manifest), name }));
`;

test.skip(({ launchOptions }) => !launchOptions.executablePath, "the browser is not installed");

test("builds at each change, shows the result or the error, and ends with its build", async ({ page }) => {
  const root = fs.mkdtempSync(join(tmpdir(), "www-dev-"));
  const at = (/** @type {string} */ path) => join(root, path);
  const builds = () => fs.readFileSync(at(".builds.txt"), "utf8").trim().split("\n");
  const endless = () => Number(builds().at(-1)?.split(" ").at(-1));
  const write = (/** @type {string} */ name) => {
    // As editors do.
    fs.writeFileSync(at(".source.rs.new"), name);
    fs.renameSync(at(".source.rs.new"), at("source.rs"));
  };
  write("first");
  fs.cpSync(join(www, "../wasm-client/pkg"), at("wasm-client/pkg"), { recursive: true });
  fs.renameSync(at("wasm-client/pkg/package.json"), at("package.json"));
  for (const name of ["index.html", "package.json", "src", "vite.config.ts"])
    fs.cpSync(join(www, name), at(`www/${name}`), { recursive: true });
  fs.mkdirSync(at("www/node_modules"));
  fs.symlinkSync(at("wasm-client/pkg"), at("www/node_modules/wasm-client"));
  fs.symlinkSync(join(www, "node_modules/vite"), at("www/node_modules/vite"));
  fs.writeFileSync(at("cargo"), cargo, { mode: 0o755 });

  let output = "";
  const vite = spawn(process.execPath, ["node_modules/vite/bin/vite.js", "--port", "0"], {
    cwd: at("www"),
    env: { ...process.env, PATH: root + delimiter + process.env.PATH, NO_COLOR: "1" },
  });
  try {
    vite.stdout.on("data", (chunk) => (output += chunk));
    await expect.poll(() => output).toMatch(/http:\S+/);
    await page.goto(output.match(/http:\S+/)?.[0] ?? "");
    await expect(page.locator("#package")).toContainText("first 0.1.0");
    expect(builds()).toEqual([expect.stringMatching(/^xtask build --dev first \d+$/)]);

    write("second");
    await expect(page.locator("#package")).toContainText("second 0.1.0");
    const overlay = page.locator("vite-error-overlay");
    write("wrong");
    await expect(overlay.getByText(/^error: a wrong type/)).toBeVisible();
    await page.reload();
    await expect(overlay.getByText(/^error: a wrong type/)).toBeVisible();
    await expect(page.locator("#package")).toContainText("second 0.1.0");
    write("second");
    await expect(overlay).toBeHidden();
    // The first, and three changes, each of which may be seen in two steps.
    expect(builds().length).toBeLessThanOrEqual(7);

    write("endless");
    await expect.poll(() => builds().at(-1)).toContain("endless");
    process.kill(endless(), 0);
  } finally {
    vite.kill("SIGINT");
  }
  await expect.poll(() => vite.exitCode).not.toBeNull();
  await expect(() => expect(() => process.kill(endless(), 0)).toThrow()).toPass();
  fs.rmSync(root, { recursive: true });
});
