// Builds the module of faults.rs as the package is built, and starts it behind the package's guard.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { api, connect } from "../../../xtask/tools/connect.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const target = join(root, "target/faults");
/** The folder with the glue and the guard. */
export const folder = join(target, "package");

/** Builds it. @returns {Promise<string>} the glue as wasm-bindgen made it */
export async function build() {
  // The folders of the pinned tools, where those on PATH are others.
  const tools = execFileSync("cargo", ["xtask", "tools"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const path = [...tools.split("\n").filter(isAbsolute), process.env.PATH].join(delimiter);
  /** @type {import("node:child_process").ExecFileSyncOptions} */
  const options = {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "ignore", "inherit"],
  };
  const triple = "wasm32-unknown-unknown";
  const cargo = `build --quiet --locked --package wasm-client --example faults --target ${triple} --target-dir`;
  execFileSync("cargo", [...cargo.split(" "), target], options);
  const flags = "--target web --out-name glue --debug --omit-default-module-path --no-typescript --out-dir";
  const module = join(target, triple, "debug/examples/faults.wasm");
  execFileSync("wasm-bindgen", [...flags.split(" "), folder, module], options);

  const glue = readFileSync(join(folder, "glue.js"), "utf8");
  writeFileSync(join(folder, "glue.js"), connect(glue));
  cpSync(new URL("../../npm/guard.js", import.meta.url), join(folder, "guard.js"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "sideEffects": ["./index.js"] }');
  writeFileSync(join(folder, "api.js"), api(await load("glue.js")));
  const start = `
    import { readFileSync } from "node:fs";
    import { initSync } from "./glue.js";
    initSync({ module: new WebAssembly.Module(readFileSync(new URL("./glue_bg.wasm", import.meta.url))) });
    export * from "./api.js";
  `;
  writeFileSync(join(folder, "index.js"), start);
  return glue;
}

/** @returns {Promise<any>} the exports of a file in the folder; those of index.js are guarded */
export const load = (name = "index.js") => import(pathToFileURL(join(folder, name)).href);

/** What a program prints that has the exports in `lib`; in a process of its own, whose built-ins it may change. */
export function run(/** @type {string} */ before, /** @type {string} */ code) {
  const url = JSON.stringify(pathToFileURL(join(folder, "index.js")).href);
  const program = `${before};\nconst lib = await import(${url});\n${code}`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
