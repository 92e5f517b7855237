// The built page in real browsers, used as a person would, under its policy and at an unknown path.
import { expect, test } from "@playwright/test";
import axe from "axe-core";

const url = `http://localhost:${process.env.PAGE_PORT}/any/path/`;

/** Messages that must not occur. @type {string[]} */
let complaints = [];

test.skip(({ launchOptions }) => !launchOptions.executablePath, "the browser is not installed");

test.beforeEach(async ({ page }) => {
  complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", ({ message }) => complaints.push(message));
  await page.goto(url);
});

test("greets whoever is named", async ({ page }) => {
  const output = page.getByRole("status");
  await expect(output).toHaveText("Hello, Ada!");
  await page.getByLabel("Name").fill("Zoë");
  await expect(output).toHaveText("Hello, Zoë!");
  await page.getByLabel("Name").fill("");
  await expect(output).toHaveText("No greeting: the name is empty.");
  expect(complaints).toEqual([]);
});

test("is accessible", async ({ page }) => {
  await expect(page.getByRole("status")).not.toBeEmpty();
  // The debugger runs it, so the page's policy does not apply.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate("axe.run()");
  expect(violations).toEqual([]);
});
