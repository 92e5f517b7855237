// A page that asks its service worker.
import { report } from "./report.js";

report(async () => {
  const { active, installing, waiting } =
    await navigator.serviceWorker.register("service-worker.js", {
      type: "module",
    });
  const { port1, port2 } = new MessageChannel();
  (active ?? waiting ?? installing).postMessage(port2, [port2]);
  return new Promise((resolve) => (port1.onmessage = (e) => resolve(e.data)));
});
