// How each consumer runs the programs in app/, with its default configuration. Each way is given a project of its own
// and returns what was said: the digest, if all is well.
import nodeResolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { rollup } from "rollup";
import * as vite8 from "vite";
import webpackOf from "webpack";
import { here, project, write } from "./project.js";

const installed = (path) => join(here, "node_modules", path);

/** What the program prints last, or between two brackets. */
export async function run(program, args, cwd, env = {}) {
  const options = { cwd, timeout: 180_000, env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(program, args, options);
  return /\[\[(.*?)\]\]/.exec(stdout)?.[1] ?? stdout.trim().split("\n").pop();
}

/** A runtime that runs a file as it is. */
const runtime =
  (program, file, args = []) =>
  (dir) =>
    run(program, [...args, file], dir);

/** A page with a script of that name. */
export function page(dir, script, attributes = `type="module"`, before = "") {
  write(dir, {
    [`${script}.html`]: `<!doctype html>\n<title>${script}</title>\n${before}<script ${attributes} src="./${script}.js"></script>\n`,
  });
  return join(dir, `${script}.html`);
}

/** A bundler that is given the script and puts `NAME.js` into `dist`: the page there is opened. */
const bundler = (script, bundle) => async (dir, browser) => {
  await bundle(dir, script);
  copyFileSync(
    join(dir, "node_modules/fresh-wasm/fresh-wasm.wasm"),
    join(dir, "dist/fresh-wasm.wasm"),
  );
  return browser.open(page(join(dir, "dist"), script));
};

/** webpack, or what has its interface. */
export const withWebpack = (webpack) => async (dir, script) => {
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
export const webpackWays = (webpack) => ({
  import: bundler("import", withWebpack(webpack)),
  init: bundler("init", withWebpack(webpack)),
  worker: bundler("worker", withWebpack(webpack)),
});

export const withRollup = async (dir, script) => {
  const bundle = await rollup({
    input: join(dir, `${script}.js`),
    plugins: [nodeResolve()],
    onwarn({ message }) {
      throw new Error(message);
    },
  });
  await bundle.write({ dir: join(dir, "dist") });
};

const withEsbuild = (dir, script, options = {}) =>
  esbuild.build({
    absWorkingDir: dir,
    entryPoints: [script.includes(".") ? script : `${script}.js`],
    bundle: true,
    format: "esm",
    outdir: "dist",
    logLevel: "error",
    ...options,
  });

const withParcel = (script) => async (dir, browser) => {
  page(dir, script);
  const args = ["build", `${script}.html`, "--no-cache", "--public-url", "./"];
  await run(process.execPath, [installed("parcel/lib/bin.js"), ...args], dir);
  return browser.open(join(dir, `dist/${script}.html`));
};

const viteDev = (vite, script) => async (dir, browser) => {
  page(dir, script);
  const server = await vite.createServer({
    root: dir,
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0 },
  });
  await server.listen();
  const reported = browser.open(
    `${server.resolvedUrls.local[0]}${script}.html`,
  );
  return reported.finally(() => server.close());
};

const viteBuild = (vite, script) => async (dir, browser) => {
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

const viteServerSide = (vite) => async (dir) => {
  const options = { root: dir, configFile: false, logLevel: "error" };
  await vite.build({ ...options, build: { ssr: "server.js" } });
  const built = await import(pathToFileURL(join(dir, "dist/server.js")));
  const server = await vite.createServer({
    ...options,
    server: { middlewareMode: true, ws: false },
  });
  const loaded = await server.ssrLoadModule("/server.js");
  const said = [built.render(), loaded.render()];
  await server.close();
  return said[0] === said[1] ? said[0] : `failed: ${said.join(", ")}`;
};

/** The development server of Vite finds the module for `/init` from version 8 on; before, it is told where. */
export const viteWays = (version, vite) => ({
  [`Vite ${version}, dev server`]: {
    import: viteDev(vite, "import"),
    init: viteDev(vite, version < 8 ? "init-vite" : "init"),
    worker: viteDev(vite, "worker"),
  },
  [`Vite ${version}, build`]: {
    import: viteBuild(vite, "import"),
    init: viteBuild(vite, "init"),
    worker: viteBuild(vite, "worker"),
  },
  [`Vite ${version}, server-side rendering`]: { import: viteServerSide(vite) },
  [`Vite ${version}, \`?url\``]: {
    init: async (dir, browser) =>
      (await viteDev(vite, "init-vite")(dir, browser)) &&
      viteBuild(vite, "init-vite")(project(`url-${version}`), browser),
  },
});

/** A page as it is, without a bundler. */
const plain = (script, attributes, before) => (dir, browser) =>
  browser.open(page(dir, script, attributes, before));
// What such a page says instead of a bare name.
const map = `<script type="importmap">${JSON.stringify({
  imports: {
    "fresh-wasm": "./node_modules/fresh-wasm/index.js",
    "fresh-wasm/init": "./node_modules/fresh-wasm/init.js",
  },
})}</script>\n`;
const classic = `<script src="./node_modules/fresh-wasm/classic/index.js"></script>\n`;

/** A test in CommonJS, and one in a module where the tool has that. */
const withJest = (environment) => (dir) => {
  write(dir, {
    "package.json": "{}",
    "jest.config.js": `module.exports = { testEnvironment: "${environment}", maxWorkers: 1 };`,
    "it.test.js": `const lib = require("fresh-wasm");
const { check } = require("./check-commonjs.js");
test("it", async () => {
  expect(await require("fresh-wasm/init").default()).toBe(lib);
  process.stdout.write("\\n" + check(lib) + "\\n");
});`,
  });
  return withEsbuild(dir, "check", {
    format: "cjs",
    outdir: undefined,
    outfile: "check-commonjs.js",
  }).then(() =>
    run(
      process.execPath,
      [installed("jest/bin/jest.js"), "--silent=false"],
      dir,
    ),
  );
};

const nodes = {
  [process.versions.node.split(".")[0]]: process.execPath,
  ...Object.fromEntries(
    ["20.19", "22.12", "22", "24", "26"].map((version) => [
      version,
      installed(`node-${version}/bin/node`),
    ]),
  ),
};
const deno = installed("@deno/linux-x64-glibc/deno");
const bun = installed("@oven/bun-linux-x64-baseline/bin/bun");

/** By name and way. */
export const consumers = {
  ...Object.fromEntries(
    Object.entries(nodes).map(([version, node]) => [
      `Node.js ${version}`,
      {
        import: runtime(node, "import.js"),
        require: runtime(node, "require.cjs"),
        init: runtime(node, "init.js"),
      },
    ]),
  ),
  "Node.js, `require` of CommonJS alone": {
    require: runtime(process.execPath, "commonjs.cjs", [
      "--no-experimental-require-module",
    ]),
  },
  Deno: {
    import: runtime(deno, "import.js", ["run", "--allow-read"]),
    init: runtime(deno, "init.js", ["run", "--allow-read"]),
  },
  Bun: {
    import: runtime(bun, "import.js"),
    require: runtime(bun, "require.cjs"),
    init: runtime(bun, "init.js"),
  },
  workerd: {
    // Bundled as wrangler does it.
    async import(dir) {
      await withEsbuild(dir, "workerd", {
        outdir: undefined,
        outfile: "bundle.js",
        conditions: ["workerd", "worker", "browser"],
        external: ["*.wasm"],
      });
      copyFileSync(
        join(dir, "node_modules/fresh-wasm/fresh-wasm.wasm"),
        join(dir, "fresh-wasm.wasm"),
      );
      write(dir, {
        "workerd.capnp": `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  compatibilityDate = "2026-01-01",
  modules = [(name = "bundle.js", esModule = embed "bundle.js"), (name = "fresh-wasm.wasm", wasm = embed "fresh-wasm.wasm")],
))]);
`,
      });
      const workerd = installed("@cloudflare/workerd-linux-64/bin/workerd");
      return run(workerd, ["test", "workerd.capnp"], dir);
    },
  },
  "Jest, default": { require: withJest("node") },
  "Jest, jsdom": { require: withJest("jsdom") },
  ...viteWays(8, vite8),
  "webpack 5": webpackWays(webpackOf),
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
      await withEsbuild(dir, "import", { platform: "node", format: "cjs" });
      write(join(dir, "dist"), { "package.json": "{}" });
      return run(process.execPath, ["dist/import.js"], dir);
    },
  },
  "Parcel 2": {
    import: withParcel("import"),
    init: withParcel("init"),
    worker: withParcel("worker"),
  },
  "page, import map": {
    import: plain("import", `type="module"`, map),
    init: plain("init", `type="module"`, map),
  },
  "page, classic script": { import: plain("classic", "defer", classic) },
  "service worker": { import: plain("in-service-worker") },
};
