// How fast the package is against the same code native, plain JavaScript and the packages people would use:
// `node bench.js` prints ratios with their spread, `--write` puts results.json and results.svg beside this file.
// Samples are taken in turns, each after a call that is not timed; ratios are of the fastest ones, as whatever else the
// machine does only adds.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { install } from "../install.js";
import * as plain from "./plain.js";
import { plot } from "./plot.js";

install(import.meta.url);
const d3 = await import("d3-array");
const simple = await import("simple-statistics");

setFlagsFromString("--expose-gc");
/** @type {() => void} */
const collect = runInNewContext("gc");

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const pkg = join(root, "wasm-client/pkg");
const lib = await import(join(pkg, "index.js"));
const glue = await import(join(pkg, "glue.js"));
const bytes = readFileSync(join(pkg, "glue_bg.wasm"));
// What it gives is the exports of the instance that runs already.
const bare = glue.initSync({ module: bytes });
const SAMPLES = 31;

function series(length) {
  let state = 1;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

/** Samples of every contestant in nanoseconds a call, taken in turns. */
function race(contestants, calls, samples = SAMPLES) {
  const times = Object.fromEntries(
    Object.keys(contestants).map((name) => [name, []]),
  );
  for (let sample = -3; sample < samples; sample++) {
    for (const [name, run] of Object.entries(contestants)) {
      // What the one before left behind, garbage and cold caches, is not this one's.
      collect();
      run(0);
      const start = process.hrtime.bigint();
      for (let call = 0; call < calls; call++) {
        run(call);
      }
      const time = Number(process.hrtime.bigint() - start) / calls;
      // The first ones warm it up.
      if (sample >= 0) {
        times[name].push(time);
      }
    }
  }
  return times;
}

const quantile = (values, at) =>
  d3.quantileSorted([...values].sort(d3.ascending), at);

/** Each contestant's fastest sample, the median and the upper quartile in nanoseconds, and its ratio to the first one. */
function results(title, times) {
  const base = d3.min(Object.values(times)[0]);
  const rows = Object.entries(times).map(([name, samples]) => {
    const [least, median, high] = [0, 0.5, 0.75].map((at) =>
      quantile(samples, at),
    );
    return { name, least, median, high, ratio: least / base };
  });
  return { title, rows };
}

const groups = [];
const native = {};
execFileSync(
  "cargo",
  [
    "build",
    "--quiet",
    "--release",
    "--locked",
    "--target-dir",
    join(root, "target/bench"),
  ],
  { cwd: join(here, "native") },
);
const printed = execFileSync(
  join(root, "target/bench/release/bench-native"),
  [`${SAMPLES}`],
  { encoding: "utf8" },
);
for (const line of printed.trim().split("\n")) {
  const [name, length, time] = line.split(" ");
  (native[`${name} ${length}`] ??= []).push(Number(time));
}

for (const length of [100, 10_000, 1_000_000]) {
  const values = series(length);
  const calls = Math.max(1, Math.min(2000, 1_000_000 / length));
  groups.push(
    results(`summarize, ${length} numbers`, {
      ...race(
        {
          "this package": () => lib.summarize(values),
          "plain JavaScript": () => plain.summarize(values),
          "simple-statistics": () => plain.summarizeWith(simple, values),
          "d3-array": () => plain.summarizeWithD3(d3, values),
        },
        calls,
        length > 1e5 ? 7 : SAMPLES,
      ),
      native: native[`summarize ${length}`],
    }),
    results(`histogram of 100 bins, ${length} numbers`, {
      ...race(
        {
          "this package": () => lib.histogram(values, 100),
          "plain JavaScript": () => plain.histogram(values, 100),
          "d3-array": () => plain.histogramWithD3(d3, values, 100),
        },
        calls,
        length > 1e5 ? 7 : SAMPLES,
      ),
      native: native[`histogram ${length}`],
    }),
  );
}

const accumulator = new lib.Accumulator();
const pointer = accumulator.__wbg_ptr;
groups.push(
  results(
    "a call that adds one number",
    race(
      {
        "this package": () => accumulator.push(1.5),
        "the bare export": () => bare.accumulator_push(pointer, 1.5),
      },
      200_000,
    ),
  ),
  results(
    "a call with nothing in it",
    race(
      {
        "this package": () => accumulator.count,
        "the bare export": () => bare.accumulator_count(pointer),
      },
      200_000,
    ),
  ),
);

const one = Float64Array.of(1);
groups.push(
  results(
    "an object out",
    race(
      {
        "this package": () => lib.summarize(one),
        "the same, through JSON": () =>
          JSON.parse(JSON.stringify(lib.summarize(one))),
      },
      20_000,
    ),
  ),
);

// A process for each sample: nothing is compiled or cached before.
const starts = { "this package": [], "the module by hand": [] };
for (let sample = 0; sample < SAMPLES; sample++) {
  for (const name of Object.keys(starts)) {
    const program =
      name === "this package" ? "start-package.js" : "start-by-hand.js";
    starts[name].push(
      Number(
        execFileSync(process.execPath, [join(here, program)], {
          encoding: "utf8",
        }),
      ),
    );
  }
}
groups.push(results("import to first result", starts));

for (const { title, rows } of groups) {
  console.log(`\n${title}`);
  for (const { name, least, median, high, ratio } of rows) {
    const [fast, middle, slow] = [least, median, high].map((time) =>
      (time / 1000).toPrecision(3),
    );
    console.log(
      `  ${name.padEnd(24)} ${fast.padStart(9)} µs (median ${middle}, three quarters ${slow})  ${ratio.toFixed(2)}`,
    );
  }
}
if (process.argv.includes("--write")) {
  const machine = {
    node: process.version,
    cpu: cpus()[0].model,
    samples: SAMPLES,
  };
  writeFileSync(
    join(here, "results.json"),
    `${JSON.stringify({ machine, groups }, null, 2)}\n`,
  );
  writeFileSync(join(here, "results.svg"), plot(groups));
}
