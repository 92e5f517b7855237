// What reaches npm, tried with several versions of it, pnpm, Yarn and a registry on this machine: nothing but what
// `cargo xtask publish` made. `ALL=1` makes the package with each version of npm, and not with the newest one only.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
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
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { install } from "../install.js";

install(import.meta.url);
const { startRegistry } = await import("./registry.js");

const VERSIONS = ["10", "11", "12"];
const NEWEST = "12";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pkg = join(root, "wasm-client/pkg");
const dist = join(root, "dist");
const temporary = mkdtempSync(join(tmpdir(), "publish-"));

/** For the doors, of which none uploads anything. */
let registry;
let manifest;

before(async () => {
  xtask("build");
  manifest = readManifest(pkg);
  registry = await startRegistry(join(temporary, "registry"));
});

after(async () => {
  await registry?.stop();
  rmSync(temporary, { recursive: true, force: true });
  // The tests leave a package of the dev profile.
  xtask("build");
});

for (const version of VERSIONS) {
  test(`npm ${version} uploads a package that is not private`, async () => {
    const name = `control-${version}`;
    const folder = copy(name);
    unlock(folder, name);
    const { status, said } = await registry.npm(version, folder, "publish");
    assert.equal(status, 0, said);
    assert.ok(await registry.lookUp(name));
  });

  test(`npm ${version} uploads nothing from the package's folder`, async () => {
    const named = await refuses(version, pkg, "publish");
    assert.match(named, /cargo xtask publish/);
    await refuses(version, pkg, "publish", "--ignore-scripts");
    await refuses(version, pkg, "publish", "--force");
    await refuses(version, pkg, "publish", "--force", "--ignore-scripts");
    if (version !== "10") {
      await refuses(version, pkg, "stage", "publish", "--ignore-scripts");
    }
  });

  test(`npm ${version} uploads no tarball that it packs there`, async () => {
    const tarball = await pack(version, pkg);
    await refuses(version, temporary, "publish", tarball);
    await refuses(version, temporary, "publish", tarball, "--force");
  });

  test(`npm ${version} uploads no changed copy, and no tarball of one`, async () => {
    const folder = copy(`changed-${version}`);
    appendFileSync(join(folder, "index.js"), "// changed\n");
    await refuses(version, folder, "publish", "--ignore-scripts");
    await refuses(version, folder, "publish", "--force");
    await refuses(version, temporary, "publish", await pack(version, folder));
  });

  // As docs/publishing.md says: npm looks at `private` only before it uploads.
  test(`npm ${version} reports that a dry run succeeds`, async () => {
    const args = ["publish", "--dry-run", "--ignore-scripts"];
    const { status, said } = await registry.npm(version, pkg, ...args);
    assert.equal(status, 0, said);
    assert.equal(await registry.lookUp(manifest.name), undefined);
  });
}

for (const [program, ...options] of [["pnpm", "--no-git-checks"], ["yarn"]]) {
  test(`${program} uploads a package that is not private`, async () => {
    const name = `control-${program}`;
    const folder = copy(name);
    unlock(folder, name);
    const args = ["publish", ...options];
    const { status, said } = await registry.other(program, folder, ...args);
    assert.equal(status, 0, said);
    assert.ok(await registry.lookUp(name));
  });

  test(`${program} uploads nothing from the package's folder, or a changed copy`, async () => {
    const folder = copy(`changed-${program}`);
    appendFileSync(join(folder, "index.js"), "// changed\n");
    const more = program === "pnpm" ? ["--force"] : [];
    for (const from of [pkg, folder]) {
      for (const args of [[], ["--ignore-scripts"], more]) {
        const command = ["publish", ...options, ...args];
        const { status, said } = await registry.other(
          program,
          from,
          ...command,
        );
        assert.notEqual(status, 0, said);
        assert.match(said, /EPRIVATE|marked as private|cargo xtask publish/);
        assert.equal(await registry.lookUp(manifest.name), undefined);
      }
    }
  });

  test(`${program} installs the package's folder`, async () => {
    const app = makeApp();
    const { status, said } = await registry.other(program, app, "add", pkg);
    assert.equal(status, 0, said);
    runs(app);
  });
}

test("a package that is changed while it is packed gives no tarball, and leaves no earlier one", async () => {
  const path = join(pkg, "index.js");
  const original = readFileSync(path);
  try {
    const said = await failsToPack(() => appendFileSync(path, "// changed\n"));
    assert.match(said, /index\.js \(changed\)/);
  } finally {
    writeFileSync(path, original);
  }
});

test("nor does one that is built for development meanwhile", async () => {
  const said = await failsToPack(() => xtask("build", { args: ["--dev"] }));
  assert.match(said, /_bg\.wasm/);
  xtask("build");
});

for (const version of VERSIONS) {
  const skip =
    version !== NEWEST &&
    !process.env.ALL &&
    "only with ALL=1: it takes half a minute";
  test(
    `\`cargo xtask publish\` with npm ${version}: people install the bytes in dist`,
    { skip },
    async () => {
      const own = await startRegistry(join(temporary, `registry-${version}`));
      try {
        const env = own.environment(version);
        xtask("publish", { args: ["--registry", own.url], env });
        await servesWhatIsIn(own, version);
      } finally {
        await own.stop();
      }
    },
  );
}

test("the next build deletes the tarball", () => {
  assert.equal(tarballs().length, 1);
  xtask("build", { args: ["--dev"] });
  assert.deepEqual(tarballs(), []);
});

/** Compares what a registry serves with the tarball in `dist`, and that with the package's folder. */
async function servesWhatIsIn(own, version) {
  const [tarball] = tarballs();
  const named = `${manifest.name}@${manifest.version}`;
  const served = mkdtempSync(join(temporary, "served-"));
  // As in the workflow.
  const { status, said } = await own.npm(
    version,
    served,
    "pack",
    named,
    "--silent",
    "--pack-destination",
    served,
  );
  assert.equal(status, 0, said);
  const [name] = readdirSync(served);
  assert.ok(
    readFileSync(join(served, name)).equals(readFileSync(join(dist, tarball))),
  );

  const app = makeApp();
  const installed = await own.npm(version, app, "install", "--no-audit", named);
  assert.equal(installed.status, 0, installed.said);
  const folder = join(app, "node_modules", manifest.name);
  const { private: _, scripts: __, ...open } = manifest;
  assert.deepEqual(readManifest(folder), open);
  for (const file of readdirSync(folder, {
    recursive: true,
    withFileTypes: true,
  })) {
    const path = join(file.parentPath, file.name);
    const original = join(pkg, path.slice(folder.length));
    if (!file.isFile() || path === join(folder, "package.json")) continue;
    assert.ok(readFileSync(path).equals(readFileSync(original)), path);
  }
  assert.ok(existsSync(join(folder, "index.js")));
  runs(app);
}

/** Loads the package where it is installed, and asks what it was built from. */
function runs(app) {
  const program = `console.log((await import("${manifest.name}")).buildInfo().moduleDigest)`;
  const args = ["--input-type=module", "--eval", program];
  const loaded = spawnSync(process.execPath, args, {
    cwd: app,
    encoding: "utf8",
  });
  const { moduleDigest } = JSON.parse(
    readFileSync(join(pkg, "build-info.json"), "utf8"),
  );
  assert.equal(loaded.stdout.trim(), moduleDigest, loaded.stderr);
}

/** npm fails, and the registry has nothing; returns what npm said. */
async function refuses(version, folder, ...args) {
  const { status, said } = await registry.npm(version, folder, ...args);
  assert.notEqual(status, 0, `npm ${args.join(" ")}: ${said}`);
  assert.match(said, /EPRIVATE|cargo xtask publish/);
  assert.equal(await registry.lookUp(manifest.name), undefined);
  return said;
}

/** Does something while `cargo xtask pack` runs, which has to fail; returns what that said. */
async function failsToPack(meanwhile) {
  // Nobody may take an earlier tarball for this one.
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, "earlier.tgz"), "");
  const child = spawn("cargo", ["xtask", "pack"], { cwd: root });
  let said = "";
  let isDone = false;
  child.stderr.on("data", (data) => {
    said += data;
    // By now, the folder was compared with the sources.
    if (isDone || !said.includes("Compiling")) return;
    isDone = true;
    meanwhile();
  });
  const [status] = await once(child, "close");
  assert.ok(isDone, said);
  assert.equal(status, 1, said);
  assert.deepEqual(tarballs(), []);
  return said;
}

/** Gives a package another name, and takes out what keeps package managers from publishing it. */
function unlock(folder, name) {
  const { private: _, scripts: __, ...open } = manifest;
  const text = JSON.stringify({ ...open, name });
  writeFileSync(join(folder, "package.json"), text);
}

/** A folder that packages can be installed in. */
function makeApp() {
  const app = mkdtempSync(join(temporary, "app-"));
  writeFileSync(join(app, "package.json"), '{ "type": "module" }');
  return app;
}

/** A copy of the package's folder. */
function copy(name) {
  const folder = join(temporary, name);
  cpSync(pkg, folder, { recursive: true });
  return folder;
}

/** Packs a folder with npm itself; returns the tarball. */
async function pack(version, folder) {
  const out = mkdtempSync(join(temporary, "packed-"));
  const { status, said } = await registry.npm(
    version,
    folder,
    "pack",
    "--pack-destination",
    out,
  );
  assert.equal(status, 0, said);
  return join(out, readdirSync(out)[0]);
}

function tarballs() {
  mkdirSync(dist, { recursive: true });
  return readdirSync(dist).filter((name) => name.endsWith(".tgz"));
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** Runs `cargo xtask`, which has to succeed. */
function xtask(command, { args = [], env = process.env } = {}) {
  const options = { cwd: root, env, encoding: "utf8" };
  const { status, stdout, stderr } = spawnSync(
    "cargo",
    ["xtask", command, ...args],
    options,
  );
  assert.equal(status, 0, stdout + stderr);
}
