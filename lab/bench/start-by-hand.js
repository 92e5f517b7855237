// The same with the module's file, its glue and nothing else, from the folder that is given.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder] = process.argv.slice(2);
const glue = pathToFileURL(join(folder, "glue.js")).href;

const start = process.cpuUsage();
const { readFileSync } = await import("node:fs");
const { initSync, summarize } = await import(glue);
initSync({ module: readFileSync(join(folder, "fresh-wasm.wasm")) });
summarize(Float64Array.of(1, 2, 6));
const { user, system } = process.cpuUsage(start);
console.log(1000 * (user + system));
