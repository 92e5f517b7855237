// The development server never serves an old package, whatever the times of its files, and shows what does not compile.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";

import { browsers } from "./browsers.js";

/** @import { ChildProcess } from "node:child_process" */
/** @import { Browser, Page } from "playwright-core" */

const page = join(import.meta.dirname, "..");
const built = dirname(fileURLToPath(import.meta.resolve("wasm-client")));
const [{ skip, launch }] = /** @type {[typeof browsers[number]]} */ (browsers);

describe("the development server", { skip, concurrency: false }, () => {
  /** A copy of the page, with a package beside it that the tests may change. */
  const root = mkdtempSync(join(tmpdir(), "www-dev-"));
  const folder = join(root, "wasm-client", "pkg");
  /** @type {ChildProcess} */
  let vite;
  /** @type {Browser} */
  let browser;
  /** @type {Page} */
  let tab;

  before(async () => {
    cpSync(built, folder, { recursive: true });
    const copy = join(root, "www");
    for (const name of [
      "index.html",
      "package.json",
      "public",
      "src",
      "vite",
      "vite.config.ts",
    ]) {
      cpSync(join(page, name), join(copy, name), { recursive: true });
    }
    mkdirSync(join(copy, "node_modules"));
    for (const name of readdirSync(join(page, "node_modules"))) {
      const target =
        name === "wasm-client" ? folder : join(page, "node_modules", name);
      symlinkSync(target, join(copy, "node_modules", name));
    }
    const program = join(page, "node_modules", "vite", "bin", "vite.js");
    vite = spawn(
      process.execPath,
      [program, "--port", "0", "--host", "127.0.0.1"],
      {
        cwd: copy,
        env: { ...process.env, XTASK_DEV: "1", NO_COLOR: "1" },
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    /** @type {string} */
    const url = await new Promise((resolve, reject) => {
      vite.once("exit", () =>
        reject(new Error("the development server does not start")),
      );
      createInterface(/** @type {NodeJS.ReadableStream} */ (vite.stdout)).on(
        "line",
        (line) => {
          const [found] = line.match(/http:\S+/) ?? [];
          if (found) resolve(found);
        },
      );
    });
    browser = await launch();
    tab = await browser.newPage();
    await tab.goto(url);
    await tab.locator("#status", { hasText: "272 numbers" }).waitFor();
  });
  after(async () => {
    await browser?.close();
    const ended = new Promise((resolve) => vite.once("exit", resolve));
    vite.stdin?.end();
    await ended;
    rmSync(root, { recursive: true });
  });

  /** @param {unknown} message */
  const tell = (message) => vite.stdin?.write(`${JSON.stringify(message)}\n`);

  /** @param {string} text */
  const corner = (text) => tab.locator("#package", { hasText: text }).waitFor();

  /**
   * Puts another package in its place, as `cargo xtask` does; each file has the size and the time of the one before.
   * @param {(bytes: Buffer) => void} edit
   * @param {string} name of the file to edit; by default the module
   */
  function exchange(edit, name = "glue_bg.wasm") {
    const next = join(root, "wasm-client", ".pkg-next");
    cpSync(folder, next, { recursive: true });
    const edited = join(next, name);
    const bytes = readFileSync(edited);
    edit(bytes);
    writeFileSync(edited, bytes);
    for (const folder of [
      next,
      ...readdirSync(next).map((name) => join(next, name)),
    ])
      utimesSync(folder, 1e9, 1e9);
    renameSync(folder, join(root, "wasm-client", ".pkg-old"));
    renameSync(next, folder);
    rmSync(join(root, "wasm-client", ".pkg-old"), { recursive: true });
  }

  /**
   * Another digest of the same length in the module.
   * @param {Buffer} bytes
   * @param {string} digits
   */
  function answer(bytes, digits) {
    const at = bytes.indexOf(digest);
    assert.notEqual(at, -1);
    digest = digits.repeat(64).slice(0, 64);
    bytes.write(digest, at);
  }
  let digest = "";

  test("brings a new package into the page, which keeps its input", async () => {
    const { buildInfo } = await import("wasm-client");
    digest = buildInfo().digest ?? "";
    await tab.locator("#text").fill("1 2 3");
    await tab.locator("#status", { hasText: "3 numbers" }).waitFor();
    for (const digits of ["0123456789ab", "fedcba987654", "00112233aabb"]) {
      exchange((bytes) => answer(bytes, digits));
      await corner(digits);
    }
    assert.equal(await tab.locator("#text").inputValue(), "1 2 3");
    await tab.locator("#status", { hasText: "3 numbers" }).waitFor();
  });

  test("brings new JavaScript into the page as well", async () => {
    const name = /(?<="name": ")[^"]+/;
    let renamed = "";
    exchange((bytes) => {
      const text = bytes.toString();
      bytes.write(
        text.replace(name, (old) => (renamed = old.replace(/[a-z]/g, "x"))),
      );
    }, "package.json");
    await corner(renamed);
  });

  test("serves the new package to a page that is loaded again", async () => {
    exchange((bytes) => answer(bytes, "abababababab"));
    await tab.reload();
    await corner("abababababab");
  });

  test("shows what does not compile, keeps the package, and takes the words away", async () => {
    await tab.locator("#text").fill("1 2 3 4");
    await tab.locator("#status", { hasText: "4 numbers" }).waitFor();
    tell({ error: "\u001b[31merror[E0308]: mismatched types\u001b[0m" });
    const overlay = tab.locator("vite-error-overlay");
    await overlay.getByText("error[E0308]: mismatched types").waitFor();
    await corner("abababababab");
    tell({ built: true });
    await overlay.waitFor({ state: "detached" });
    await tab.locator("#status", { hasText: "4 numbers" }).waitFor();

    tell({ error: "error: expected `;`" });
    await overlay.waitFor();
    await tab.reload();
    await overlay.getByText("expected `;`").waitFor();
    exchange((bytes) => answer(bytes, "cdcdcdcdcdcd"));
    tell({ built: true });
    await overlay.waitFor({ state: "detached" });
    await corner("cdcdcdcdcdcd");
  });

  test("says whether the package is what the sources say", async () => {
    // There are no sources beside this copy, so it cannot be.
    await tab.locator("#package .stale", { hasText: "do not match" }).waitFor();
  });
});
