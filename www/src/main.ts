// The page: takes a series in, has the worker describe it, shows what comes back.

import { QUARTILES, drawChart } from "./chart.ts";
import { showPackage, showSources } from "./corner.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
} from "./format.ts";
import { sample } from "./sample.ts";
import type {
  Description,
  Failure,
  Histogram,
  Reply,
  Request,
} from "./worker.ts";

/** After the last key, in milliseconds. */
const TYPING_PAUSE = 200;

/** A shorter wait needs no progress bar, which would only flicker. */
const PATIENCE = 300;

const $ = <E extends HTMLElement>(selector: string) =>
  document.querySelector<E>(selector)!;
const text = $<HTMLTextAreaElement>("#text");
const bins = $<HTMLInputElement>("#bins");
const bar = $<HTMLProgressElement>("#bar");
const chart = $("#chart");

/** What is described: a file, or the text when there is none. */
let file: File | undefined;
let worker = startWorker();
let isBusy = false;
let shown: Description | undefined;
let patience = 0;

function startWorker(): Worker {
  const started = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
  });
  started.onmessage = ({ data }: MessageEvent<Reply>) => {
    if ("about" in data) showPackage(data.about);
    if ("progress" in data) showProgress(data.progress);
    if ("described" in data) showDescription(data.described);
    if ("counted" in data) showHistogram(data.counted);
    if ("failed" in data) showFailure(data.failed);
  };
  started.onerror = (event) =>
    showUnexpected(event.message || "the worker did not start");
  return started;
}

/** Whatever the worker is at is of no use any more; only ending it ends it at once. */
function stop() {
  if (isBusy) {
    worker.terminate();
    worker = startWorker();
  }
  setBusy(false);
}

function describe() {
  stop();
  hideFailure();
  setBusy(true);
  ask({ file: file ?? new Blob([text.value]), bins: bins.valueAsNumber });
}

function ask(request: Request) {
  worker.postMessage(request);
}

function setBusy(busy: boolean) {
  isBusy = busy;
  clearTimeout(patience);
  $("#progress").hidden = true;
  bar.removeAttribute("value");
  $("#progress label").textContent = `Reading ${name()}`;
  if (busy)
    patience = window.setTimeout(
      () => ($("#progress").hidden = false),
      PATIENCE,
    );
}

function name(): string {
  return file?.name ?? "the text";
}

function showProgress({
  bytes,
  count,
  mean,
}: Extract<Reply, { progress: unknown }>["progress"]) {
  bar.max = file?.size ?? text.value.length;
  bar.value = bytes;
  $("#progress label").textContent =
    `${name()}: ${formatCount(count)} numbers so far, their mean is ${formatNumber(mean)}`;
}

function showDescription(description: Description) {
  setBusy(false);
  shown = description;
  const { summary, histogram, milliseconds } = description;
  const many = summary.count === 1 ? "number" : "numbers";
  say(
    `${formatCount(summary.count)} ${many} from ${name()}, in ${formatDuration(milliseconds)}` +
      (histogram ? "" : ": too many for quartiles and a histogram"),
  );
  const [lower, median, upper] = summary.quartiles ?? [];
  const rows: [string, number | undefined][] = [
    ["Minimum", summary.min],
    [QUARTILES[0]!, lower],
    [QUARTILES[1]!, median],
    [QUARTILES[2]!, upper],
    ["Maximum", summary.max],
    ["Mean", summary.mean],
    ["Standard deviation", summary.standardDeviation],
    ["Variance", summary.variance],
  ];
  $("#summary tbody").replaceChildren(
    row("th", "Count", formatCount(summary.count)),
    ...rows.map(([name, value]) =>
      row("th", name, value === undefined ? "–" : formatNumber(value)),
    ),
  );
  showHistogram(histogram);
  performance.mark("described");
}

function showHistogram(histogram: Histogram | undefined) {
  if (shown) shown.histogram = histogram;
  draw();
  const rows = Array.from(histogram?.counts ?? [], (count, bin) =>
    row(
      "td",
      formatNumber(histogram!.edges[bin]!),
      formatNumber(histogram!.edges[bin + 1]!),
      formatCount(count),
    ),
  );
  $("#distribution tbody").replaceChildren(...rows);
}

function draw() {
  const quartiles = shown?.summary.quartiles;
  const histogram = shown?.histogram;
  chart.replaceChildren(
    ...(quartiles && histogram ? [drawChart(chart, histogram, quartiles)] : []),
  );
}

function row(first: "th" | "td", ...texts: string[]): HTMLTableRowElement {
  const made = document.createElement("tr");
  texts.forEach((text, i) => {
    const cell = document.createElement(i === 0 ? first : "td");
    if (cell.tagName === "TH") cell.setAttribute("scope", "row");
    cell.textContent = text;
    made.append(cell);
  });
  return made;
}

function showFailure({ code, message, line, column, text }: Failure) {
  setBusy(false);
  if (code === "unexpected") return showUnexpected(message);
  const where = file ? `${file.name}, line` : "Line";
  showError(
    line === undefined
      ? `No result: ${message}.`
      : `${where} ${formatCount(line)}, column ${formatCount(column!)}: “${shorten(text!)}” is not a finite number.`,
  );
  if (line !== undefined && !file) {
    $("#show").hidden = false;
    $("#show").onclick = () => select(line, column!, text!.length);
  }
}

/** A bug, in here or in the package: it is shown, not swallowed. */
function showUnexpected(message: string) {
  setBusy(false);
  showError(`Something went wrong that should not: ${message}`);
}

function showError(message: string) {
  $("#error p").textContent =
    message + (shown ? " The result is still that of before." : "");
  $("#error").hidden = false;
  if (!shown) say("No result yet");
}

function hideFailure() {
  $("#error").hidden = true;
  $("#show").hidden = true;
}

function say(status: string) {
  $("#status").textContent = status;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Marks a place in the text and brings it into view. */
function select(line: number, column: number, length: number) {
  // A text field's value has no other line ends.
  const lines = text.value.split("\n").slice(0, line);
  const last = [...lines.pop()!].slice(0, column - 1).join("");
  const start = [...lines, last].join("\n").length;
  text.focus();
  text.setSelectionRange(start, start + length);
}

function open(opened: File) {
  file = opened;
  text.placeholder = `${file.name}, ${formatBytes(file.size)}`;
  text.value = "";
  describe();
}

function write(written: string) {
  file = undefined;
  text.placeholder = "1 2.5, 3e2";
  text.value = written;
  if (written.trim()) return describe();
  stop();
  hideFailure();
  shown = undefined;
  $("#summary tbody").replaceChildren();
  showHistogram(undefined);
  say("No numbers yet");
}

let typing = 0;
text.oninput = () => {
  clearTimeout(typing);
  typing = window.setTimeout(() => write(text.value), TYPING_PAUSE);
};
$("#sample").onclick = () => write(sample);
$("#clear").onclick = () => {
  write("");
  text.focus();
};
$("#cancel").onclick = () => {
  stop();
  say(
    `Cancelled reading ${name()}` +
      (shown ? "; the result is that of before" : ""),
  );
  text.focus();
};
const chooser = $<HTMLInputElement>("#file");
chooser.onchange = () => {
  const [chosen] = chooser.files!;
  if (chosen) open(chosen);
  // The same file, chosen again after a change, is to be read again.
  chooser.value = "";
};
bins.oninput = () => {
  $("output").textContent = bins.value;
  if (!isBusy) ask({ bins: bins.valueAsNumber });
};

const page = document.documentElement;
page.ondragover = (event) => {
  event.preventDefault();
  page.classList.add("dragging");
};
page.ondragleave = (event) => {
  if (!event.relatedTarget) page.classList.remove("dragging");
};
page.ondrop = (event) => {
  event.preventDefault();
  page.classList.remove("dragging");
  const [dropped] = event.dataTransfer?.files ?? [];
  const droppedText = event.dataTransfer?.getData("text/plain");
  if (dropped) open(dropped);
  else if (droppedText) write(droppedText);
};

window.addEventListener("error", (event) => showUnexpected(event.message));
window.addEventListener("unhandledrejection", (event) =>
  showUnexpected(String(event.reason)),
);
new ResizeObserver(draw).observe(chart);

write(sample);

// In development: a new package takes the place of the old one, and what is shown is described once more.
if (import.meta.hot) {
  import.meta.hot.on("package:new", () => {
    isBusy = true;
    describe();
  });
  import.meta.hot.on("package:sources", showSources);
  import.meta.hot.send("package:compare");
}
