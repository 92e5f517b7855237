// A server for pages and for what they report, and the browser that opens them, one after the other, in a frame.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { work } from "./project.js";

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  // As jsDelivr and unpkg serve it.
  ".cjs": "application/node",
};

const frame = `<!doctype html><script>
new EventSource("/pages").onmessage = ({ data }) => {
  const frame = document.createElement("iframe");
  // Sound waits for a click, unless the frame is allowed to start it.
  frame.allow = "autoplay";
  frame.src = data;
  document.documentElement.replaceChildren(frame);
};
</script>`;

const programs = {
  chromium: ["chromium", "chromium-browser", "google-chrome"],
  "firefox-esr": ["firefox-esr", "firefox"],
};

/** @param {"chromium" | "firefox-esr"} name */
export async function startBrowser(name = "chromium") {
  const program = programs[name]
    .flatMap((name) =>
      process.env.PATH.split(":").map((dir) => join(dir, name)),
    )
    .find(existsSync);
  if (!program) {
    throw new Error(
      `there is no ${name}; on Debian, \`sudo apt-get install --yes ${name}\` installs it`,
    );
  }
  let report;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = join(work, pathname);
    // As CDNs say it: a script of another type does not run.
    response.setHeader("x-content-type-options", "nosniff");
    if (request.method === "POST") {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => pathname === `/${pages}` && report(body));
      response.end();
    } else if (pathname === "/pages") {
      response.setHeader("content-type", "text/event-stream");
      response.flushHeaders();
      server.emit("frame", response);
    } else if (pathname === "/") {
      response.setHeader("content-type", "text/html").end(frame);
    } else if (existsSync(file)) {
      const type = types[extname(file)] ?? "application/octet-stream";
      response.setHeader("content-type", type).end(readFileSync(file));
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  const profile = join(work, name);
  mkdirSync(profile, { recursive: true });
  const flags =
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync --disable-background-networking --disable-component-update --disable-dev-shm-usage --remote-debugging-port=0";
  const flagsOf = {
    chromium: [...flags.split(" "), `--user-data-dir=${profile}`],
    "firefox-esr": ["--headless", "--no-remote", "--profile", profile],
  };
  const browser = spawn(program, [...flagsOf[name], origin], {
    stdio: "ignore",
  });
  const [stream] = await once(server, "frame");
  let pages = 0;
  return {
    /** What the page reports; its file lies in the work folder, or it has a server. */
    async open(address) {
      pages++;
      const url = address.startsWith("http")
        ? address
        : `${origin}${address.slice(work.length)}`;
      const reported = new Promise((resolve) => (report = resolve));
      stream.write(
        `data: ${url}?report=${encodeURIComponent(`${origin}/${pages}`)}\n\n`,
      );
      const late = setTimeout(
        () => report("failed: no report from the page within half a minute"),
        30_000,
      );
      return reported.finally(() => clearTimeout(late));
    },
    async close() {
      browser.kill();
      await once(browser, "exit");
      server.close();
      server.closeAllConnections();
    },
  };
}
