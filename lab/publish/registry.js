// A registry on this machine, in a folder of its own, and the package managers that speak to it.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("node_modules", import.meta.url));
/** The registry and npm 12 do not run on every Node.js that the project supports. */
const node = join(modules, "node-24/bin/node");

/** Starts Verdaccio, with nothing in it. */
export async function startRegistry(folder) {
  mkdirSync(folder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const config = join(folder, "config.yaml");
  // JSON is YAML, too.
  writeFileSync(
    config,
    JSON.stringify({
      storage: join(folder, "storage"),
      auth: { htpasswd: { file: join(folder, "htpasswd") } },
      uplinks: {},
      packages: { "**": { access: "$all", publish: "$authenticated" } },
      web: { enable: false },
      log: { type: "stdout", format: "pretty", level: "error" },
    }),
  );
  const verdaccio = join(modules, "verdaccio/bin/verdaccio");
  const server = spawn(
    node,
    [verdaccio, "--config", config, "--listen", `127.0.0.1:${port}`],
    {
      cwd: folder,
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  try {
    await answers(server, url);
    // Yarn finds it only in the home folder.
    const userconfig = join(folder, ".npmrc");
    const token = await addUser(url);
    writeFileSync(
      userconfig,
      `registry=${url}\n//127.0.0.1:${port}/:_authToken=${token}\nupdate-notifier=false\nfetch-retries=0\n`,
    );
    return new Registry(folder, url, userconfig, server);
  } catch (error) {
    server.kill();
    throw error;
  }
}

class Registry {
  constructor(folder, url, userconfig, server) {
    Object.assign(this, { folder, url, userconfig, server });
  }

  /** What the registry has of a package; nothing if it has none. */
  async lookUp(name) {
    const answer = await fetch(this.url + encodeURIComponent(name));
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer.json();
  }

  /** The environment in which `npm` is this version, and publishes here. */
  environment(version) {
    const bin = join(this.folder, `npm-${version}`);
    mkdirSync(bin, { recursive: true });
    const programs = {
      npm: `npm-${version}/bin/npm-cli.js`,
      pnpm: "pnpm/bin/pnpm.cjs",
      yarn: "yarn/bin/yarn.js",
    };
    for (const [name, path] of Object.entries(programs)) {
      const script = `#!/bin/sh\nexec "${node}" "${join(modules, path)}" "$@"\n`;
      writeFileSync(join(bin, name), script, { mode: 0o755 });
    }

    const environment = {};
    for (const [name, value] of Object.entries(process.env)) {
      if (!/^npm_/i.test(name)) environment[name] = value;
    }
    environment.PATH = bin + delimiter + process.env.PATH;
    environment.NPM_CONFIG_USERCONFIG = this.userconfig;
    environment.NPM_CONFIG_CACHE = join(this.folder, "cache");
    return environment;
  }

  /** Runs this version of npm. */
  npm(version, cwd, ...args) {
    return this.#run("npm", args, { cwd, env: this.environment(version) });
  }

  /** Runs another package manager: `pnpm` or `yarn`. */
  other(program, cwd, ...args) {
    const env = { ...this.environment("11"), HOME: this.folder };
    // Yarn asks, where it can.
    if (program === "yarn") args.push("--non-interactive");
    return this.#run(program, args, { cwd, env });
  }

  #run(program, args, options) {
    return new Promise((resolve) => {
      execFile(program, args, options, (error, stdout, stderr) => {
        resolve({ status: error ? error.code : 0, said: stdout + stderr });
      });
    });
  }

  async stop() {
    const ended = once(this.server, "exit");
    this.server.kill();
    await ended;
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function answers(server, url) {
  for (let time = 0; time < 300 && server.exitCode === null; time++) {
    const answer = await fetch(`${url}-/ping`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(200);
  }
  throw new Error("the registry does not answer");
}

async function addUser(url) {
  const answer = await fetch(`${url}-/user/org.couchdb.user:ada`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "ada", password: "of this test only" }),
  });
  const { token } = await answer.json();
  if (!token) throw new Error(`the registry gives no token: ${answer.status}`);
  return token;
}
