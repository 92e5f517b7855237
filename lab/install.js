// What a folder of the lab needs from npm, before anything is imported from there.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Installs what the package-lock.json beside a module names, unless the same is there; no package's script runs.
 * @param {string} url the module's
 */
export function install(url) {
  const folder = fileURLToPath(new URL(".", url));
  const lock = `${folder}package-lock.json`;
  const installed = `${folder}node_modules/.installed-lock.json`;
  if (
    existsSync(installed) &&
    readFileSync(installed).equals(readFileSync(lock))
  ) {
    return;
  }
  console.error(`installing ${folder}node_modules, from package-lock.json`);
  execFileSync(
    "npm",
    "ci --ignore-scripts --no-audit --no-fund --loglevel=error".split(" "),
    { cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
  );
  copyFileSync(lock, installed);
}
