// What each choice costs in bytes, and what others need for the same: `node size.js` builds all variants and prints the
// tables of docs/size.md; `--write` puts them there. The package's own limits are in wasm-client/tests/package.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const target = join(
  process.env.CARGO_TARGET_DIR ?? join(root, "target"),
  "size",
);
const work = mkdtempSync(join(tmpdir(), "size-"));

const tools =
  process.env.XTASK_TOOLS ??
  join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "tools");
const tool = (start, path) => {
  const dir =
    existsSync(tools) &&
    readdirSync(tools).find((name) => name.startsWith(start));
  if (!dir) {
    throw new Error(
      `there is no ${start}… in ${tools}: run \`cargo xtask build\` first`,
    );
  }
  return join(tools, dir, path);
};
const wasmBindgen = tool("wasm-bindgen-cli-", "bin/wasm-bindgen");
const wasmOpt = tool("binaryen", "node_modules/binaryen/bin/wasm-opt");

const manifest = readFileSync(join(root, "wasm-client/Cargo.toml"), "utf8");
const shipped = [
  ...manifest.match(/^wasm-opt = \[([^]*?)\]/m)[1].matchAll(/"(.*)"/g),
].map(([, flag]) => flag);
const features = shipped.filter((flag) => flag.startsWith("--enable"));

const sizes = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

/** Compiles the crate in `dir`, makes the glue, shrinks the module; returns where both are. */
function build(name, dir, { crate, args = [], flags = shipped }) {
  const out = join(work, name.replaceAll(/\W+/g, "-"));
  const cargo = [
    "build",
    "--quiet",
    "--release",
    "--lib",
    "--target",
    "wasm32-unknown-unknown",
    "--target-dir",
    target,
  ];
  execFileSync("cargo", [...cargo, ...args], {
    cwd: dir,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const module = join(
    target,
    "wasm32-unknown-unknown/release",
    `${crate}.wasm`,
  );
  execFileSync(wasmBindgen, [
    "--target",
    "web",
    "--omit-default-module-path",
    "--out-name",
    "glue",
    "--out-dir",
    out,
    module,
  ]);
  const wasm = join(out, "glue_bg.wasm");
  if (flags.length > 0) {
    execFileSync(process.execPath, [wasmOpt, ...flags, wasm, "--output", wasm]);
  }
  return {
    out,
    wasm: sizes(readFileSync(wasm)),
    glue: sizes(readFileSync(join(out, "glue.js"))),
  };
}

/** The package, with some texts in its sources replaced. */
function variant(name, { edits = {}, config = [], flags }) {
  const dir = join(work, `sources-${name.replaceAll(/\W+/g, "-")}`);
  mkdirSync(dir);
  for (const path of [
    "Cargo.toml",
    "Cargo.lock",
    "common",
    "wasm-client/Cargo.toml",
    "wasm-client/src",
  ]) {
    cpSync(join(root, path), join(dir, path), { recursive: true });
  }
  for (const [file, [from, to]] of Object.entries(edits)) {
    const text = readFileSync(join(dir, file), "utf8");
    if (text.replace(from, to) === text) {
      throw new Error(
        `${file} no longer has ${from}: the variant «${name}» has to be written anew`,
      );
    }
    writeFileSync(join(dir, file), text.replace(from, to));
  }
  const args = [
    "--package",
    "wasm-client",
    ...config.flatMap((line) => ["--config", line]),
  ];
  return build(name, dir, { crate: "wasm_client", args, flags });
}

const always = "wasm-client/src/package.rs";
const choices = {
  "as shipped": {},
  'opt-level = "z"': { config: ['profile.release.opt-level="z"'] },
  "opt-level = 3": { config: ["profile.release.opt-level=3"] },
  "opt-level = 3 for `common`": {
    config: ["profile.release.package.common.opt-level=3"],
  },
  simd128: {
    config: [
      'target.wasm32-unknown-unknown.rustflags=["-Ctarget-feature=+simd128"]',
    ],
    flags: [...shipped, "--enable-simd"],
  },
  'opt-level = "z", 3 for `common`': {
    config: [
      'profile.release.opt-level="z"',
      "profile.release.package.common.opt-level=3",
    ],
  },
  "without lto, 16 codegen units": {
    config: ["profile.release.lto=false", "profile.release.codegen-units=16"],
  },
  "wasm-opt -O, not -Oz": {
    flags: [
      "-O",
      ...shipped.filter((flag) => flag !== "-Oz" && flag !== "--converge"),
    ],
  },
  "no wasm-opt": { flags: [] },
  "the standard library's allocator": {
    edits: { [always]: [/#\[global_allocator\]\n.*\n/, ""] },
  },
  "no panic hook: a panic is a trap without a message": {
    edits: { [always]: ["panic::set_hook(Box::new(report));", ""] },
  },
};

const ways = {
  setters: "a typed setter for each field (as shipped)",
  constructor: "one constructor in JavaScript",
  reflect: "`js_sys::Reflect::set`",
  json: "`serde_json`, then `JSON.parse`",
  serde: "`serde-wasm-bindgen`",
  tsify: "`tsify`",
};

const number = (value) => value.toLocaleString("en-US");
const table = (head, rows) =>
  [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

async function nanoseconds({ out }) {
  const glue = await import(pathToFileURL(join(out, "glue.js")));
  glue.initSync({ module: readFileSync(join(out, "glue_bg.wasm")) });
  const calls = 100_000;
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    for (let call = 1; call <= calls; call++) {
      glue.make(call);
    }
    return ((performance.now() - start) / calls) * 1e6;
  });
  return Math.round(Math.min(...times));
}

function compareChoices() {
  let first;
  const rows = Object.entries(choices).map(([name, choice]) => {
    console.error(name);
    const { wasm } = variant(name, choice);
    first ??= wasm;
    const difference =
      wasm === first
        ? ""
        : `${wasm.raw < first.raw ? "" : "+"}${number(wasm.raw - first.raw)}`;
    return [
      name,
      number(wasm.raw),
      difference,
      number(wasm.gzip),
      number(wasm.brotli),
    ];
  });
  return [table(["", "module", "difference", "gzip", "brotli"], rows), first];
}

function compareOthers(own) {
  const others = {
    "the same API, bare `serde-wasm-bindgen`, default flags": "serde",
    "wasm-pack-template's hello": "hello",
  };
  const rows = [
    [
      "this package",
      number(own.raw),
      number(own.gzip),
      number(own.brotli),
      "100%",
    ],
  ];
  for (const [name, dir] of Object.entries(others)) {
    console.error(name);
    const { wasm } = build(dir, join(here, dir), {
      crate: "compared",
      flags: ["-O", ...features],
    });
    const share = `${Math.round((own.raw / wasm.raw) * 100)}%`;
    rows.push([
      name,
      number(wasm.raw),
      number(wasm.gzip),
      number(wasm.brotli),
      share,
    ]);
  }
  return table(["", "module", "gzip", "brotli", "this package is"], rows);
}

async function compareObjects() {
  const rows = [];
  for (const [feature, name] of Object.entries(ways)) {
    console.error(name);
    const built = build(`objects-${feature}`, join(here, "objects"), {
      crate: "compared",
      args: ["--features", feature],
    });
    const { wasm, glue } = built;
    rows.push([
      name,
      number(wasm.raw),
      number(glue.raw),
      number(wasm.gzip + glue.gzip),
      `${await nanoseconds(built)} ns`,
    ]);
  }
  return table(["", "module", "glue", "both, gzip", "an object"], rows);
}

try {
  const [chosen, own] = compareChoices();
  const tables = {
    choices: chosen,
    others: compareOthers(own),
    objects: await compareObjects(),
  };
  for (const [name, text] of Object.entries(tables)) {
    console.log(`\n${text}`);
    if (process.argv.includes("--write")) {
      const path = join(root, "docs/size.md");
      const page = readFileSync(path, "utf8");
      const place = new RegExp(`(<!-- ${name} -->\\n)[^]*(<!-- /${name} -->)`);
      if (!place.test(page)) {
        throw new Error(`${path} has no place for the table «${name}»`);
      }
      writeFileSync(path, page.replace(place, `$1\n${text}\n\n$2`));
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
