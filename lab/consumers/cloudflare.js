// What `--all` tries for Cloudflare with the tools of cloudflare/.
import { join } from "node:path";
import { checking, node, serveWorker, writeSvelteKit } from "./frameworks.js";
import { cloudflare, write } from "./project.js";

const bin = (path) => join(cloudflare, "node_modules", path);
const settings = (main, more = "") =>
  `name = "it"\nmain = "${main}"\ncompatibility_date = "2026-01-01"\ncompatibility_flags = ["nodejs_compat"]\n${more}`;

export const workers = {
  "Cloudflare, SvelteKit": {
    async import(dir, browser) {
      writeSvelteKit(dir, "import");
      const worker = ".svelte-kit/cloudflare/_worker.js";
      write(dir, {
        // SvelteKit 2 has its settings in a file of their own.
        "vite.config.js": `import { sveltekit } from "@sveltejs/kit/vite";\nexport default { plugins: [sveltekit()] };\n`,
        "svelte.config.js": `import adapter from "@sveltejs/adapter-cloudflare";\nexport default { kit: { adapter: adapter() } };\n`,
        "wrangler.toml": settings(
          worker,
          `[assets]\nbinding = "ASSETS"\ndirectory = ".svelte-kit/cloudflare"\n`,
        ),
      });
      await node([bin("vite/bin/vite.js"), "build"], dir);
      return serveWorker(dir, cloudflare, ["/", "/server"], browser);
    },
  },
  "Cloudflare, Vitest": {
    import(dir) {
      write(dir, {
        "wrangler.toml": settings("it.js"),
        "it.js": "export default { fetch: () => new Response() };\n",
        "vitest.config.js": `import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
});
`,
        "it.test.js": checking(
          "import",
          ".",
          `import { test } from "vitest";\ntest("it", () => console.log("[[" + CHECKED + "]]"));\n`,
        ),
      });
      return node([bin("vitest/vitest.mjs"), "run", "--silent=false"], dir);
    },
  },
};
