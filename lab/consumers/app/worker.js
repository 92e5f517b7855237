// A page that leaves the work to a module worker.
import { reportAddress } from "./report.js";

const worker = new Worker(new URL("./in-worker.js", import.meta.url), {
  type: "module",
});
worker.postMessage(reportAddress);
