// Two tables of docs/size.md: how long others take for the same (plain JavaScript, the packages people would use, the same
// code native), and what the guard costs, against the same glue and module without it. `node bench.js` prints both,
// `node bench.js guard` or `others` one of them; `--write` puts them there. Samples are taken in turns, each after a call
// that is not timed, in processor time: what else the machine does adds little to it. Their medians are compared; the
// guard's ratio is that of neighbouring samples, with its quartiles.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { install } from "../install.js";
import { table, write } from "../tables.js";
import * as plain from "./plain.js";

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
// The same build without the guard: what the glue imports from guard.js does nothing.
const bareFolder = join(root, "target/bench/bare");
rmSync(bareFolder, { recursive: true, force: true });
cpSync(pkg, bareFolder, { recursive: true });
writeFileSync(
  join(bareFolder, "guard.js"),
  "export const entered = (exports) => exports;\n" +
    "export const closure = (run) => run;\n" +
    "export const refused = (message) => new Error(message);\n",
);
const bare = await import(join(bareFolder, "glue.js"));
bare.initSync({ module: readFileSync(join(bareFolder, "fresh-wasm.wasm")) });

const columns = {
  plain: "JavaScript by hand",
  simple: "simple-statistics",
  d3: "d3-array",
  native: "native Rust",
};

/** @param {number[]} numbers @param {number} part of them that is smaller */
function quantile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * part)];
}
const median = (numbers) => quantile(numbers, 0.5);

/** The samples of all contestants, taken in turns, in nanoseconds a call. */
function race(calls, contestants, samples = 31) {
  const times = {};
  for (let sample = -3; sample < samples; sample++) {
    for (const [name, run] of Object.entries(contestants)) {
      // What the one before left behind, garbage and cold caches, is not this one's.
      collect();
      run();
      const start = process.cpuUsage();
      for (let call = 0; call < calls; call++) {
        run();
      }
      const { user, system } = process.cpuUsage(start);
      const time = (1000 * (user + system)) / calls;
      // The first ones warm it up.
      if (sample >= 0) {
        (times[name] ??= []).push(time);
      }
    }
  }
  return times;
}

const short = (number, digits) => `${Number(number.toPrecision(digits))}`;

function duration(time) {
  const [unit, scale] =
    time < 1e3 ? ["ns", 1] : time < 1e6 ? ["µs", 1e3] : ["ms", 1e6];
  return `${short(time / scale, 3)} ${unit}`;
}

/** A row of the first table; `ours` is the package. */
function compared(title, { ours, ...others }) {
  const time = median(ours);
  const ratios = Object.keys(columns).map((name) =>
    others[name] ? short(median(others[name]) / time, 2) : "–",
  );
  return [title, duration(time), ...ratios];
}

/** A row of the second table. */
function guardedAndBare(title, { ours, bare }) {
  const ratios = ours.map((time, sample) => time / bare[sample]);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) =>
    quantile(ratios, part).toFixed(2),
  );
  const times = [bare, ours].map((each) => duration(median(each)));
  return [title, ...times, middle, `${low} to ${high}`];
}

function series(length) {
  let state = 1;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

/** What the same code takes without WebAssembly, by name and length. */
function timeNative() {
  const target = join(root, "target/bench");
  const cargo = "build --quiet --release --locked --target-dir";
  execFileSync("cargo", [...cargo.split(" "), target], {
    cwd: join(here, "native"),
    stdio: "inherit",
  });
  const printed = execFileSync(join(target, "release/bench-native"), ["31"]);
  const native = {};
  for (const line of `${printed}`.trim().split("\n")) {
    const [name, length, time] = line.split(" ");
    (native[`${name} ${length}`] ??= []).push(Number(time));
  }
  return native;
}

/** What others take, as a multiple of this package's time. */
function compareOthers() {
  const native = timeNative();
  const rows = [];
  for (const [length, calls, samples] of [
    [100, 2000, 31],
    [10_000, 100, 31],
    [1_000_000, 1, 7],
  ]) {
    const values = series(length);
    const text = values.join("\n");
    const contests = {
      summarize: {
        ours: () => lib.summarize(values),
        plain: () => plain.summarize(values),
        simple: () => plain.summarizeWith(simple, values),
        d3: () => plain.summarizeWithD3(d3, values),
      },
      histogram: {
        ours: () => lib.histogram(values, 100),
        plain: () => plain.histogram(values, 100),
        d3: () => plain.histogramWithD3(d3, values, 100),
      },
      parse: {
        ours: () => lib.parse(text),
        plain: () => plain.parse(text),
      },
    };
    for (const [name, contestants] of Object.entries(contests)) {
      const times = race(calls, contestants, samples);
      // It knows only the clock, to which whatever else the machine does adds.
      times.native = [Math.min(...native[`${name} ${length}`])];
      const title = `\`${name}\`, ${length.toLocaleString("en-US")} numbers`;
      rows.push(compared(title, times));
      console.error(rows.at(-1).join("  "));
    }
  }
  return table(["", "this package", ...Object.values(columns)], rows);
}

/** What the guard costs. */
function compareWithBare() {
  const values = series(100);
  const [guarded, unguarded] = [lib, bare].map((of) => new of.Accumulator());
  const contests = [
    ["a getter", 200_000, (of, object) => () => object.count],
    ["`push` of one number", 100_000, (of, object) => () => object.push(1.5)],
    ["`parse` of one number", 50_000, (of) => () => of.parse("1")],
    ["`summarize`, 100 numbers", 4000, (of) => () => of.summarize(values)],
    ["`new` and `free`", 30_000, (of) => () => new of.Accumulator().free()],
  ];
  const rows = [];
  for (const [title, calls, made] of contests) {
    const contestants = {
      ours: made(lib, guarded),
      bare: made(bare, unguarded),
    };
    rows.push(guardedAndBare(title, race(calls, contestants, 61)));
    console.error(rows.at(-1).join("  "));
  }
  rows.push(guardedAndBare("from `import` to the first result", starts()));
  console.error(rows.at(-1).join("  "));
  return table(["", "bare glue", "this package", "ratio", "quartiles"], rows);
}

/** A process for each sample: nothing is compiled or cached before. */
function starts() {
  const programs = {
    ours: ["start-package.js", join(pkg, "index.js")],
    bare: ["start-by-hand.js", bareFolder],
  };
  const times = { ours: [], bare: [] };
  for (let sample = 0; sample < 41; sample++) {
    for (const [name, [program, of]] of Object.entries(programs)) {
      const printed = execFileSync(process.execPath, [join(here, program), of]);
      times[name].push(Number(printed));
    }
  }
  return times;
}

const tables = { others: compareOthers, guard: compareWithBare };
const marks = { others: "speed", guard: "guard" };
const wanted = process.argv.slice(2).filter((name) => name in tables);
for (const name of wanted.length > 0 ? wanted : Object.keys(tables)) {
  const printed = tables[name]();
  console.log(printed);
  if (process.argv.includes("--write")) write(marks[name], printed);
}
