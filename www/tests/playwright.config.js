// The browsers that the page is tested in: those of the system, since Playwright's own have to be downloaded.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { defineConfig } from "@playwright/test";

const folders = (process.env.PATH ?? "").split(delimiter);

/** @type {(...names: string[]) => string | undefined} */
const find = (...names) =>
  names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));

/** @type {import("@playwright/test").Project[]} */
const browsers = [
  {
    name: "Chromium",
    testMatch: ["page.test.js", "dev.test.js"],
    metadata: { install: "sudo apt-get install chromium" },
    use: {
      browserName: "chromium",
      launchOptions: {
        executablePath: find("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"),
        // Chromium's sandbox does not work for root.
        chromiumSandbox: process.getuid?.() !== 0,
      },
    },
  },
  {
    name: "Firefox",
    testMatch: "page.test.js",
    metadata: { install: "sudo apt-get install firefox-esr" },
    // Firefox as it is, by WebDriver BiDi. Playwright 1.65 asks for a command that the long-term release 153 lacks.
    use: {
      browserName: "firefox",
      channel: "moz-firefox",
      launchOptions: {
        executablePath: find("firefox-esr", "firefox"),
        // Dark.
        firefoxUserPrefs: { "layout.css.prefers-color-scheme.content-override": 0 },
      },
    },
  },
];

/** Of the browsers that are not there: what was not run, and what installs it. */
const missing = browsers
  .filter(({ use }) => !use?.launchOptions?.executablePath)
  .map(
    ({ name, metadata }) => `NOT RUN: the page in ${name}, which is not installed: \`${metadata?.install}\``,
  );
if (!process.env.TEST_WORKER_INDEX) process.on("exit", () => missing.forEach((line) => console.log(line)));

export default defineConfig({
  projects: [{ name: "Node.js", testMatch: "node.test.js" }, ...browsers],
  outputDir: "../node_modules/.test-results",
  reporter: "list",
  timeout: 60_000,
  // Browsers and compilers share few processors with whatever else runs.
  workers: 1,
  expect: { timeout: 30_000 },
  webServer: {
    // Below a path that nothing in the page knows.
    command: "npx vite preview --base /any/path/ --port 0",
    cwd: join(import.meta.dirname, ".."),
    wait: { stdout: /localhost:(?<page_port>\d+)/ },
  },
});
