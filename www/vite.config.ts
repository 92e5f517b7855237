// Static files that work below any path and under a strict policy; in development, an always fresh package.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { defineConfig, type Plugin } from "vite";

const workspace = dirname(import.meta.dirname);
const folder = join(workspace, "wasm-client", "pkg");

/** Allows nothing from other origins, nothing inline, and no `eval` except to compile WebAssembly. */
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";

/** Writes the policy into the page, for hosts that set no headers. The development server needs more than it allows. */
const policyInPage: Plugin = {
  name: "policy-in-page",
  apply: "build",
  transformIndexHtml: (html) =>
    html.replace("<head>", `<head><meta http-equiv="Content-Security-Policy" content="${policy}" />`),
};

/** Builds the package when the server starts and when a source changes, and reloads the page if the package changed. */
const freshPackage: Plugin = {
  name: "fresh-package",
  apply: "serve",
  config: () => ({
    server: {
      fs: { allow: [".", folder] },
      watch: { ignored: isOutput },
      // Vite recognises a new module by its time and size, which two packages may share.
      headers: { "Cache-Control": "no-store" },
    },
  }),
  async configureServer(server) {
    const env = { ...process.env, CARGO_TERM_COLOR: process.stderr.hasColors?.() ? "always" : "auto" };
    // The build gets a process group of its own, which can be killed as a whole.
    const detached = process.platform !== "win32";
    let child: ChildProcess | undefined;
    let error = "";
    let queue = Promise.resolve();
    let isWaiting = false;
    let timer: NodeJS.Timeout;

    const showError = () => error && server.ws.send({ type: "error", err: { message: error, stack: "" } });

    /** One build at a time, and one more if a source changed meanwhile. */
    function update() {
      if (!isWaiting) queue = queue.then(build);
      isWaiting = true;
      return queue;
    }

    async function build() {
      isWaiting = false;
      const before = error || buildInfo();
      let output = "";
      child = spawn("cargo", ["xtask", "build", "--dev"], { cwd: workspace, env, detached });
      child.stdout?.pipe(process.stdout, { end: false });
      child.stderr?.pipe(process.stderr, { end: false });
      child.stderr?.on("data", (chunk) => (output += chunk));
      const [code] = await once(child, "close");
      child = undefined;
      // The output from the first error on.
      error = code === 0 ? "" : stripVTControlCharacters(output).replace(/^[^]*?^(?=error)/m, "");
      showError();
      if (error || buildInfo() === before) return;
      server.moduleGraph.invalidateAll();
      server.ws.send({ type: "full-reload" });
    }

    process.on("exit", () => child?.pid && process.kill(detached ? -child.pid : child.pid));
    for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => process.exit(1));
    server.ws.on("connection", showError);
    server.watcher.on("error", endWithoutWatches);
    server.watcher.add(workspace).on("all", (_event, path) => {
      // Vite handles the page itself. Hidden files belong to editors and builds.
      if (/^www[\\/]|(^|[\\/])\.(?!cargo[\\/])/.test(relative(workspace, path))) return;
      clearTimeout(timer);
      // Editors write a file in several steps.
      timer = setTimeout(update, 30);
    });
    await update();
  },
};

/** A server that misses changes would show a stale page. */
function endWithoutWatches(error: unknown) {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EMFILE") return;
  console.error(
    "error: the system cannot watch more files, so changes would be missed. On Linux, this raises the limits:\n" +
      "    sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512",
  );
  process.exit(1);
}

/** Whether builds write there. If such a folder were watched, each build would start the next. */
function isOutput(path: string): boolean {
  const isTarget = basename(path) === "target" && existsSync(join(path, "..", "Cargo.toml"));
  return isTarget || existsSync(join(path, "CACHEDIR.TAG")) || !relative(folder, path).startsWith("..");
}

/** It has the digest of each of the package's files: the page is reloaded only if one changed. */
function buildInfo(): string {
  const file = join(folder, "build-info.json");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

export default defineConfig({
  base: "./",
  plugins: [freshPackage, policyInPage],
  // Browsers that need the polyfill cannot run this page; the policy forbids files inlined as `data:`.
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  // As a header, the policy applies to the worker, too.
  preview: { headers: { "Content-Security-Policy": policy } },
});
