// For server-side rendering.
import * as lib from "fresh-wasm";
import { check } from "./check.js";

export const render = () => check(lib);
