// The corner that shows what the package says of itself, and, in development, whether it is what the sources say.
import { formatBytes } from "./format.ts";
import type { About } from "./worker.ts";

const list = document.querySelector("#package")!;

export function showPackage({ name, version, profile, size, digest }: About) {
  const entries = [
    ["Package", `${name} ${version}`],
    ["Profile", profile],
    ["Module", formatBytes(size)],
    ["Digest", digest?.slice(0, 12) ?? "none"],
  ];
  const sources = list.querySelector(".sources");
  list.replaceChildren(...entries.map(([term, said]) => entry(term!, said!)));
  list.lastElementChild!.querySelector("dd")!.title =
    `SHA-256 of the module's sources: ${digest}. “cargo xtask digest” prints it for those on disk.`;
  if (sources) list.append(sources);
}

/** What the development server found when it compared. */
export function showSources({ fresh, said }: { fresh: boolean; said: string }) {
  list.querySelector(".sources")?.remove();
  const made = entry("Sources", fresh ? "✓ match" : "✗ do not match");
  made.classList.add("sources", fresh ? "fresh" : "stale");
  made.title = said;
  list.append(made);
}

function entry(term: string, said: string): HTMLElement {
  const made = document.createElement("div");
  const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
  dt.textContent = term;
  dd.textContent = said;
  made.append(dt, dd);
  return made;
}
