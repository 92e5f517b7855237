/// <reference lib="esnext.disposable" />
export * from "./api.js";
export { StatisticsError } from "./error.js";
