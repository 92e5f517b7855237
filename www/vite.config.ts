// Static files that work below any path and under a strict policy; in development, a package that is never old.
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { defineConfig, type Plugin } from "vite";

const workspace = resolve(import.meta.dirname, "..");
const folder = join(workspace, "wasm-client", "pkg");

/** Nothing from elsewhere, nothing inline, no `eval`; WebAssembly may be compiled. */
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";

/** In the page, for hosts that let nobody set headers. The development server needs more than the policy allows. */
const policyInPage: Plugin = {
  name: "policy-in-page",
  apply: "build",
  transformIndexHtml: () => {
    const attrs = { "http-equiv": "Content-Security-Policy", content: policy };
    return [{ tag: "meta", attrs, injectTo: "head-prepend" }];
  },
};

/** Builds the package when the server starts and when a source changes, and reloads the page if the package changed. */
const freshPackage: Plugin = {
  name: "fresh-package",
  apply: "serve",
  config: () => ({
    server: {
      fs: { allow: [".", folder] },
      watch: { ignored: isOutput },
    },
  }),
  async configureServer(server) {
    // In a process group of its own, a build can be ended as a whole.
    const detached = process.platform !== "win32";
    let child: ChildProcess | undefined;
    let error = "";
    let [isBuilding, isOld] = [false, false];

    function build() {
      let output = "";
      child = spawn("cargo", ["xtask", "build", "--dev"], {
        cwd: workspace,
        detached,
        stdio: ["ignore", "inherit", "pipe"],
      });
      child.stderr?.pipe(process.stderr, { end: false });
      child.stderr?.on("data", (chunk) => (output += chunk));
      return new Promise<void>((resolve) => {
        child?.on("error", ({ message }) => (output += `error: ${message}`));
        child?.on("close", (code) => {
          child = undefined;
          error = code === 0 ? "" : stripVTControlCharacters(output).replace(/^[^]*?^(?=error)/m, "");
          resolve();
        });
      });
    }

    /** One build at a time, and one more if a source changed meanwhile. */
    async function update() {
      isOld = true;
      if (isBuilding) return;
      isBuilding = true;
      while (isOld) {
        isOld = false;
        const before = error || digest();
        await build();
        if (error) showError();
        else if (digest() !== before) {
          server.moduleGraph.invalidateAll();
          server.ws.send({ type: "full-reload" });
        }
      }
      isBuilding = false;
    }

    function showError() {
      if (error) server.ws.send({ type: "error", err: { message: error, stack: "" } });
    }

    process.on("exit", () => child?.pid && process.kill(detached ? -child.pid : child.pid));
    for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => process.exit(1));
    await update();
    server.ws.on("connection", showError);
    let timer: NodeJS.Timeout;
    server.watcher.add(workspace).on("all", (_event, path) => {
      // Neither the page, which Vite watches, nor hidden files, which are editors' and builds'.
      if (/^www[\\/]|(^|[\\/])\.(?!cargo[\\/])/.test(relative(workspace, path))) return;
      clearTimeout(timer);
      // Editors write a file in several steps.
      timer = setTimeout(update, 30);
    });
    // Vite answers for the module by its time and size, which two packages may share.
    server.middlewares.use((request, _response, next) => {
      delete request.headers["if-none-match"];
      next();
    });
  },
};

/** Folders that builds write to: if they were watched, each build would be followed by the next. */
function isOutput(path: string): boolean {
  const isTarget = basename(path) === "target" && existsSync(join(dirname(path), "Cargo.toml"));
  return isTarget || existsSync(join(path, "CACHEDIR.TAG")) || !relative(folder, path).startsWith("..");
}

/** The digest of the package's files: whether it changed is decided by their content. */
function digest(): string {
  const hash = createHash("sha256");
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  for (const entry of entries.filter((entry) => entry.isFile()))
    hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
  return hash.digest("hex");
}

export default defineConfig({
  base: "./",
  plugins: [freshPackage, policyInPage],
  build: {
    target: "es2023",
    // Every browser that this target names knows `modulepreload`.
    modulePreload: { polyfill: false },
    // A file inlined as a `data:` URL would not pass the policy.
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
  // As a header it holds for the worker as well.
  preview: { headers: { "Content-Security-Policy": policy } },
});
