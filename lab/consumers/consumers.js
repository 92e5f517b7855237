// How each consumer runs the programs in app/, with its default configuration. Each is given a project of its own and
// returns what was said: the digest, if all is well.
import nodeResolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { execFile } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";
import { here, page } from "./project.js";

const installed = (path) => join(here, "node_modules", path);

async function run(program, args, cwd) {
  const { stdout } = await promisify(execFile)(program, args, {
    cwd,
    timeout: 120_000,
  });
  return stdout.trim();
}

/** A runtime that runs a file as it is. */
const runtime =
  (program, file, ...args) =>
  (dir) =>
    run(program, [...args, file], dir);

/** A bundler that is given the script and puts `NAME.js` into `dist`: the page there is opened. */
const bundler = (script, bundle) => async (dir, browser) => {
  await bundle(dir, script);
  copyFileSync(
    join(dir, "node_modules/fresh-wasm/glue_bg.wasm"),
    join(dir, "dist/glue_bg.wasm"),
  );
  return browser.open(page(join(dir, "dist"), script));
};

const nodes = {
  [`Node.js ${process.versions.node.split(".")[0]}`]: process.execPath,
  ...Object.fromEntries(
    ["22", "24", "26"].map((major) => [
      `Node.js ${major}`,
      installed(`node-${major}/bin/node`),
    ]),
  ),
};
const deno = installed("@deno/linux-x64-glibc/deno");
const bun = installed("@oven/bun-linux-x64-baseline/bin/bun");

const withWebpack = async (dir, script) => {
  const stats = await promisify(webpack)({
    mode: "production",
    context: dir,
    entry: `./${script}.js`,
    output: { path: join(dir, "dist"), filename: `${script}.js` },
  });
  if (stats.hasErrors()) {
    throw new Error(stats.toString("errors-only"));
  }
};

const withRollup = async (dir, script) => {
  const bundle = await rollup({
    input: join(dir, `${script}.js`),
    plugins: [nodeResolve()],
    onwarn({ message }) {
      throw new Error(message);
    },
  });
  await bundle.write({ dir: join(dir, "dist") });
};

const withEsbuild = (dir, script) =>
  esbuild.build({
    absWorkingDir: dir,
    entryPoints: [`${script}.js`],
    bundle: true,
    format: "esm",
    outdir: "dist",
    logLevel: "error",
  });

const withParcel = async (dir, script, browser) => {
  page(dir, script);
  await run(
    process.execPath,
    [
      installed("parcel/lib/bin.js"),
      "build",
      `${script}.html`,
      "--no-cache",
      "--public-url",
      "./",
    ],
    dir,
  );
  return browser.open(join(dir, `dist/${script}.html`));
};

const withViteDev = async (dir, script, browser) => {
  page(dir, script);
  const server = await vite.createServer({
    root: dir,
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1" },
  });
  await server.listen();
  return browser
    .open(`${server.resolvedUrls.local[0]}${script}.html`)
    .finally(() => server.close());
};

const withVite = async (dir, script, browser) => {
  const input = page(dir, script);
  await vite.build({
    root: dir,
    configFile: false,
    base: "./",
    logLevel: "error",
    build: { rollupOptions: { input } },
  });
  return browser.open(join(dir, `dist/${script}.html`));
};

const plain = (script) => async (dir, browser) => {
  // What a page without a bundler says instead of a bare name.
  const map = {
    imports: {
      "fresh-wasm": "./node_modules/fresh-wasm/index.js",
      "fresh-wasm/init": "./node_modules/fresh-wasm/init.js",
    },
  };
  const html = `<script type="importmap">${JSON.stringify(map)}</script>\n<script type="module" src="./${script}.js"></script>\n`;
  writeFileSync(join(dir, `${script}.html`), html);
  return browser.open(join(dir, `${script}.html`));
};

/** By name: what imports `fresh-wasm`, and what imports `fresh-wasm/init`. */
export const consumers = {
  ...Object.fromEntries(
    Object.entries(nodes).map(([name, node]) => [
      name,
      {
        import: runtime(node, "import.js"),
        require: runtime(node, "require.cjs"),
        init: runtime(node, "init.js"),
      },
    ]),
  ),
  Deno: {
    import: runtime(deno, "import.js", "run", "--allow-read"),
    init: runtime(deno, "init.js", "run", "--allow-read"),
  },
  Bun: {
    import: runtime(bun, "import.js"),
    require: runtime(bun, "require.cjs"),
    init: runtime(bun, "init.js"),
  },
  workerd: {
    // Bundled as wrangler does it.
    async import(dir) {
      await esbuild.build({
        absWorkingDir: dir,
        entryPoints: ["workerd.js"],
        bundle: true,
        format: "esm",
        outfile: "bundle.js",
        conditions: ["workerd", "worker", "browser"],
        external: ["*.wasm"],
        logLevel: "error",
      });
      copyFileSync(
        join(dir, "node_modules/fresh-wasm/glue_bg.wasm"),
        join(dir, "glue_bg.wasm"),
      );
      writeFileSync(
        join(dir, "workerd.capnp"),
        `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  compatibilityDate = "2026-01-01",
  modules = [(name = "bundle.js", esModule = embed "bundle.js"), (name = "glue_bg.wasm", wasm = embed "glue_bg.wasm")],
))]);
`,
      );
      return run(
        installed("@cloudflare/workerd-linux-64/bin/workerd"),
        ["test", "workerd.capnp"],
        dir,
      );
    },
  },
  "Vite, dev server": {
    import: (dir, browser) => withViteDev(dir, "import", browser),
    init: (dir, browser) => withViteDev(dir, "init", browser),
    worker: (dir, browser) => withViteDev(dir, "worker", browser),
  },
  "Vite, build": {
    import: (dir, browser) => withVite(dir, "import", browser),
    init: (dir, browser) => withVite(dir, "init", browser),
    worker: (dir, browser) => withVite(dir, "worker", browser),
  },
  "Vite, server-side rendering": {
    async import(dir) {
      await vite.build({
        root: dir,
        configFile: false,
        logLevel: "error",
        build: { ssr: "server.js" },
      });
      const { render } = await import(
        pathToFileURL(join(dir, "dist/server.js"))
      );
      const server = await vite.createServer({
        root: dir,
        configFile: false,
        logLevel: "error",
        server: { middlewareMode: true, ws: false },
      });
      const loaded = await server.ssrLoadModule("/server.js");
      const said = loaded.render();
      await server.close();
      return render() === said
        ? said
        : `failed: the build says ${render()}, the server ${said}`;
    },
  },
  "webpack 5": {
    import: bundler("import", withWebpack),
    init: bundler("init", withWebpack),
    worker: bundler("worker", withWebpack),
  },
  "Rollup 4": {
    import: bundler("import", withRollup),
    init: bundler("init-url", withRollup),
  },
  "esbuild, browser": {
    import: bundler("import", withEsbuild),
    init: bundler("init-url", withEsbuild),
  },
  "esbuild, platform=node": {
    async import(dir) {
      await esbuild.build({
        absWorkingDir: dir,
        entryPoints: ["import.js"],
        bundle: true,
        platform: "node",
        outfile: "bundle.cjs",
        logLevel: "error",
      });
      return run(process.execPath, ["bundle.cjs"], dir);
    },
  },
  "Parcel 2": {
    import: (dir, browser) => withParcel(dir, "import", browser),
    init: (dir, browser) => withParcel(dir, "init", browser),
    worker: (dir, browser) => withParcel(dir, "worker", browser),
  },
  "page without a bundler": { import: plain("import"), init: plain("init") },
};
