// The same version of the package, packed and installed again while Vite's development server runs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as vite from "vite";
import { npm, pkg, write } from "./project.js";

const folder = mkdtempSync(join(tmpdir(), "reinstall-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const app = join(folder, "app");

/** Installs the package with another text in it, but of the same version. */
function installEdition(edition) {
  const copy = join(folder, edition);
  cpSync(pkg, copy, { recursive: true });
  appendFileSync(
    join(copy, "index.js"),
    `export const edition = "${edition}";\n`,
  );
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts"], {
    cwd: copy,
    stdio: "ignore",
  });
  // Always under one name.
  execFileSync("sh", ["-c", `mv ${copy}/*.tgz ${folder}/package.tgz`]);
  npm(["install", "--offline", join(folder, "package.tgz")], app);
}

async function startVite() {
  const server = await vite.createServer({
    root: app,
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0 },
  });
  await server.listen();
  return server;
}

/** What a page gets that is loaded now. */
async function served(server) {
  const get = async (path) =>
    (await fetch(new URL(path, server.resolvedUrls.local[0]))).text();
  const [, dependency] = /from "(.*?)"/.exec(await get("/main.js"));
  return /edition = "(\w+)"/.exec(await get(dependency))[1];
}

test("Vite serves the new bytes from its next start on", async () => {
  write(app, {
    "package.json": `{ "private": true, "type": "module" }`,
    "index.html": `<script type="module" src="/main.js"></script>`,
    "main.js": `import { edition } from "fresh-wasm";\nconsole.log(edition);\n`,
  });
  installEdition("first");
  const server = await startVite();
  assert.equal(await served(server), "first");
  installEdition("second");
  // What docs/consumers.md says: it has to be started again.
  assert.equal(await served(server), "first");
  await server.close();

  const again = await startVite();
  assert.equal(await served(again), "second");
  await again.close();
});
