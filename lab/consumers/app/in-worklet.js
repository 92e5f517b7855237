// A page that asks its audio worklet.
import { report } from "./report.js";

report(async () => {
  const context = new OfflineAudioContext(1, 128, 44100);
  await context.audioWorklet.addModule("worklet.js");
  const { port } = new AudioWorkletNode(context, "checked");
  return new Promise((resolve) => (port.onmessage = (e) => resolve(e.data)));
});
