// What `--all` tries as well. Each project lies where it finds the tools of frameworks/.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { run, viteWays, webpackWays } from "./consumers.js";
import { frameworks, here, write } from "./project.js";

const bin = (path) => join(frameworks, "node_modules", path);
// They want a newer Node.js than the package.
const node24 = join(here, "node_modules/node-24/bin/node");
const node = (args, cwd, env) => run(node24, args, cwd, env);
const load = (path) => import(pathToFileURL(bin(path)));

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a server, asks for the paths, opens the page `/` if there is a browser to ask, and ends it. */
async function serve(dir, args, paths, browser, env = {}) {
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

/** What a server says between two brackets, once it answers. */
async function ask(url, server) {
  for (let time = 0; server.exitCode === null && time < 300; time++) {
    const response = await fetch(url).catch(() => undefined);
    if (response) {
      const text = await response.text();
      return /\[\[(.*?)\]\]/.exec(text)?.[1] ?? `failed: ${url}: ${text}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not answer`);
}

const server = `import * as lib from "fresh-wasm";\nimport { check } from "CHECK";\n`;
const checking = (path, code) => server.replace("CHECK", path) + code;
const client = (path) =>
  checking(
    path,
    `import { report } from "${path.replace("check", "report")}";\n`,
  );

const next =
  (bundler, ...paths) =>
  async (dir, browser) => {
    const route = (runtime) =>
      checking(
        "../../check.js",
        `export const dynamic = "force-dynamic";\nexport const runtime = "${runtime}";\nexport const GET = () => new Response(\`[[\${check(lib)}]]\`);\n`,
      );
    write(dir, {
      "next.config.mjs": `export default { turbopack: { root: ${JSON.stringify(join(frameworks, "../../.."))} } };\n`,
      "app/layout.js": `export default ({ children }) => <html><body>{children}</body></html>;\n`,
      "app/page.js": checking(
        "../check.js",
        `import Client from "./client.js";\nexport const dynamic = "force-dynamic";\nexport default () => <p>{\`[[\${check(lib)}]]\`}<Client /></p>;\n`,
      ),
      "app/client.js": `"use client";\n${client("../check.js")}import { useEffect } from "react";\nexport default function Client() {\n  useEffect(() => void report(() => check(lib)), []);\n  return <b>[[{check(lib)}]]</b>;\n}\n`,
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

const vitest = (environment) => (dir) => {
  write(dir, {
    "it.test.js": checking(
      "./check.js",
      `import { test } from "vitest";\ntest("it", () => process.stdout.write("\\n[[" + check(lib) + "]]\\n"));\n`,
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
  "Next.js 16, Turbopack": { import: next("turbopack", "nodejs", "edge") },
  // Next.js 16.4.6 cannot build any edge route with webpack, not even one that imports nothing.
  "Next.js 16, webpack, no edge route": { import: next("webpack", "nodejs") },
  SvelteKit: {
    async import(dir, browser) {
      write(dir, {
        "vite.config.js": `import adapter from "@sveltejs/adapter-node";\nimport { sveltekit } from "@sveltejs/kit/vite";\nexport default { plugins: [sveltekit({ adapter: adapter() })] };\n`,
        "src/app.html": `<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>\n`,
        "src/routes/+page.svelte": `<script>\n${client("../../check.js")}import { onMount } from "svelte";\nonMount(() => void report(() => check(lib)));\n</script>\n<p>[[{check(lib)}]]</p>\n`,
        "src/routes/server/+server.js": checking(
          "../../../check.js",
          "export const GET = () => new Response(`[[${check(lib)}]]`);\n",
        ),
      });
      await node([bin("vite/bin/vite.js"), "build"], dir);
      return serve(dir, ["build/index.js"], ["/", "/server"], browser);
    },
  },
  Nuxt: {
    async import(dir, browser) {
      write(dir, {
        "nuxt.config.ts": `export default { telemetry: false, compatibilityDate: "2026-01-01" };\n`,
        "app.vue": `<script setup>\n${client("./check.js")}import { onMounted } from "vue";\nonMounted(() => void report(() => check(lib)));\nconst said = check(lib);\n</script>\n<template><p>[[{{ said }}]]</p></template>\n`,
        "server/routes/server.js": checking(
          "../../check.js",
          "export default () => `[[${check(lib)}]]`;\n",
        ),
      });
      await node([bin("nuxt/bin/nuxt.mjs"), "build"], dir, {
        NUXT_TELEMETRY_DISABLED: "1",
      });
      return serve(
        dir,
        [".output/server/index.mjs"],
        ["/", "/server"],
        browser,
      );
    },
  },
  "Vitest, node": { import: vitest("node") },
  "Vitest, jsdom": { import: vitest("jsdom") },
  "Cloudflare, wrangler": {
    import(dir) {
      write(dir, {
        "wrangler.toml": `name = "it"\nmain = "it.js"\ncompatibility_date = "2026-01-01"\n`,
        "it.js": checking(
          "./check.js",
          "export default { fetch: () => new Response(`[[${check(lib)}]]`) };\n",
        ),
      });
      const args = [
        bin("wrangler/bin/wrangler.js"),
        "dev",
        "--port",
        "PORT",
        "--ip",
        "127.0.0.1",
        "--local",
      ];
      return serve(dir, args, ["/"], undefined, {
        WRANGLER_SEND_METRICS: "false",
        CI: "true",
      });
    },
  },
};
