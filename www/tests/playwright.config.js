// The browsers that the page is tested in: those of the system, since Playwright's own have to be downloaded.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { defineConfig } from "@playwright/test";

const folders = (process.env.PATH ?? "").split(delimiter);
const find = (/** @type {string[]} */ ...names) =>
  names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));

const chromium = {
  executablePath: find("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"),
  // Chromium's sandbox does not work for root.
  chromiumSandbox: process.getuid?.() !== 0,
};
const firefox = {
  executablePath: find("firefox-esr", "firefox"),
  // Dark, since Playwright cannot set its colour scheme.
  firefoxUserPrefs: { "layout.css.prefers-color-scheme.content-override": 0 },
};
// The installed Firefox, by WebDriver BiDi. Playwright 1.65 asks for a command that the long-term release 153 lacks.
const bidi = {
  browserName: /** @type {const} */ ("firefox"),
  channel: "moz-firefox",
  launchOptions: firefox,
};

// Prints last, and only once, what was not run: each worker reads this file as well.
const missing = Object.entries({ chromium, "firefox-esr": firefox }).filter(([, at]) => !at.executablePath);
const lines = missing.map(([name]) => `NOT RUN: the page in ${name}: run \`sudo apt-get install ${name}\``);
if (!process.env.TEST_WORKER_INDEX) process.on("exit", () => lines.forEach((line) => console.log(line)));

export default defineConfig({
  projects: [
    { name: "Node.js", testMatch: "node.test.js" },
    { name: "Chromium", testMatch: "page.test.js", use: { launchOptions: chromium } },
    { name: "Firefox", testMatch: "page.test.js", use: bidi },
  ],
  outputDir: "../node_modules/.test-results",
  reporter: "list",
  // A busy machine may slow a browser down a lot.
  timeout: 180_000,
  expect: { timeout: 60_000 },
  workers: 1,
  // The page has to work below any path.
  webServer: {
    command: "npx vite preview --base /any/path/ --port 0",
    cwd: join(import.meta.dirname, ".."),
    wait: { stdout: /localhost:(?<page_port>\d+)/ },
  },
});
