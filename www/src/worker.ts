// Reads and computes beside the page's thread, so that the page never waits: the package is used in here alone.
import init, {
  type BuildInfo,
  type Histogram,
  type Moments,
  type LibraryError,
  type Summary,
} from "wasm-client/init";
import { name } from "wasm-client/package.json";

import { inFile, pieces } from "./pieces.ts";

/** Quartiles and histogram need all values at once: here 8 bytes for each, and 16 in the module's memory, of 4 GiB at
 * most. A longer series gets what an accumulator tells. */
const MOST_VALUES = 1 << 26;

/** Between two reports of progress, in milliseconds. */
const REPORT_EVERY = 100;

export type { Histogram };

/** Describe this file, or count the last one once more. */
export type Request = { file?: Blob; bins: number };

export type About = BuildInfo & { name: string; size: number };

export interface Description {
  summary: Moments & Partial<Summary>;
  /** Missing where the series is too long to be kept. */
  histogram: Histogram | undefined;
  milliseconds: number;
}

export type Failure = Pick<
  LibraryError,
  "message" | "line" | "column" | "text"
> & { code: LibraryError["code"] | "unexpected" };

export type Reply =
  | { about: About }
  | { progress: { bytes: number; count: number; mean: number } }
  | { described: Description }
  | { counted: Histogram }
  | { failed: Failure };

const library = init();
let values: Float64Array | undefined;

// Set before anything is awaited: a message to a worker without a listener would be lost.
self.onmessage = async ({ data }: MessageEvent<Request>) => {
  try {
    if (data.file) await describe(data.file, data.bins);
    else if (values) reply({ counted: await count(values, data.bins) });
  } catch (error) {
    reply({ failed: failure(error) });
  }
};

library.then(
  ({ buildInfo }) => {
    const [module] = performance
      .getEntriesByType("resource")
      .filter((entry) => entry.name.includes(".wasm"));
    const size = (module as PerformanceResourceTiming).decodedBodySize;
    reply({ about: { ...buildInfo(), name, size } });
  },
  (error) => reply({ failed: failure(error) }),
);

async function describe(file: Blob, bins: number) {
  const start = performance.now();
  const { Accumulator, parse, summarize } = await library;
  const accumulator = new Accumulator();
  const kept = new Kept();
  values = undefined;
  let reported = start;
  for await (const piece of pieces(file)) {
    try {
      const numbers = parse(piece.text);
      accumulator.push(numbers);
      kept.push(numbers, piece.end / file.size);
    } catch (error) {
      throw inFile(error as LibraryError, piece);
    }
    if (performance.now() - reported > REPORT_EVERY && accumulator.count > 0) {
      reported = performance.now();
      const { count, mean } = accumulator.summary();
      reply({ progress: { bytes: piece.end, count, mean } });
    }
  }
  let summary: Description["summary"] = accumulator.summary();
  accumulator.free();
  values = kept.values();
  let histogram;
  try {
    if (values) {
      summary = summarize(values);
      histogram = await count(values, bins);
    }
  } catch (error) {
    if ((error as LibraryError).code !== "out_of_memory") throw error;
    values = undefined;
  }
  const milliseconds = performance.now() - start;
  reply({ described: { summary, histogram, milliseconds } });
}

async function count(values: Float64Array, bins: number): Promise<Histogram> {
  return (await library).histogram(values, bins);
}

/** All values in one array, which is what the library takes. */
class Kept {
  #array = new Float64Array();
  #count = 0;
  #tooMany = false;

  /** Adds the numbers that bring it to the given share of the file. */
  push(numbers: Float64Array, share: number) {
    const count = this.#count + numbers.length;
    this.#tooMany ||= count > MOST_VALUES;
    if (this.#tooMany) {
      this.#array = new Float64Array();
      return;
    }
    if (count > this.#array.length) {
      // Room for the whole file, if the rest of it is like what was read.
      const room = Math.min(Math.ceil((count / share) * 1.01), MOST_VALUES);
      const larger = new Float64Array(room);
      larger.set(this.#array.subarray(0, this.#count));
      this.#array = larger;
    }
    this.#array.set(numbers, this.#count);
    this.#count = count;
  }

  values(): Float64Array | undefined {
    return this.#tooMany ? undefined : this.#array.subarray(0, this.#count);
  }
}

function failure(error: unknown): Failure {
  const { message, code, line, column, text } = error as LibraryError;
  return { message, code: code ?? "unexpected", line, column, text };
}

function reply(reply: Reply) {
  self.postMessage(reply);
}
