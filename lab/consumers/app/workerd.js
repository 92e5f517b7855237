import * as lib from "fresh-wasm";
import { check } from "./check.js";

export default {
  test() {
    console.log(check(lib));
  },
};
