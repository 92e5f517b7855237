// The package as its users get it, and fresh projects that have it installed.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = fileURLToPath(new URL(".", import.meta.url));
export const root = join(here, "../..");
export const pkg = join(root, "wasm-client/pkg");
/** Of packages with more than a handful of dependencies, which only `--all` needs. */
export const frameworks = join(here, "frameworks");
/** Of packages for Cloudflare that ask for older versions than those. */
export const cloudflare = join(here, "cloudflare");
// Inside the repository: Next.js follows no link that leads out of it.
export const work = join(root, "target/consumers");

/** Where `pack` put the tarball. */
export const tarball = () =>
  join(
    work,
    readdirSync(work).find((name) => name.endsWith(".tgz")),
  );

export const npm = (args, cwd) =>
  execFileSync(
    "npm",
    [...args, "--ignore-scripts", "--no-audit", "--loglevel=error"],
    { cwd, encoding: "utf8" },
  );

/** Empties the work folder, packs the package that is built, installs it there, and returns the tarball's path. */
export function pack() {
  rmSync(work, { recursive: true, force: true });
  const installed = join(work, "installed");
  mkdirSync(installed, { recursive: true });
  // An array, but from npm 12 on an object with the packages' names.
  const [{ filename }] = Object.values(
    JSON.parse(npm(["pack", "--json", "--pack-destination", work], pkg)),
  );
  writeFileSync(join(installed, "package.json"), "{}");
  npm(["install", "--offline", join(work, filename)], installed);
  for (const tools of [here, frameworks, cloudflare]) {
    mkdirSync(projects(tools));
    symlinkSync(
      join(tools, "node_modules"),
      join(projects(tools), "node_modules"),
      "junction",
    );
  }
  return join(work, filename);
}

const projects = (tools) =>
  join(work, tools === here ? "quick" : basename(tools));

/** A new project with the package installed and the programs in app/, which finds the tools of that folder. */
export function project(name, tools = here) {
  const dir = join(projects(tools), name.replaceAll(/\W+/g, "-"));
  cpSync(join(work, "installed/node_modules"), join(dir, "node_modules"), {
    recursive: true,
  });
  cpSync(join(here, "app"), dir, { recursive: true });
  write(dir, {
    "package.json": `{ "private": true, "type": "module", "dependencies": { "fresh-wasm": "*" } }`,
  });
  return dir;
}

/** Writes files, by their paths and texts. */
export function write(dir, files) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, ".."), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}
