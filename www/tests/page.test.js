// The built page in real browsers, as a person uses it; below a path that nothing in it knows, under its policy.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "@playwright/test";

const url = `http://localhost:${process.env.PAGE_PORT}/any/path/`;
const axe = readFileSync(join(import.meta.dirname, "../node_modules/axe-core/axe.min.js"), "utf8");

/** What must not happen. @type {string[]} */
let complaints = [];

/** @typedef {import("@playwright/test").Page} Page */

/** @param {Page} page @param {string} text */
const status = (page, text) => expect(page.locator("#status")).toContainText(text);

/** @param {Page} page @param {string | RegExp} text */
const alert = (page, text) => expect(page.getByRole("alert").locator("p")).toContainText(text);

/** @param {Page} page @param {string} row @param {string} value */
const value = (page, row, value) =>
  expect(page.getByRole("row", { name: row, exact: false }).getByRole("cell")).toHaveText(value);

/** Drops a file that repeats a text. @param {Page} page @param {string} text @param {number} times */
async function drop(page, text, times, end = "") {
  const dataTransfer = await page.evaluateHandle(
    ({ text, times, end }) => {
      const data = new DataTransfer();
      data.items.add(new File([...Array(times).fill(new Blob([text])), end], "dropped.csv"));
      return data;
    },
    { text, times, end },
  );
  await page.dispatchEvent("main", "drop", { dataTransfer });
}

test.skip(({ launchOptions }) => !launchOptions.executablePath, "the browser is not installed");

test.beforeEach(async ({ page }) => {
  complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) complaints.push(`asks ${request.url()}`);
  });
  page.on("requestfailed", (request) => complaints.push(`does not get ${request.url()}`));
  page.on("response", (response) => {
    if (!response.ok()) complaints.push(`gets ${response.status()} for ${response.url()}`);
  });
  await page.goto(url);
  await status(page, "272 numbers");
});

test("describes the sample as R does, without a complaint", async ({ page }) => {
  // summary(faithful$eruptions), sd() and var() in R 4.
  const expected = ["272", "1.6", "2.16275", "4", "4.45425", "5.1", "3.487783", "1.141371", "1.302728"];
  await expect(page.locator("#summary").getByRole("cell")).toHaveText(expected);
  await expect(page.getByRole("img", { name: /^Histogram of 30 bins from 1.6 to 5.1\./ })).toBeVisible();
  const { name, version } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../wasm-client/pkg/package.json"), "utf8"),
  );
  const { profile, digest } = (await import("wasm-client")).buildInfo();
  const about = page.locator("#package");
  await expect(about).toContainText(`${name} ${version}, ${profile}`);
  await expect(about).toContainText(`built from ${digest?.slice(0, 12)}`);
  expect(complaints).toEqual([]);
});

test("shows where an error is, and keeps what was there", async ({ page }) => {
  await page.locator("#text").fill("1 2\n3 äh 4\n");
  await alert(page, "Line 2, column 3: “äh” is not a finite number.");
  await value(page, "Count", "272");
  await page.getByRole("button", { name: "Show it" }).click();
  expect(await page.evaluate(() => getSelection()?.toString())).toBe("äh");
  await page.locator("#text").fill("1 2\n3 4\n");
  await status(page, "4 numbers");
  await expect(page.getByRole("alert")).toBeHidden();
  await page.locator("#text").fill("# nothing");
  await alert(page, "No result: the series is empty.");
  await page.reload();
  await expect(page.locator("#text")).toHaveValue("# nothing");
});

test("reads large files piece by piece, and stops when it is told to", async ({ page }) => {
  const line = "1.25 2.5 3.75\r\n";
  await drop(page, line.repeat(8000), 100);
  await status(page, "2,400,000 numbers from dropped.csv");
  await value(page, "Mean", "2.5");
  await drop(page, line.repeat(8000), 100, "1 2,5 x\r\n");
  await alert(page, "dropped.csv, line 800,001, column 7: “x” is not a finite number.");
  await drop(page, line.repeat(80_000), 500);
  await expect(page.getByText("numbers so far, their mean is")).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await status(page, "Cancelled reading dropped.csv; the result is that of before");
  await expect(page.locator("progress")).toBeHidden();
  await value(page, "Count", "2,400,000");
  await page.getByLabel("Open file").setInputFiles({
    name: "chosen.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("10 20 30"),
  });
  await status(page, "3 numbers from chosen.txt");
});

test("works from the keyboard", async ({ page }) => {
  await page.locator("#text").focus();
  for (const next of ["#file", "#sample", "#clear", "#bins", "summary"]) {
    await page.keyboard.press("Tab");
    await expect(page.locator(next)).toBeFocused();
  }
  await page.keyboard.press("Enter");
  await page.locator("#clear").focus();
  await page.keyboard.press("Enter");
  await status(page, "No numbers yet");
  await page.keyboard.type("5 6 7");
  await status(page, "3 numbers");
  await page.locator("#bins").focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("img", { name: "Histogram of 29 bins" })).toBeVisible();
  await expect(page.locator("details").getByRole("row")).toHaveCount(30);
});

test("shows an error of its own", async ({ page }) => {
  await page.evaluate(() => void setTimeout(() => Promise.reject(new Error("a bug"))));
  await alert(page, "Something went wrong that should not: Error: a bug");
});

for (const [colorScheme, width] of /** @type {["light" | "dark", number][]} */ ([
  ["light", 1200],
  ["dark", 1200],
  ["light", 360],
])) {
  test(`is accessible: ${colorScheme}, ${width} pixels wide`, async ({ page, browserName }) => {
    // Firefox cannot be told a colour scheme by this protocol: it is always the dark one there.
    if (browserName === "chromium") await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await page.getByText("Counts as a table").click();
    await page.locator("#text").fill("1 2 x");
    await alert(page, "Line 1, column 5");
    // Run by the debugger, which the page's policy does not bind.
    await page.evaluate(axe);
    const findings = await page.evaluate(async () => {
      const { violations } = await /** @type {any} */ (window).axe.run();
      return JSON.stringify(violations, null, 1);
    });
    expect(findings).toBe("[]");
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
  });
}

test("is bound by its policy", async ({ page }) => {
  const refused = page.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
        const script = document.createElement("script");
        script.textContent = "document.title = 'run'";
        document.body.append(script);
      }),
  );
  expect(await refused).toBe("script-src-elem");
  await expect(page).not.toHaveTitle("run");
});
