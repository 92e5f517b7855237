// The browsers that the page is tested in, and the page to test: built, below a path that nothing in it knows.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

// 1.64.1: from 1.65 on, playwright asks Firefox for a command that the long-term release 153 does not have.
import { chromium, firefox } from "playwright-core";
import { preview } from "vite";

/** @import { Browser } from "playwright-core" */

/**
 * @typedef {object} Candidate
 * @property {string} name
 * @property {string[]} programs its names on PATH
 * @property {string} debian its Debian package
 * @property {(executablePath: string) => Promise<Browser>} launch
 */

/** @type {Candidate[]} */
const candidates = [
  {
    name: "Chromium",
    programs: [
      "chromium",
      "chromium-browser",
      "google-chrome-stable",
      "google-chrome",
    ],
    debian: "chromium",
    launch: (executablePath) =>
      // Chromium's sandbox does not work for root.
      chromium.launch({
        executablePath,
        chromiumSandbox: process.getuid?.() !== 0,
        args: ["--disable-gpu", "--disable-quic"],
      }),
  },
  {
    name: "Firefox",
    programs: ["firefox-esr", "firefox"],
    debian: "firefox-esr",
    // The browser as it is, by WebDriver BiDi.
    launch: (executablePath) =>
      firefox.launch({ executablePath, channel: "moz-firefox" }),
  },
];

/**
 * The first of some programs that is on PATH.
 * @param {string[]} programs
 */
export function find(programs) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return programs
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(existsSync);
}

/**
 * Installs a Debian package, where that is possible.
 * @param {string} name
 */
export function install(name) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync("/usr/bin/apt-get")) return;
  console.error(`installing Debian's ${name} (as root, by apt-get)`);
  try {
    execFileSync("apt-get", ["update", "-qq"], { stdio: ["ignore", 2, 2] });
    execFileSync(
      "apt-get",
      ["install", "--yes", "-qq", "--no-install-recommends", name],
      {
        stdio: ["ignore", 2, 2],
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      },
    );
  } catch {
    console.error(`apt-get could not install ${name}`);
  }
}

/** All browsers; `skip` says of one that is not to be had why, and what to do. */
export const browsers = candidates.map(({ name, programs, debian, launch }) => {
  if (!find(programs)) install(debian);
  const program = find(programs);
  const skip = program
    ? false
    : `NOT RUN: there is no ${name} here; \`sudo apt-get install ${debian}\` installs it`;
  if (skip) console.error(skip);
  return { name, skip, launch: () => launch(/** @type {string} */ (program)) };
});

/** Serves what `vite build` made; the path is not the one it was built for. */
export async function serve() {
  const server = await preview({
    configFile: join(import.meta.dirname, "..", "vite.config.ts"),
    root: join(import.meta.dirname, ".."),
    base: "/any/path/",
    preview: { port: 0, host: "127.0.0.1" },
    logLevel: "error",
  });
  const [url] = server.resolvedUrls?.local ?? [];
  if (!url) throw new Error("the preview server has no address");
  return { url, close: () => server.close() };
}
