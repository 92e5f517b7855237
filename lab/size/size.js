// What each choice costs in bytes, and what others need for the same: `node size.js` builds all variants and prints the
// tables of docs/size.md, `node size.js scripts` that one alone; `--write` puts them there. The package's own limits are in
// wasm-client/tests/package.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, isAbsolute, join, posix } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { install } from "../install.js";
import { table, write } from "../tables.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const pkg = join(root, "wasm-client/pkg");
const target = join(root, "target/size");
const work = mkdtempSync(join(tmpdir(), "size-"));

// wasm-bindgen is where `cargo xtask tools` says, or on PATH already; wasm-opt is installed by the same pin.
const printed = execFileSync("cargo", ["xtask", "tools"], {
  cwd: root,
  encoding: "utf8",
});
const env = {
  ...process.env,
  PATH: [...printed.split("\n").filter(isAbsolute), process.env.PATH].join(
    delimiter,
  ),
  // As long as the real one, which is in the module.
  MODULE_DIGEST: "0".repeat(64),
};
const run = (program, args, cwd) =>
  execFileSync(program, args, {
    cwd,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
const tools = join(target, "tools");
mkdirSync(tools, { recursive: true });
for (const name of ["package.json", "package-lock.json"]) {
  cpSync(join(root, "xtask/tools", name), join(tools, name));
}
install(pathToFileURL(`${tools}/`));
const wasmOpt = join(tools, "node_modules/binaryen/bin/wasm-opt");

const manifest = readFileSync(join(root, "wasm-client/Cargo.toml"), "utf8");
const shipped = [
  ...manifest.match(/^wasm-opt = \[([^]*?)\]/m)[1].matchAll(/"(.*?)"/g),
].map(([, flag]) => flag);
const profile = readFileSync(join(root, "Cargo.toml"), "utf8")
  .match(/^\[profile\.release\]\n([^[]*)/m)[1]
  .match(/^[^#\n].*/gm)
  .map((line) => `profile.release.${line}`);

const sizes = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

/** Compiles the crate in `dir`, makes the glue, shrinks the module; returns the sizes of both and where they are. */
function build(
  name,
  dir,
  { crate = "compared", args = [], config = [], flags = shipped, debug = [] },
) {
  const out = join(work, name.replaceAll(/\W+/g, "-"));
  // Cargo names the file of a `cdylib` by the library alone: in one folder, it would take another crate's for its own.
  const targetDir = join(
    target,
    crate === "compared" ? basename(dir) : "package",
  );
  const cargo =
    "build --quiet --release --lib --target wasm32-unknown-unknown --target-dir";
  run(
    "cargo",
    [
      ...cargo.split(" "),
      targetDir,
      ...args,
      ...config.flatMap((line) => ["--config", line]),
    ],
    dir,
  );
  const compiled = `wasm32-unknown-unknown/release/${crate}.wasm`;
  const bindgen =
    "--target web --omit-default-module-path --out-name glue --out-dir";
  run("wasm-bindgen", [
    ...debug,
    ...bindgen.split(" "),
    out,
    join(targetDir, compiled),
  ]);
  const wasm = join(out, "glue_bg.wasm");
  if (flags.length > 0) {
    run(process.execPath, [wasmOpt, ...flags, wasm, "--output", wasm]);
  }
  return {
    out,
    wasm: sizes(readFileSync(wasm)),
    glue: sizes(readFileSync(join(out, "glue.js"))),
  };
}

/** The package, with some texts in its sources replaced. */
function variant(name, { edits = {}, ...options }) {
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
        `${file} no longer has ${from}: write the variant «${name}» anew`,
      );
    }
    writeFileSync(join(dir, file), text.replace(from, to));
  }
  return build(name, dir, {
    crate: "wasm_client",
    args: ["--package", "wasm-client"],
    debug: ["--debug"],
    ...options,
  });
}

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
  "without lto, 16 codegen units": {
    config: ["profile.release.lto=false", "profile.release.codegen-units=16"],
  },
  "wasm-opt -O, not -Oz": {
    flags: shipped
      .map((flag) => flag.replace("-Oz", "-O"))
      .filter((flag) => flag !== "--converge"),
  },
  "no wasm-opt": { flags: [] },
  "the standard library's allocator": {
    edits: {
      "wasm-client/src/package/allocator.rs": [
        /#\[cfg\(target_arch = "wasm32"\)\]\n#\[global_allocator\]\n.*\n/,
        "",
      ],
    },
  },
};

const number = (value) => value.toLocaleString("en-US");
const percent = (part, whole) => `${Math.round((part / whole) * 100)}%`;
function compareChoices() {
  let first;
  const rows = Object.entries(choices).map(([name, choice]) => {
    console.error(name);
    const { wasm } = variant(name, choice);
    first ??= wasm;
    const difference = wasm.raw - first.raw;
    return [
      name,
      number(wasm.raw),
      `${difference > 0 ? "+" : ""}${difference === 0 ? "" : number(difference)}`,
      number(wasm.gzip),
      number(wasm.brotli),
    ];
  });
  return table(["", "module", "difference", "gzip", "brotli"], rows);
}

/** The JavaScript files of the package that an entry loads, itself among them, except the one with the module. */
function loaded(entry) {
  const files = new Set([entry]);
  for (const file of files) {
    const imports = readFileSync(join(pkg, file), "utf8").matchAll(
      /from ["'](\..*?\.js)["']/g,
    );
    for (const [, path] of imports) {
      files.add(posix.join(posix.dirname(file), path));
    }
  }
  files.delete("wasm-base64.js");
  return [...files];
}

const scripts = (entry) =>
  sizes(
    Buffer.concat(loaded(entry).map((file) => readFileSync(join(pkg, file)))),
  );

/** The package as it is built, with all the JavaScript that `/init` loads. */
const own = () => ({
  wasm: sizes(readFileSync(join(pkg, "fresh-wasm.wasm"))),
  glue: scripts("init.js"),
});

/** The package's JavaScript as it is published, and as a bundler leaves it. */
async function weighScripts() {
  const esbuild = await import(
    pathToFileURL(join(tools, "node_modules/esbuild/lib/main.js"))
  );
  const rows = Object.entries({ ".": "index.js", "/init": "init.js" }).map(
    ([name, entry]) => {
      const bundle = esbuild.buildSync({
        entryPoints: [join(pkg, entry)],
        external: ["*/wasm-base64.js"],
        bundle: true,
        minify: true,
        format: "esm",
        write: false,
        tsconfigRaw: "{}",
      });
      const bundled = sizes(bundle.outputFiles[0].contents);
      const { raw, gzip, brotli } = scripts(entry);
      return [`\`${name}\``, ...[raw, gzip, brotli, bundled.gzip].map(number)];
    },
  );
  return table(["", "JavaScript", "gzip", "brotli", "bundled, gzip"], rows);
}

function compareOthers() {
  const plain = [
    "-O",
    ...shipped.filter((flag) => flag.startsWith("--enable")),
  ];
  const others = {
    "this package": own,
    "the same API, bare `serde-wasm-bindgen`, same flags and allocator": () =>
      build("serde-flags", join(here, "serde"), {
        args: ["--features", "talc"],
        config: profile,
      }),
    "the same API, bare `serde-wasm-bindgen`, default flags": () =>
      build("serde", join(here, "serde"), { flags: plain }),
    "wasm-pack-template's hello": () =>
      build("hello", join(here, "hello"), { flags: plain }),
  };
  const all = Object.entries(others).map(([name, measure]) => {
    console.error(name);
    const { wasm, glue } = measure();
    return { name, ...wasm, download: wasm.gzip + glue.gzip };
  });
  const rows = all.map(({ name, raw, gzip, brotli, download }) => [
    name,
    ...[raw, gzip, brotli, download].map(number),
    percent(all[0].raw, raw),
    percent(all[0].download, download),
  ]);
  return table(
    [
      "",
      "module",
      "gzip",
      "brotli",
      "with JavaScript, gzip",
      "our module is",
      "our download is",
    ],
    rows,
  );
}

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

const ways = {
  entries: "`serde-wasm-bindgen`, then `Object.fromEntries`",
  serde: "`serde-wasm-bindgen` (as shipped)",
  tsify: "`tsify`",
  json: "`serde_json`, then `JSON.parse`",
  setters: "a typed setter for each field",
};

async function compareObjects() {
  const rows = [];
  for (const [feature, name] of Object.entries(ways)) {
    console.error(name);
    const built = build(`objects-${feature}`, join(here, "objects"), {
      args: ["--features", feature],
      config: profile,
    });
    rows.push([
      name,
      number(built.wasm.raw),
      number(built.glue.raw),
      number(built.wasm.gzip + built.glue.gzip),
      `${await nanoseconds(built)} ns`,
    ]);
  }
  return table(["", "module", "glue", "both, gzip", "an object"], rows);
}

const tables = {
  others: compareOthers,
  scripts: weighScripts,
  choices: compareChoices,
  objects: compareObjects,
};
const named = process.argv.slice(2).filter((name) => name in tables);
try {
  for (const name of named.length > 0 ? named : Object.keys(tables)) {
    const text = await tables[name]();
    console.log(`\n${text}`);
    if (process.argv.includes("--write")) write(name, text);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
