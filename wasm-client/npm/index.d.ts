/// <reference lib="esnext.disposable" />
export * from "./api.js";
export { LibraryError } from "./error.js";
