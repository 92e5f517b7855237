export * from "./api.js";
export { StatisticsError } from "./error.js";
