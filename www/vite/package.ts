// Keeps the development server from ever serving an old package. Vite remembers modules by their files' times, and
// watches a folder that `cargo xtask` exchanges as a whole; here the files' content decides.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  readFileSync,
  readdirSync,
  realpathSync,
  watch,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";

import { normalizePath, type Plugin, type ViteDevServer } from "vite";

import manifest from "../package.json" with { type: "json" };

/** What the page is built on; its name stands in package.json alone. */
const { dependencies } = manifest;
export const [packageName] = Object.keys(dependencies) as [
  keyof typeof dependencies,
];

const page = resolve(import.meta.dirname, "..");
const folder = resolve(page, dependencies[packageName].replace("file:", ""));

/** What `cargo xtask dev` tells, a line of JSON for each build. */
type Build = { built: true } | { error: string };

export function freshPackage(): Plugin {
  return {
    name: "fresh-package",
    apply: "serve",
    config: () => ({
      // Neither bundled ahead nor watched by Vite: both go by names and times.
      optimizeDeps: { exclude: [packageName] },
      server: {
        fs: { allow: [page, folder] },
        watch: { ignored: [`${normalizePath(folder)}/**`] },
      },
    }),
    configureServer,
  };
}

function configureServer(server: ViteDevServer) {
  const { hot, moduleGraph } = server.environments.client;
  let served = digest();
  let failed: string | undefined;

  /** Forgets the old package's modules and tells the page, if there is another package. */
  const refresh = () => {
    const found = digest();
    if (found === served || !found) return;
    served = found;
    const root = normalizePath(realpathSync(folder));
    for (const module of moduleGraph.idToModuleMap.values()) {
      if (module.file?.startsWith(`${root}/`))
        moduleGraph.invalidateModule(module);
    }
    hot.send("package:new");
    compare();
  };

  const compare = () => {
    execFile(
      "cargo",
      ["xtask", "verify"],
      // What cargo says of the program is nothing to the page.
      {
        cwd: dirname(page),
        env: { ...process.env, CARGO_TERM_QUIET: "true" },
      },
      (error, stdout, stderr) =>
        hot.send("package:sources", {
          fresh: !error,
          said: (stdout + stderr).trim(),
        }),
    );
  };

  /** Puts the compiler's words over the page, or takes them away: any update does, if not the first of a page. */
  const showState = () => {
    if (failed === undefined) return hot.send({ type: "update", updates: [] });
    const err = { message: failed, stack: "", plugin: "cargo build" };
    hot.send({ type: "error", err });
  };

  hot.on("package:compare", () => {
    showState();
    compare();
  });

  server.middlewares.use((request, _response, next) => {
    const purpose = request.headers["sec-fetch-dest"] ?? "document";
    if (purpose === "document" || purpose === "worker") refresh();
    // Asset files are answered for by size and time, which another package may share.
    if (decodeURI(request.url ?? "").includes(normalizePath(folder)))
      delete request.headers["if-none-match"];
    next();
  });

  // The folder above: the package itself is exchanged, and a watch on it would follow the old one.
  const above = dirname(folder);
  const watcher =
    existsSync(above) &&
    watch(above, (_, name) => name === basename(folder) && refresh());
  server.httpServer?.on("close", () => watcher && watcher.close());

  if (process.env.XTASK_DEV) {
    createInterface(process.stdin)
      .on("line", (line) => {
        const build = JSON.parse(line) as Build;
        failed =
          "error" in build ? stripVTControlCharacters(build.error) : undefined;
        showState();
        refresh();
        if (failed) compare();
      })
      // Without `cargo xtask dev` there is nobody to serve.
      .on("close", () => process.exit());
  }
}

/** Of all files of the package; undefined where there is none. */
function digest(): string | undefined {
  if (!existsSync(folder)) return undefined;
  const hash = createHash("sha256");
  for (const entry of readdirSync(folder, {
    recursive: true,
    withFileTypes: true,
  })) {
    if (entry.isFile())
      hash
        .update(entry.name)
        .update(readFileSync(join(entry.parentPath, entry.name)));
  }
  return hash.digest("hex");
}
