// Takes the pictures in docs/screenshots of the page as it was last built: `npm --prefix www run build`. Look at them: no
// test does.
import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { browsers, find, install, serve } from "../../www/tests/browsers.js";
import { series } from "../../www/tests/series.js";

const folder = join(import.meta.dirname, "..", "..", "docs", "screenshots");
const desktop = { width: 1200, height: 800 };

/** @import { BrowserContextOptions, Page } from "playwright-core" */

/** @type {{ name: string, options: BrowserContextOptions, prepare?: (page: Page) => Promise<unknown> }[]} */
const pictures = [
  { name: "light", options: { viewport: desktop, colorScheme: "light" } },
  { name: "dark", options: { viewport: desktop, colorScheme: "dark" } },
  {
    name: "phone",
    options: { viewport: { width: 390, height: 844 }, colorScheme: "light" },
  },
  {
    name: "error",
    options: { viewport: desktop, colorScheme: "light" },
    prepare: async (page) => {
      await page.locator("#text").fill("20.5 21.5\n22 # noon\n24 2l.5\n");
      await page.getByRole("button", { name: "Show it" }).click();
    },
  },
  {
    name: "progress",
    options: { viewport: desktop, colorScheme: "dark" },
    prepare: async (page) => {
      await page.setInputFiles("#file", series(20e6));
      await page.getByText("numbers so far").waitFor();
      const bar = page.locator("progress");
      while (
        (await bar.evaluate(
          (/** @type {HTMLProgressElement} */ bar) => bar.position,
        )) < 0.4
      );
    },
  },
];

const [browser] = browsers;
if (!browser || browser.skip) process.exit(1);
if (!find(["pngquant"])) install("pngquant");
if (!find(["pngquant"])) {
  console.error("pngquant is needed: `sudo apt-get install pngquant`");
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const server = await serve();
const running = await browser.launch();
for (const { name, options, prepare } of pictures) {
  const page = await running.newPage(options);
  await page.goto(server.url);
  await page.getByText("272 numbers").waitFor();
  await prepare?.(page);
  const picture = await page.screenshot({ fullPage: true });
  const file = join(folder, `${name}.png`);
  writeFileSync(file, picture);
  // A palette of 256 colours is enough for a page, and a third of the bytes.
  execFileSync("pngquant", ["--force", "--strip", "--output", file, file]);
  console.log(`docs/screenshots/${name}.png  ${statSync(file).size} bytes`);
  await page.close();
}
await running.close();
await server.close();
