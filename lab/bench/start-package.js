// Prints the nanoseconds of processor time from before the import to the first result.
const start = process.cpuUsage();
const { summarize } = await import("../../wasm-client/pkg/index.js");
summarize(Float64Array.of(1, 2, 6));
const { user, system } = process.cpuUsage(start);
console.log(1000 * (user + system));
