// Takes pictures of the page as it was last built: `npm --prefix www run build`. Those that README shows go to
// docs/screenshots, or all to the folder that the first argument names. It needs pngquant. Look at them: no test does.
import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { browsers, serve, series } from "./page.js";

const [, , chosen] = process.argv;
const folder =
  chosen ?? join(import.meta.dirname, "..", "..", "docs", "screenshots");
const desktop = { width: 1200, height: 800 };
const phone = { width: 390, height: 844 };

const error = async (page) => {
  await page.locator("#text").fill("20.5 21.5\n22 # noon\n24 2l.5\n");
  await page.getByRole("button", { name: "Show it" }).click();
};
const progress = async (page) => {
  await page.setInputFiles("#file", series(20e6));
  await page.getByText("numbers so far").waitFor();
  await page.waitForFunction(
    () => document.querySelector("progress").position > 0.4,
  );
};

const pictures = [
  { name: "light", viewport: desktop, colorScheme: "light", shown: true },
  { name: "dark", viewport: desktop, colorScheme: "dark", shown: true },
  { name: "phone", viewport: phone, colorScheme: "light" },
  { name: "error", viewport: desktop, colorScheme: "light", prepare: error },
  { name: "phone-error", viewport: phone, colorScheme: "dark", prepare: error },
  {
    name: "progress",
    viewport: desktop,
    colorScheme: "dark",
    prepare: progress,
  },
];

const browser = await browsers.find(({ name }) => name === "Chromium").launch();
mkdirSync(folder, { recursive: true });
const server = await serve();
for (const { name, shown, prepare, ...options } of pictures.filter(
  ({ shown }) => shown || chosen,
)) {
  const page = await browser.newPage(options);
  await page.goto(server.url);
  await page.locator("#status", { hasText: "272 numbers" }).waitFor();
  await prepare?.(page);
  const file = join(folder, `${name}.png`);
  writeFileSync(file, await page.screenshot({ fullPage: true }));
  // A palette of 256 colours is enough for a page, and a third of the bytes. `sudo apt-get install pngquant`
  execFileSync("pngquant", ["--force", "--strip", "--output", file, file]);
  console.log(`${file}  ${statSync(file).size} bytes`);
  await page.close();
}
await browser.close();
await server.close();
