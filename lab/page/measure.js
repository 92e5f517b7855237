// Measures what the page, as it was last built (`npm --prefix www run build`), does with 50 million numbers, or as many as
// the first argument says: time, memory, longest task.
import { readFileSync, readdirSync, statSync } from "node:fs";

import { browsers, serve, series } from "./page.js";

const count = Number(process.argv[2] ?? 50e6);
const file = series(count);
const server = await serve();
console.log(`${count} numbers, ${statSync(file).size} bytes`);

for (const { name, launch } of browsers) {
  const strangers = processes();
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.locator("#status", { hasText: "272 numbers" }).waitFor();
  const idle = memory(strangers);
  await page.evaluate(() => {
    const seen = { longest: 0 };
    Object.assign(window, { seen });
    if (!PerformanceObserver.supportedEntryTypes.includes("longtask"))
      seen.longest = NaN;
    else
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries())
          seen.longest = Math.max(seen.longest, duration);
      }).observe({ type: "longtask" });
  });
  let most = 0;
  const watch = setInterval(
    () => (most = Math.max(most, memory(strangers))),
    100,
  );
  const start = performance.now();
  await page.setInputFiles("#file", file);
  const text = new Intl.NumberFormat("en").format(count);
  await page
    .locator("#status", { hasText: text })
    .waitFor({ timeout: 300_000 });
  const seconds = (performance.now() - start) / 1000;
  clearInterval(watch);
  const longest = await page.evaluate(() => window.seen.longest);
  console.log(
    `${name} ${browser.version()}: ${seconds.toFixed(1)} s, ` +
      `memory ${mebibytes(idle)} idle and ${mebibytes(most)} at most, ` +
      (Number.isNaN(longest)
        ? "no record of long tasks"
        : `longest task over 50 ms: ${longest} ms`),
  );
  console.log(await page.locator("#summary").innerText());
  await browser.close();
}
await server.close();

function mebibytes(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function processes() {
  return new Set(readdirSync("/proc").filter((name) => /^\d+$/.test(name)));
}

/** The resident memory, each shared page counted in proportion, of all browser processes that came after the given. */
function memory(strangers) {
  let sum = 0;
  for (const process of processes()) {
    if (strangers.has(process)) continue;
    try {
      if (
        !/chrom|firefox/i.test(readFileSync(`/proc/${process}/cmdline`, "utf8"))
      )
        continue;
      const [, kibibytes] =
        readFileSync(`/proc/${process}/smaps_rollup`, "utf8").match(
          /^Pss:\s+(\d+)/m,
        ) ?? [];
      sum += Number(kibibytes ?? 0) * 1024;
    } catch {
      // It has ended.
    }
  }
  return sum;
}
