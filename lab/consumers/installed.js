// What `--all` tries of other ways to install the package: what one tool installs, several others have to find.
import * as esbuild from "esbuild";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as vite from "vite";
import { run, viteWays } from "./consumers.js";
import { frameworks, here, npm, pkg, tarball, write } from "./project.js";

const bin = (path) => join(frameworks, "node_modules", path);
const { EdgeVM } = createRequire(bin("x.js"))("@edge-runtime/vm");
const node24 = join(here, "node_modules/node-24/bin/node");

/** What all of them said, each once. */
async function all(ways) {
  const said = new Set();
  for (const way of ways) said.add(await way());
  return [...said].join(", ");
}

/** Files of a workspace: the programs in `app`, the package in `pkg`. */
function writeWorkspace(dir, version) {
  const installed = join(dir, "node_modules");
  rmSync(installed, { recursive: true });
  cpSync(join(here, "app"), join(dir, "app"), { recursive: true });
  cpSync(pkg, join(dir, "pkg"), { recursive: true });
  const manifest = { private: true, type: "module" };
  write(dir, {
    "package.json": JSON.stringify({ ...manifest, workspaces: ["app", "pkg"] }),
    "pnpm-workspace.yaml": 'packages: ["app", "pkg"]\n',
    "app/package.json": JSON.stringify({
      ...manifest,
      name: "app",
      dependencies: { "fresh-wasm": version },
    }),
  });
}

/** How Node.js, Vite and webpack find it there. */
const inWorkspace =
  (version, install, way, program) => async (dir, browser) => {
    writeWorkspace(dir, version);
    await install(dir);
    const app = join(dir, "app");
    const vites = viteWays(8, vite);
    const ways = [() => run(node24, [program], app)];
    if (way !== "require") {
      const vites = viteWays(8, vite);
      ways.push(() => vites["Vite 8, dev server"][way](app, browser));
      ways.push(() => vites["Vite 8, build"][way](app, browser));
    }
    return all(ways);
  };
const workspaceWays = (version, install) => ({
  import: inWorkspace(version, install, "import", "import.js"),
  require: inWorkspace(version, install, "require", "require.cjs"),
  init: inWorkspace(version, install, "init", "init.js"),
});

/** Yarn keeps packages in zip files, and `node_modules` does not exist. */
const withYarn = (program) => async (dir) => {
  rmSync(join(dir, "node_modules"), { recursive: true });
  write(dir, {
    "package.json": JSON.stringify({
      private: true,
      type: "module",
      dependencies: { "fresh-wasm": `file:${tarball()}` },
    }),
    ".yarnrc.yml":
      "enableTelemetry: false\nenableGlobalCache: false\nnodeLinker: pnp\n",
    "yarn.lock": "",
  });
  const yarn = bin("@yarnpkg/cli-dist/bin/yarn.js");
  await run(node24, [yarn, "install", "--no-immutable"], dir);
  return run(node24, [yarn, "node", program], dir);
};

/** A runtime that compiles no bytes is given the compiled module. */
async function withEdgeRuntime(dir) {
  write(dir, {
    "edge.js": `import { initSync } from "fresh-wasm/init";
import { check } from "./check.js";
globalThis.said = check(initSync(compiled));
`,
  });
  const { outputFiles } = await esbuild.build({
    absWorkingDir: dir,
    entryPoints: ["edge.js"],
    bundle: true,
    format: "iife",
    write: false,
    logLevel: "error",
    logOverride: { "empty-import-meta": "silent" },
  });
  const edge = new EdgeVM({ codeGeneration: { strings: false, wasm: false } });
  const file = join(dir, "node_modules/fresh-wasm/fresh-wasm.wasm");
  edge.context.compiled = new WebAssembly.Module(readFileSync(file));
  edge.evaluate(outputFiles[0].text);
  return edge.context.said;
}

export const installed = {
  "npm, workspace": workspaceWays("*", (dir) =>
    npm(["install", "--offline"], dir),
  ),
  "pnpm, workspace": workspaceWays("workspace:*", (dir) =>
    run(node24, [bin("pnpm/bin/pnpm.mjs"), "install", "--offline"], dir),
  ),
  "yarn, Plug'n'Play": {
    import: withYarn("import.js"),
    // It has an instance of its own there: yarn finds no module for `require`.
    require: withYarn("commonjs.cjs"),
    init: withYarn("init.js"),
  },
  "edge-runtime, no code generation": { init: withEdgeRuntime },
};
