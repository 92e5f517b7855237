// Reads and computes in a thread of its own, so that the page never waits. Only this file uses the package.
import init, { type BuildInfo, type Histogram, type Moments, type Summary } from "wasm-client/init";
import { name } from "wasm-client/package.json";

import { inFile, pieces } from "./pieces.ts";

/** Quartiles and histogram need all values at once: 8 bytes each here, and 16 in the module's memory, which is 4 GiB at
 * most. A longer series gets only what an accumulator gives. */
const MOST_VALUES = 1 << 26;

export type { Histogram };

/** Describe this file, or count the last one again. */
export type Request = { file?: Blob; bins: number };

export interface Description {
  summary: Moments & Partial<Summary>;
  /** Missing if the series is too long to be kept. */
  histogram?: Histogram;
  milliseconds: number;
}

/** An error of the package, or one that has no code: a bug. */
export type Failure = { message: string; code?: string; line?: number; column?: number; text?: string };

/** Each reply has one of these. */
export interface Reply {
  about?: BuildInfo & { name: string; bytes: number };
  progress?: { share: number; count: number; mean: number };
  described?: Description;
  counted?: Histogram;
  failed?: Failure;
}

const library = init();
const reply = (reply: Reply) => self.postMessage(reply);
let values = new Float64Array();

// Set before anything is awaited: a message that comes before the listener would be lost.
self.onmessage = async ({ data }: MessageEvent<Request>) => {
  try {
    if (data.file) await describe(data.file, data.bins);
    else if (values.length > 0) reply({ counted: (await library).histogram(values, data.bins) });
  } catch (error) {
    fail(error);
  }
};

// A browser may note what it has loaded only after that was used.
const loaded = new Promise<PerformanceResourceTiming>((resolve) => {
  const note = (entry: PerformanceEntry) =>
    entry.name.includes(".wasm") && resolve(entry as PerformanceResourceTiming);
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({
    type: "resource",
    buffered: true,
  });
});
Promise.all([library, loaded])
  .then(([{ buildInfo }, { decodedBodySize: bytes }]) => reply({ about: { ...buildInfo(), name, bytes } }))
  .catch(fail);

async function describe(file: Blob, bins: number) {
  const { Accumulator, histogram, parse, summarize } = await library;
  const start = performance.now();
  const accumulator = new Accumulator();
  let kept: Float64Array[] = [];
  values = new Float64Array();
  let reported = start;
  for await (const piece of pieces(file)) {
    try {
      const numbers = parse(piece.text);
      accumulator.push(numbers);
      kept.push(numbers);
    } catch (error) {
      throw inFile(error as Failure, piece);
    }
    if (accumulator.count > MOST_VALUES) kept = [];
    if (performance.now() - reported > 100 && accumulator.count > 0) {
      reported = performance.now();
      const { count, mean } = accumulator.summary();
      reply({ progress: { share: piece.read / file.size, count, mean } });
    }
  }
  const described: Description = { summary: accumulator.summary(), milliseconds: 0 };
  accumulator.free();
  if (described.summary.count <= MOST_VALUES) {
    values = new Float64Array(described.summary.count);
    kept.reduce((at, numbers) => (values.set(numbers, at), at + numbers.length), 0);
    described.summary = summarize(values);
    described.histogram = histogram(values, bins);
  }
  described.milliseconds = performance.now() - start;
  reply({ described });
}

function fail(error: unknown) {
  const { message, code, line, column, text } = error as Failure;
  reply({ failed: { message, code, line, column, text } });
}
