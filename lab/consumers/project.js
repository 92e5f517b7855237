// The package as its users get it, and fresh projects that have it installed.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = fileURLToPath(new URL(".", import.meta.url));
export const root = join(here, "../..");
export const work = mkdtempSync(join(tmpdir(), "consumers-"));

const npm = (args, cwd) =>
  execFileSync(
    "npm",
    [
      ...args,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ],
    {
      cwd,
      encoding: "utf8",
    },
  );

/** Packs the package that is built, and returns the tarball's path. */
export function pack() {
  const [{ filename }] = JSON.parse(
    npm(
      ["pack", "--json", "--pack-destination", work],
      join(root, "wasm-client/pkg"),
    ),
  );
  return join(work, filename);
}

/** The digest that the built package's module carries: what every consumer has to find. */
export function expected() {
  const info = JSON.parse(
    readFileSync(join(root, "wasm-client/pkg/build-info.json"), "utf8"),
  );
  return info.crates["wasm-client"];
}

/** A new project with the tarball installed and the program in app/. */
export function project(name, tarball) {
  const dir = join(work, name);
  mkdirSync(dir);
  writeFileSync(
    join(dir, "package.json"),
    JSON.stringify({ private: true, type: "module" }),
  );
  npm(["install", "--offline", tarball], dir);
  cpSync(join(here, "app"), dir, { recursive: true });
  return dir;
}

/** A page that starts one script; its name is the script's. */
export function page(dir, script, src = `./${script}.js`) {
  const html = `<!doctype html>\n<title>${script}</title>\n<script type="module" src="${src}"></script>\n`;
  writeFileSync(join(dir, `${script}.html`), html);
  return join(dir, `${script}.html`);
}
