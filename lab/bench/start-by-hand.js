// The same with the module's file, its glue and nothing else.
const start = process.cpuUsage();
const { readFileSync } = await import("node:fs");
const { initSync, summarize } = await import("../../wasm-client/pkg/glue.js");
initSync({
  module: readFileSync(
    new URL("../../wasm-client/pkg/fresh-wasm.wasm", import.meta.url),
  ),
});
summarize(Float64Array.of(1, 2, 6));
const { user, system } = process.cpuUsage(start);
console.log(1000 * (user + system));
