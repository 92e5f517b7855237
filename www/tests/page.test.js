// The built page in real browsers, used as a person would, under its policy and at an unknown path.
import { expect, test } from "@playwright/test";
import axe from "axe-core";
import { buildInfo } from "wasm-client";
import manifest from "wasm-client/package.json" with { type: "json" };

const url = `http://localhost:${process.env.PAGE_PORT}/any/path/`;

/** @typedef {import("@playwright/test").Page} Page */

/** @param {Page} page @param {string} text */
const status = (page, text) => expect(page.locator("#status")).toContainText(text);

/** @param {Page} page @param {string} text */
const alert = (page, text) => expect(page.getByRole("alert").locator("p")).toContainText(text);

/** @param {Page} page @param {string} name @param {string} value */
const row = (page, name, value) => expect(page.getByRole("row", { name }).locator("td")).toHaveText(value);

/** Drops a file that repeats a text. @param {Page} page @param {[string, number, string?]} content */
const drop = (page, ...content) =>
  page.evaluate(([text, times, end = ""]) => {
    const dataTransfer = new DataTransfer();
    const parts = [...Array(times).fill(new Blob([text])), end];
    dataTransfer.items.add(new File(parts, "dropped.csv"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
  }, content);

/** Messages and requests that must not occur. @type {string[]} */
let complaints = [];

test.skip(({ launchOptions }) => !launchOptions.executablePath, "the browser is not installed");

test.beforeEach(async ({ page }) => {
  complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("requestfinished", (request) => request.url().startsWith(url) || complaints.push(request.url()));
  await page.goto(url);
  await status(page, "272 numbers");
});

test("describes the sample as R does, without a complaint", async ({ page }) => {
  // summary(faithful$eruptions), sd() and var() in R 4.
  const expected = ["272", "1.6", "2.16275", "4", "4.45425", "5.1", "3.487783", "1.141371", "1.302728"];
  await expect(page.locator("#summary").getByRole("cell")).toHaveText(expected);
  await expect(page.getByRole("img", { name: "Histogram of 30 bins from 1.6 to 5.1." })).toBeVisible();
  const { version, profile, moduleDigest } = buildInfo();
  await expect(page.locator("#package")).toContainText(`${manifest.name} ${version}, ${profile}`);
  await expect(page.locator("#package")).toContainText(`built from ${moduleDigest?.slice(0, 12)}`);
  expect(complaints).toEqual([]);
});

test("shows where an error is, and keeps what was there", async ({ page }) => {
  await page.locator("#text").fill("1 2\n3 äh 4\n");
  await alert(page, "Line 2, column 3: “äh” is not a finite number.");
  await row(page, "Count", "272");
  await page.getByRole("button", { name: "Show it" }).click();
  expect(await page.evaluate(() => getSelection()?.toString())).toBe("äh");
  await page.locator("#text").fill("1 2\n3 4\n");
  await status(page, "4 numbers");
  await expect(page.getByRole("alert")).toBeHidden();
  await page.locator("#text").fill("# nothing");
  await alert(page, "No result: the series is empty.");
  await page.reload();
  await expect(page.locator("#text")).toHaveValue("# nothing");
  // Otherwise the first result might come after the bug.
  await alert(page, "No result: the series is empty.");
  await page.evaluate(() => void setTimeout(() => Promise.reject(new Error("a bug"))));
  await alert(page, "Unexpected error: Error: a bug");
});

test("reads large files piece by piece, and stops when it is told to", async ({ page }) => {
  const lines = "1.25 2.5 3.75\r\n".repeat(8000);
  await drop(page, lines, 100);
  await status(page, "2,400,000 numbers from dropped.csv");
  await row(page, "Mean", "2.5");
  await drop(page, lines, 100, "1 2,5 x\r\n");
  await alert(page, "dropped.csv, line 800,001, column 7: “x” is not a finite number.");
  await drop(page, lines, 5000);
  await expect(page.getByText("numbers so far, their mean is")).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await status(page, "Cancelled reading dropped.csv; the previous result is still shown");
  await expect(page.locator("progress")).toBeHidden();
  await row(page, "Count", "2,400,000");
  const chosen = { name: "chosen.txt", mimeType: "text/plain", buffer: Buffer.from("10 20 30") };
  await page.getByLabel("Open file").setInputFiles(chosen);
  await status(page, "3 numbers from chosen.txt");
});

test("works from the keyboard", async ({ page }) => {
  await page.getByLabel("Numbers separated by").focus();
  for (const next of ["#file", "#sample", "#clear", "#bins", "summary"]) {
    await page.keyboard.press("Tab");
    await expect(page.locator(next)).toBeFocused();
  }
  await page.keyboard.press("Enter");
  await page.locator("#clear").press("Enter");
  await status(page, "No numbers yet");
  await page.keyboard.type("5 6 7");
  await status(page, "3 numbers");
  await page.getByLabel("Bins: 30").press("ArrowLeft");
  await expect(page.getByRole("img", { name: "Histogram of 29 bins" })).toBeVisible();
  await expect(page.locator("details").getByRole("row")).toHaveCount(30);
});

for (const width of [360, 1200]) {
  test(`is accessible, ${width} pixels wide`, async ({ page, browserName }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.getByText("Counts as a table").click();
    await page.locator("#text").fill("1 2 x");
    await alert(page, "Line 1, column 5");
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    // The debugger runs it, so the page's policy does not apply.
    await page.evaluate(axe.source);
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      // Playwright cannot set Firefox's colour scheme: it is always dark, by playwright.config.js.
      if (browserName === "chromium") await page.emulateMedia({ colorScheme });
      const { violations } = await page.evaluate("axe.run()");
      expect(violations, colorScheme).toEqual([]);
    }
  });
}

test("is bound by its policy", async ({ page }) => {
  // In Chromium it throws, in Firefox it does not.
  await page.addScriptTag({ content: "document.title = 'run'" }).catch(() => {});
  await expect.poll(() => complaints.join("\n")).toContain("script-src");
  await expect(page).toHaveTitle("Numbers, described");
});
