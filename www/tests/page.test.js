import { expect, test } from "@playwright/test";
test("x", async ({ page }) => {
  await page.goto(`http://localhost:${process.env.PAGE_PORT}/any/path/`);
  await expect(page.locator("#status")).toContainText("272 numbers");
  await page.screenshot({ path: `/tmp/shot-${test.info().project.name}.png`, fullPage: true });
});
