// A server for pages and for what they report, and the Chromium that opens them all at once.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { work } from "./project.js";

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

/** What a page says where there is no Chromium. */
export const SKIPPED = "skipped";

export class Browser {
  #reports = new Map();
  #pages = [];
  #opened = () => {};
  #server = createServer((request, response) =>
    this.#answer(request, response),
  );

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Calls back at the next `open`. */
  whenOpened(callback) {
    this.#opened = callback;
  }

  /** What the page reports, once `run` has opened it; its file lies in the work folder, or it has a server. */
  open(address) {
    const id = this.#pages.length;
    const url = address.startsWith("http")
      ? address
      : `${this.origin}/${address.slice(work.length + 1)}`;
    this.#pages.push(
      `${url}?report=${encodeURIComponent(`${this.origin}/report/${id}`)}`,
    );
    const report = new Promise((resolve) =>
      this.#reports.set(`${id}`, resolve),
    );
    this.#opened();
    return report;
  }

  /** Opens all pages in one Chromium; what has not reported in a minute has failed. */
  async run() {
    const program = ["chromium", "chromium-browser", "google-chrome"]
      .flatMap((name) =>
        process.env.PATH.split(":").map((dir) => join(dir, name)),
      )
      .find(existsSync);
    if (!program) {
      for (const report of this.#reports.values()) {
        report(SKIPPED);
      }
      return () => this.#server.close();
    }
    const chromium = spawn(
      program,
      [
        ..."--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync".split(
          " ",
        ),
        ..."--disable-background-networking --disable-component-update --disable-dev-shm-usage".split(
          " ",
        ),
        `--user-data-dir=${join(work, "chromium")}`,
        "--remote-debugging-port=0",
        `${this.origin}/all`,
      ],
      { stdio: "ignore" },
    );
    const late = setTimeout(() => {
      for (const resolve of this.#reports.values()) {
        resolve("failed: no report from the page within a minute");
      }
    }, 60_000);
    return () => {
      clearTimeout(late);
      chromium.kill();
      this.#server.close();
      this.#server.closeAllConnections();
    };
  }

  #answer(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    if (request.method === "POST") {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () =>
        this.#reports.get(pathname.split("/")[2])?.(body),
      );
      response.end();
    } else if (pathname === "/all") {
      response.setHeader("content-type", "text/html");
      response.end(
        this.#pages.map((url) => `<iframe src="${url}"></iframe>`).join("\n"),
      );
    } else {
      const file = join(work, normalize(pathname));
      if (!existsSync(file)) {
        response.statusCode = 404;
        response.end();
        return;
      }
      response.setHeader(
        "content-type",
        types[extname(file)] ?? "application/octet-stream",
      );
      response.end(readFileSync(file));
    }
  }
}
