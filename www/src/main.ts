// The page: takes a series, has the worker describe it, shows what comes back.
import { drawChart, formatNumber } from "./chart.ts";
import type { Description, Failure, Histogram, Reply, Request } from "./worker.ts";

const $ = <E extends HTMLElement>(selector: string) => document.querySelector<E>(selector)!;
const text = $<HTMLTextAreaElement>("#text");
const bins = $<HTMLInputElement>("#bins");
const bar = $<HTMLProgressElement>("#bar");
const chart = $("#chart");

/** What is described: a file, or the text if there is none. */
let file: File | undefined;
let shown: Description | undefined;
let isBusy = false;
let worker = startWorker();
/** Timers, each of which is set anew before it ends. */
let [typing, patience] = [0, 0];

function startWorker(): Worker {
  const started = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
  });
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

function ask(request: Request) {
  worker.postMessage(request);
}

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

/** Ends what the worker is at. Nothing but ending the worker ends it at once. */
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
  $("#progress").hidden = true;
}

function name(): string {
  return file?.name ?? "the text";
}

function say(status: string) {
  $("#status").textContent = status;
}

function showPackage({ name, version, profile, bytes, digest }: NonNullable<Reply["about"]>) {
  $("#package").textContent =
    `${name} ${version}, ${profile}, ${formatNumber(Math.round(bytes / 100) / 10)} kB\n` +
    `built from ${digest?.slice(0, 12) ?? "unknown sources"}`;
  $("#package").title = `SHA-256 of the sources: ${digest}`;
}

function showProgress({ share, count, mean }: NonNullable<Reply["progress"]>) {
  bar.value = share;
  $("#progress label").textContent =
    `${name()}: ${count.toLocaleString("en")} numbers so far, their mean is ${formatNumber(mean)}`;
}

function showDescription(description: Description) {
  setIdle();
  shown = description;
  const { summary, histogram, milliseconds } = description;
  const count = summary.count.toLocaleString("en");
  say(
    `${count} ${summary.count === 1 ? "number" : "numbers"} from ${name()}, ` +
      `in ${Math.ceil(milliseconds).toLocaleString("en")} ms` +
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
  const rows = Object.entries(values).map(([name, value]) => [
    name,
    value === undefined ? "–" : formatNumber(value),
  ]);
  $("#summary table").innerHTML = [["Count", count], ...rows]
    .map(([name, value]) => `<tr><th scope="row">${name}<td>${value}`)
    .join("");
  showHistogram(histogram);
}

function showHistogram(histogram: Histogram | undefined) {
  if (shown) shown.histogram = histogram;
  draw();
  const rows = Array.from(
    histogram?.counts ?? [],
    (count, bin) =>
      `<tr><td>${formatNumber(histogram!.edges[bin]!)}<td>${formatNumber(histogram!.edges[bin + 1]!)}` +
      `<td>${count.toLocaleString("en")}`,
  );
  $("details table").innerHTML =
    `<tr><th scope="col">From<th scope="col">To<th scope="col">Count` + rows.join("");
}

function draw() {
  const quartiles = shown?.summary.quartiles;
  const histogram = shown?.histogram;
  const { clientWidth, clientHeight } = chart;
  chart.innerHTML = quartiles && histogram ? drawChart(histogram, quartiles, clientWidth, clientHeight) : "";
}

function showFailure({ code, message, line, column, text: token }: Failure) {
  setIdle();
  const short = token && token.length > 40 ? `${token.slice(0, 40)}…` : token;
  const said = !code
    ? `Something went wrong that should not: ${message}`
    : line === undefined
      ? `No result: ${message}.`
      : `${file ? `${file.name}, line` : "Line"} ${line.toLocaleString("en")}, ` +
        `column ${column!.toLocaleString("en")}: “${short}” is not a finite number.`;
  $("#error p").textContent = said + (shown ? " The result is still that of before." : "");
  $("#show").hidden = line === undefined || file !== undefined;
  $("#show").onclick = () => select(line!, column!, token!.length);
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
  const rest = shown ? "; the result is that of before" : "";
  say(`Cancelled reading ${name()}${rest}`);
  text.focus();
};
$<HTMLInputElement>("#file").onchange = ({ currentTarget }) => {
  const chooser = currentTarget as HTMLInputElement;
  open(chooser.files?.[0]);
  // A file that is chosen again after a change has to be read again.
  chooser.value = "";
};
bins.oninput = () => {
  $("output").textContent = bins.value;
  if (!isBusy) ask({ bins: bins.valueAsNumber });
};

document.ondragover = (event) => {
  if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
};
document.ondrop = (event) => {
  const [dropped] = event.dataTransfer?.files ?? [];
  if (dropped) event.preventDefault();
  open(dropped);
};

window.onerror = (message) => showFailure({ message: String(message) });
window.onunhandledrejection = ({ reason }) => showFailure({ message: String(reason) });
new ResizeObserver(draw).observe(chart);

// A page that is loaded again, as it is after each build in development, keeps its text.
window.onpagehide = () => sessionStorage.setItem("text", text.value);
write(sessionStorage.getItem("text") ?? text.value);
