// How long others take for the same, as a multiple of this package's time: plain JavaScript, the packages people would
// use, the same code native, and the glue without what we put around it. `node bench.js` prints the table of
// docs/size.md, `--write` puts it there. Samples are taken in turns, each after a call that is not timed; the fastest
// ones are compared, as whatever else the machine does only adds.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { install } from "../install.js";
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
// An instance of its own, which nothing guards.
const bare = await import(`${join(pkg, "glue.js")}?bare`);
bare.initSync({ module: readFileSync(join(pkg, "fresh-wasm.wasm")) });

const columns = {
  plain: "JavaScript by hand",
  simple: "simple-statistics",
  d3: "d3-array",
  native: "native Rust",
  bare: "bare glue",
};
const rows = [];
const least = (times) => Math.min(...times);

/** Times all contestants in turns, in nanoseconds a call, and adds a row; `ours` is the package. */
function race(title, calls, contestants, samples = 31, known = {}) {
  const times = {};
  for (let sample = -3; sample < samples; sample++) {
    for (const [name, run] of Object.entries(contestants)) {
      // What the one before left behind, garbage and cold caches, is not this one's.
      collect();
      run();
      const start = process.hrtime.bigint();
      for (let call = 0; call < calls; call++) {
        run();
      }
      const time = Number(process.hrtime.bigint() - start) / calls;
      // The first ones warm it up.
      if (sample >= 0) {
        (times[name] ??= []).push(time);
      }
    }
  }
  row(title, { ...times, ...known });
}

const short = (number, digits) => `${Number(number.toPrecision(digits))}`;

function row(title, { ours, ...others }) {
  const time = least(ours);
  const ratios = Object.keys(columns).map((name) =>
    others[name] ? short(least(others[name]) / time, 2) : "–",
  );
  const [unit, scale] =
    time < 1e3 ? ["ns", 1] : time < 1e6 ? ["µs", 1e3] : ["ms", 1e6];
  rows.push([title, `${short(time / scale, 3)} ${unit}`, ...ratios]);
  console.error(rows.at(-1).join("  "));
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

const native = timeNative();
for (const [length, calls, samples] of [
  [100, 2000, 31],
  [10_000, 100, 31],
  [1_000_000, 1, 7],
]) {
  const values = series(length);
  const of = `${length.toLocaleString("en-US")} numbers`;
  race(
    `\`summarize\`, ${of}`,
    calls,
    {
      ours: () => lib.summarize(values),
      plain: () => plain.summarize(values),
      simple: () => plain.summarizeWith(simple, values),
      d3: () => plain.summarizeWithD3(d3, values),
      bare: () => bare.summarize(values),
    },
    samples,
    { native: native[`summarize ${length}`] },
  );
  race(
    `\`histogram\` of 100 bins, ${of}`,
    calls,
    {
      ours: () => lib.histogram(values, 100),
      plain: () => plain.histogram(values, 100),
      d3: () => plain.histogramWithD3(d3, values, 100),
      bare: () => bare.histogram(values, 100),
    },
    samples,
    { native: native[`histogram ${length}`] },
  );
  const text = values.join("\n");
  race(
    `\`parse\`, ${of}`,
    calls,
    {
      ours: () => lib.parse(text),
      plain: () => plain.parse(text),
      bare: () => bare.parse(text),
    },
    samples,
    { native: native[`parse ${length}`] },
  );
}

const [guarded, unguarded] = [lib, bare].map((of) => new of.Accumulator());
race("a getter", 200_000, {
  ours: () => guarded.count,
  bare: () => unguarded.count,
});
race("`push` of one number", 200_000, {
  ours: () => guarded.push(1.5),
  bare: () => unguarded.push(1.5),
});
race("`new` and `free`", 50_000, {
  ours: () => new lib.Accumulator().free(),
  bare: () => new bare.Accumulator().free(),
});

// A process for each sample: nothing is compiled or cached before.
const starts = { ours: "start-package.js", bare: "start-by-hand.js" };
const times = { ours: [], bare: [] };
for (let sample = 0; sample < 31; sample++) {
  for (const [name, program] of Object.entries(starts)) {
    const printed = execFileSync(process.execPath, [join(here, program)]);
    times[name].push(Number(printed));
  }
}
row("from `import` to the first result", times);

const line = (cells) => `| ${cells.join(" | ")} |`;
const heads = ["", "this package", ...Object.values(columns)];
const table = [
  line(heads),
  line(heads.map((_, index) => (index === 0 ? "---" : "---:"))),
  ...rows.map(line),
].join("\n");
console.log(table);
if (process.argv.includes("--write")) {
  const path = join(root, "docs/size.md");
  const page = readFileSync(path, "utf8");
  const place = /(<!-- speed -->\n)[^]*(<!-- \/speed -->)/;
  if (!place.test(page)) {
    throw new Error(`${path} has no place for the table «speed»`);
  }
  writeFileSync(path, page.replace(place, `$1\n${table}\n\n$2`));
}
