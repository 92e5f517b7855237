// The page: takes a series, has the worker describe it, shows what comes back.
import { drawChart, formatCount, formatNumber } from "./chart.ts";
import type { Description, Failure, Histogram, Reply, Request } from "./worker.ts";

const $ = <E extends HTMLElement>(selector: string) => document.querySelector<E>(selector)!;
const text = $<HTMLTextAreaElement>("#text");
const bins = $<HTMLInputElement>("#bins");
const chooser = $<HTMLInputElement>("#file");
const bar = $<HTMLProgressElement>("#bar");
const chart = $("#chart");

/** What is described: a file, or the text if there is none. */
let file: File | undefined;
let shown: Description | undefined;
let isBusy = false;
let worker = startWorker();
/** The timers of the pause after a key, and of the wait before the progress bar. */
let [typing, patience] = [0, 0];

function startWorker(): Worker {
  const started = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data }: MessageEvent<Reply>) => {
    if (data.about) showPackage(data.about);
    if (data.progress) showProgress(data.progress);
    if (data.described) showDescription(data.described);
    if (data.counted) showHistogram(data.counted);
    if (data.failed) showFailure(data.failed);
  };
  started.onerror = ({ message }) => showFailure({ message: message || "the worker did not start" });
  return started;
}

const ask = (request: Request) => worker.postMessage(request);
const say = (status: string) => void ($("#status").textContent = status);
const name = () => file?.name ?? "the text";

function describe() {
  stop();
  $("#error").hidden = true;
  isBusy = true;
  // A shorter wait needs no progress bar, which would only flicker.
  patience = window.setTimeout(() => ($("#progress").hidden = false), 300);
  $("#progress label").textContent = `Reading ${name()}`;
  bar.removeAttribute("value");
  ask({ file: file ?? new Blob([text.value]), bins: bins.valueAsNumber });
}

/** Stops what the worker is doing. Only ending the worker stops it at once. */
function stop() {
  if (isBusy) {
    worker.terminate();
    worker = startWorker();
  }
  setIdle();
}

function setIdle() {
  isBusy = false;
  clearTimeout(patience);
  clearTimeout(typing);
  $("#progress").hidden = true;
}

function showPackage({ name, version, profile, bytes, moduleDigest }: NonNullable<Reply["about"]>) {
  $("#package").innerText =
    `${name} ${version}, ${profile}, ${formatNumber(Math.round(bytes / 100) / 10)} kB\n` +
    `built from ${moduleDigest?.slice(0, 12) ?? "unknown sources"}`;
}

function showProgress({ share, count, mean }: NonNullable<Reply["progress"]>) {
  bar.value = share;
  $("#progress label").textContent =
    `${name()}: ${formatCount(count)} numbers so far, their mean is ${formatNumber(mean)}`;
}

function showDescription(description: Description) {
  setIdle();
  shown = description;
  const { summary, histogram, milliseconds } = description;
  const count = formatCount(summary.count);
  say(
    `${count} ${summary.count === 1 ? "number" : "numbers"} from ${name()}, ` +
      `in ${formatCount(Math.ceil(milliseconds))} ms` +
      (histogram ? "" : ": too many for quartiles and a histogram"),
  );
  const [lower, median, upper] = summary.quartiles ?? [];
  const values = {
    Minimum: summary.min,
    "Lower quartile": lower,
    Median: median,
    "Upper quartile": upper,
    Maximum: summary.max,
    Mean: summary.mean,
    "Standard deviation": summary.standardDeviation,
    Variance: summary.variance,
  };
  const rows = Object.entries(values).map(([name, value]) =>
    value === undefined ? "" : `<tr><th scope="row">${name}<td>${formatNumber(value)}`,
  );
  $("#summary table").innerHTML = `<tr><th scope="row">Count<td>${count}${rows.join("")}`;
  showHistogram(histogram);
}

function showHistogram(histogram: Histogram | undefined) {
  if (shown) shown.histogram = histogram;
  draw();
  const { counts = [], edges = [] } = histogram ?? {};
  const rows = Array.from(counts, (count, bin) => {
    const [from, to] = [edges[bin]!, edges[bin + 1]!].map(formatNumber);
    return `<tr><td>${from}<td>${to}<td>${formatCount(count)}`;
  });
  const head = `<tr><th scope="col">From<th scope="col">To<th scope="col">Count`;
  $("details table").innerHTML = head + rows.join("");
}

function draw() {
  const quartiles = shown?.summary.quartiles;
  const histogram = shown?.histogram;
  const { clientWidth, clientHeight } = chart;
  chart.innerHTML = quartiles && histogram ? drawChart(histogram, quartiles, clientWidth, clientHeight) : "";
}

function showFailure({ code, message, line, column, text: token = "" }: Failure) {
  setIdle();
  let said = `Unexpected error: ${message}`;
  if (code) said = `No result: ${message}.`;
  if (line && column) {
    const place = `${file ? `${file.name}, line` : "Line"} ${formatCount(line)}, column ${formatCount(column)}`;
    said = `${place}: “${token.slice(0, 40)}${token.length > 40 ? "…" : ""}” is not a finite number.`;
  }
  $("#error p").textContent = said + (shown ? " The previous result is still shown." : "");
  $("#show").hidden = line === undefined || file !== undefined;
  $("#show").onclick = () => select(line!, column!, token.length);
  $("#error").hidden = false;
  if (!shown) say("No result yet");
}

/** Marks a place in the text and brings it into view. */
function select(line: number, column: number, length: number) {
  // The value of a text field has no other line ends.
  const lines = text.value.split("\n").slice(0, line);
  const last = [...lines.pop()!].slice(0, column - 1).join("");
  const start = [...lines, last].join("\n").length;
  text.focus();
  text.setSelectionRange(start, start + length);
}

function open(opened: File | undefined) {
  if (!opened) return;
  file = opened;
  text.placeholder = file.name;
  text.value = "";
  describe();
}

function write(written: string) {
  file = undefined;
  text.placeholder = "1 2.5, 3e2";
  text.value = written;
  if (written.trim()) return describe();
  stop();
  $("#error").hidden = true;
  shown = undefined;
  $("#summary table").replaceChildren();
  showHistogram(undefined);
  say("No numbers yet");
}

text.oninput = () => {
  clearTimeout(typing);
  typing = window.setTimeout(() => write(text.value), 200);
};
$("#sample").onclick = () => write(text.defaultValue);
$("#clear").onclick = () => {
  write("");
  text.focus();
};
$("#cancel").onclick = () => {
  stop();
  const rest = shown ? "; the previous result is still shown" : "";
  say(`Cancelled reading ${name()}${rest}`);
  text.focus();
};
chooser.onchange = () => {
  open(chooser.files?.[0]);
  // A file that is chosen again after a change has to be read again.
  chooser.value = "";
};
bins.oninput = () => {
  $("output").textContent = bins.value;
  if (!isBusy) ask({ bins: bins.valueAsNumber });
};

document.ondragover = document.ondrop = (event: DragEvent) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  // The files are listed only once they are dropped.
  open(event.dataTransfer.files[0]);
};

window.onerror = (message) => showFailure({ message: String(message) });
window.onunhandledrejection = ({ reason }) => showFailure({ message: String(reason) });
new ResizeObserver(draw).observe(chart);

// A page that is loaded again, as it is after each build in development, keeps its text.
window.onpagehide = () => sessionStorage.setItem("text", text.value);
write(sessionStorage.getItem("text") ?? text.value);
