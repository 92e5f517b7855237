/// <reference lib="esnext.disposable" />
export * from "./api.js";
export { LibraryError, type ErrorCodes } from "./error.js";
