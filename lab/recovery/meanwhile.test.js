// Edits while a package is built. Each build says that the package matches the sources, so the next `verify` is the judge.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "meanwhile-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const checkout = join(folder, "checkout");
execFileSync("git", ["clone", "--quiet", root, checkout]);
const tools = process.env.XTASK_TOOLS ?? join(root, "target/tools");
const manifest = join(root, "xtask/Cargo.toml");

/** Runs a command of this checkout's program there, and calls `onLine` with each line that it prints. Returns what it printed, and whether it succeeded. */
async function xtask(args, onLine = () => {}) {
  const options = `run --quiet --locked --target host-tuple --manifest-path`;
  const all = [...options.split(" "), manifest, "--", ...args];
  const child = spawn("cargo", all, {
    cwd: checkout,
    env: { ...process.env, XTASK_TOOLS: tools },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const lines = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    onLine(line);
  }
  return { said: lines.join("\n"), succeeded: (await ended) === 0 };
}

test("a part of the assembling script that changes while the script is loaded is noticed", async () => {
  const script = join(checkout, "xtask/tools/assemble.mjs");
  const slow =
    'console.error("loading");\n' +
    "await new Promise((loaded) => setTimeout(loaded, 2000));\n" +
    'await import("./late.mjs");\n';
  const text = readFileSync(script, "utf8");
  writeFileSync(script, text.replace("// What is imported", `${slow}$&`));
  const late = join(checkout, "xtask/tools/late.mjs");
  writeFileSync(late, "export {};\n");

  let edits = 0;
  const built = await xtask(["build"], (line) => {
    if (line === "loading" && edits === 0) {
      edits += 1;
      appendFileSync(late, "// Another text.\n");
    }
  });
  assert.equal(edits, 1, built.said);
  assert.ok(built.succeeded, built.said);
  assert.match(built.said, /files changed while they were built.*late\.mjs/);
  assert.ok((await xtask(["verify"])).succeeded);
  execFileSync("git", ["checkout", "--quiet", "."], { cwd: checkout });
  rmSync(late);
});

test("an edit while wasm-opt runs is in no package that verify accepts", async () => {
  const library = join(checkout, "common/src/lib.rs");
  appendFileSync(library, "// An edit, so that something is built.\n");

  let edits = 0;
  const built = await xtask(["build"], (line) => {
    // What follows is wasm-opt's time.
    if (/^ *compile {2}/.test(line) && edits === 0) {
      edits += 1;
      appendFileSync(library, "// Another one.\n");
    }
  });
  assert.ok(built.succeeded && edits === 1, built.said);
  const verified = await xtask(["verify"]);
  const builtAgain = built.said.includes("files changed while they were built");
  assert.equal(verified.succeeded, builtAgain, verified.said);
  assert.ok((await xtask(["build"])).succeeded);
  assert.ok((await xtask(["verify"])).succeeded);
});
