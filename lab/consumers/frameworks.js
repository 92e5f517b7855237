// What `--all` tries as well. Each project lies where it finds the tools of frameworks/.
import { spawn } from "node:child_process";
import { renameSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { run, viteWays, webpackWays } from "./consumers.js";
import { frameworks, here, write } from "./project.js";

const bin = (path) => join(frameworks, "node_modules", path);
// They want a newer Node.js than the package.
const node24 = join(here, "node_modules/node-24/bin/node");
export const node = (args, cwd, env) => run(node24, args, cwd, env);
const load = (path) => import(pathToFileURL(bin(path)));

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a server, asks for the paths, opens the page `/` if there is a browser to ask, and ends it. */
export async function serve(dir, args, paths, browser, env = {}) {
  const port = await freePort();
  const server = spawn(
    node24,
    args.map((arg) => arg.replace("PORT", port)),
    {
      cwd: dir,
      env: { ...process.env, HOST: "127.0.0.1", PORT: port, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let printed = "";
  server.stdout.on("data", (text) => (printed += text));
  server.stderr.on("data", (text) => (printed += text));
  const url = `http://127.0.0.1:${port}`;
  try {
    const said = new Set();
    for (const path of paths) {
      said.add(await ask(`${url}${path}`, server));
    }
    if (browser) {
      said.add(await browser.open(`${url}/`));
    }
    return [...said].join(", ");
  } catch (error) {
    throw new Error(`${error.message}\n${printed}`);
  } finally {
    server.kill();
  }
}

/** The same for a worker in Cloudflare's wrangler, which is in that folder of tools. */
export function serveWorker(dir, tools, paths, browser, more = []) {
  const wrangler = join(tools, "node_modules/wrangler/bin/wrangler.js");
  const args = "dev --port PORT --ip 127.0.0.1 --local".split(" ");
  return serve(dir, [wrangler, ...args, ...more], paths, browser, {
    WRANGLER_SEND_METRICS: "false",
    CI: "true",
  });
}

/** What a server says between two brackets, once it answers. */
async function ask(url, server) {
  for (let time = 0; server.exitCode === null && time < 300; time++) {
    const response = await fetch(url).catch(() => undefined);
    if (response) {
      const text = await response.text();
      return /\[\[(\w*)\]\]/.exec(text)?.[1] ?? `failed: ${url}: ${text}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not answer`);
}

/** By way: the import, and what has the library's exports. */
const entries = {
  import: ['import * as lib from "fresh-wasm";', "lib"],
  init: ['import init from "fresh-wasm/init";', "await init()"],
};

/** Code that may use `CHECKED`, which is what the check of that entry returns, and `check.js` in that folder. */
export function checking(way, folder, code) {
  const [imported, library] = entries[way];
  const checked = code.replaceAll("CHECKED", `check(${library})`);
  return `${imported}\nimport { check } from "${folder}/check.js";\n${checked}`;
}

/** The same for code that runs on a page as well, where it may use `REPORTED`. */
const reporting = (way, folder, code) =>
  checking(
    way,
    folder,
    `import { report } from "${folder}/report.js";\n${code.replaceAll("REPORTED", "void report(async () => CHECKED)")}`,
  );

const next =
  (way, bundler, ...paths) =>
  async (dir, browser) => {
    const route = (runtime) =>
      checking(
        way,
        "../..",
        `export const dynamic = "force-dynamic";\nexport const runtime = "${runtime}";\nexport const GET = async () => new Response(\`[[\${CHECKED}]]\`);\n`,
      );
    const settings = {
      turbopack: { root: join(frameworks, "../../..") },
      ...(way === "init" && { serverExternalPackages: ["fresh-wasm"] }),
    };
    // Only the inlined module is there when React first renders.
    const rendered = way === "import" ? "<b>[[{CHECKED}]]</b>" : "<b />";
    write(dir, {
      "next.config.mjs": `export default ${JSON.stringify(settings)};\n`,
      "app/layout.js": `export default ({ children }) => <html><body>{children}</body></html>;\n`,
      "app/page.js": checking(
        way,
        "..",
        `import Client from "./client.js";\nexport const dynamic = "force-dynamic";\nexport default async () => <p>{\`[[\${CHECKED}]]\`}<Client /></p>;\n`,
      ),
      "app/client.js": `"use client";\n${reporting(way, "..", `import { useEffect } from "react";\nexport default function Client() {\n  useEffect(() => REPORTED, []);\n  return ${rendered};\n}\n`)}`,
      ...Object.fromEntries(
        paths.map((path) => [`app/${path}/route.js`, route(path)]),
      ),
    });
    const env = { NEXT_TELEMETRY_DISABLED: "1" };
    const program = bin("next/dist/bin/next");
    await node([program, "build", `--${bundler}`], dir, env);
    return serve(
      dir,
      [program, "start", "-p", "PORT"],
      ["/", ...paths.map((path) => `/${path}`)],
      browser,
      env,
    );
  };

/** What `npm install ../pkg` does. */
function link(dir) {
  const installed = join(dir, "node_modules/fresh-wasm");
  const sibling = `${dir}-pkg`;
  renameSync(installed, sibling);
  symlinkSync(sibling, installed, "junction");
}

/** A middleware of that name runs in the Edge runtime. */
async function middleware(dir) {
  write(dir, {
    "next.config.mjs": `export default { turbopack: { root: ${JSON.stringify(join(frameworks, "../../.."))} } };\n`,
    "app/layout.js": `export default ({ children }) => <html><body>{children}</body></html>;\n`,
    "app/page.js": "export default () => <p />;\n",
    "middleware.js": checking(
      "import",
      ".",
      "export const middleware = () => new Response(`[[${CHECKED}]]`);\n",
    ),
  });
  const env = { NEXT_TELEMETRY_DISABLED: "1" };
  const program = bin("next/dist/bin/next");
  await node([program, "build", "--turbopack"], dir, env);
  const start = [program, "start", "-p", "PORT"];
  return serve(dir, start, ["/"], undefined, env);
}

/** Writes a page and a route of its server. */
export function writeSvelteKit(dir, way) {
  write(dir, {
    "vite.config.js": `import adapter from "@sveltejs/adapter-node";\nimport { sveltekit } from "@sveltejs/kit/vite";\nexport default { plugins: [sveltekit({ adapter: adapter() })] };\n`,
    "src/app.html": `<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>\n`,
    "src/routes/+page.js": checking(
      way,
      "../..",
      "export const load = async () => ({ said: CHECKED });\n",
    ),
    "src/routes/+page.svelte": `<script>\n${reporting(way, "../..", 'import { onMount } from "svelte";\nlet { data } = $props();\nonMount(() => REPORTED);\n')}</script>\n<p>[[{data.said}]]</p>\n`,
    "src/routes/server/+server.js": checking(
      way,
      "../../..",
      "export const GET = async () => new Response(`[[${CHECKED}]]`);\n",
    ),
  });
}

const svelteKit = (way) => async (dir, browser) => {
  writeSvelteKit(dir, way);
  await node([bin("vite/bin/vite.js"), "build"], dir);
  return serve(dir, ["build/index.js"], ["/", "/server"], browser);
};

/** Builds a page and a route of its server. */
export async function buildNuxt(dir, way, preset, settings = "") {
  write(dir, {
    "nuxt.config.ts": `export default { telemetry: false, compatibilityDate: "2026-01-01", ${settings}};\n`,
    "app.vue": `<script setup>\n${reporting(way, ".", 'import { onMounted } from "vue";\nonMounted(() => REPORTED);\nconst said = CHECKED;\n')}</script>\n<template><p>[[{{ said }}]]</p></template>\n`,
    "server/routes/server.js": checking(
      way,
      "../..",
      "export default async () => `[[${CHECKED}]]`;\n",
    ),
  });
  await node([bin("nuxt/bin/nuxt.mjs"), "build", "--preset", preset], dir, {
    NUXT_TELEMETRY_DISABLED: "1",
  });
}

const nuxt = (way) => async (dir, browser) => {
  await buildNuxt(dir, way, "node-server");
  return serve(dir, [".output/server/index.mjs"], ["/", "/server"], browser);
};

const vitest = (environment) => (dir) => {
  write(dir, {
    "it.test.js": checking(
      "import",
      ".",
      `import { test } from "vitest";\ntest("it", () => process.stdout.write("\\n[[" + CHECKED + "]]\\n"));\n`,
    ),
  });
  return node(
    [
      bin("vitest/vitest.mjs"),
      "run",
      "--environment",
      environment,
      "--reporter=dot",
      "--silent=false",
    ],
    dir,
  );
};

export const slow = {
  ...viteWays(5, await load("vite-5/dist/node/index.js")),
  ...viteWays(6, await load("vite-6/dist/node/index.js")),
  ...viteWays(7, await load("vite-7/dist/node/index.js")),
  Rspack: webpackWays(createRequire(bin("x.js"))("@rspack/core").rspack),
  "Next.js 16, Turbopack": {
    import: next("import", "turbopack", "nodejs", "edge"),
  },
  "Next.js 16, Turbopack, `serverExternalPackages`": {
    init: next("init", "turbopack", "nodejs"),
  },
  // Next.js 16.4.6 cannot build any edge route with webpack, not even one that imports nothing.
  "Next.js 16, webpack, no edge route": {
    import: next("import", "webpack", "nodejs"),
  },
  "Next.js 16, webpack, `serverExternalPackages`": {
    init: next("init", "webpack", "nodejs"),
  },
  "Next.js 16, Turbopack, linked from a sibling, `turbopack.root`": {
    import(dir, browser) {
      link(dir);
      return next("import", "turbopack", "nodejs", "edge")(dir, browser);
    },
  },
  "Next.js 16, middleware": { import: middleware },
  SvelteKit: { import: svelteKit("import"), init: svelteKit("init") },
  Nuxt: { import: nuxt("import"), init: nuxt("init") },
  "Vitest, node": { import: vitest("node") },
  "Vitest, jsdom": { import: vitest("jsdom") },
  "Cloudflare, wrangler": {
    import(dir) {
      write(dir, {
        "wrangler.toml": `name = "it"\nmain = "it.js"\ncompatibility_date = "2026-01-01"\n`,
        "it.js": checking(
          "import",
          ".",
          "export default { fetch: () => new Response(`[[${CHECKED}]]`) };\n",
        ),
      });
      return serveWorker(dir, frameworks, ["/"]);
    },
  },
  "Cloudflare, Nuxt, `experimental.wasm`": {
    async import(dir, browser) {
      const settings = "nitro: { experimental: { wasm: true } } ";
      await buildNuxt(dir, "import", "cloudflare-module", settings);
      const output =
        "server/index.mjs --assets public --compatibility-date 2026-01-01 --compatibility-flags nodejs_compat";
      return serveWorker(
        join(dir, ".output"),
        frameworks,
        ["/", "/server"],
        browser,
        output.split(" "),
      );
    },
  },
};
