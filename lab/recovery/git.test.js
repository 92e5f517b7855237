// The ways in which git puts the sources into a folder: each gives the same digests, and no line that ends in CR.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "git-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const git = (cwd, ...args) =>
  execFileSync("git", ["-c", "protocol.file.allow=always", ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

/** What the program of this checkout prints of another. */
function digests(cwd) {
  const manifest = join(root, "xtask/Cargo.toml");
  const options = `run --quiet --locked --target host-tuple --manifest-path`;
  return execFileSync(
    "cargo",
    [...options.split(" "), manifest, "--", "digest"],
    { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
}

const plain = join(folder, "plain");
git(folder, "clone", "--quiet", root, plain);
const expected = digests(plain);

const ways = {
  "a clone with core.autocrlf=true": (to) =>
    git(folder, "clone", "--quiet", "--config", "core.autocrlf=true", root, to),
  "a clone with core.eol=crlf": (to) =>
    git(folder, "clone", "--quiet", "--config", "core.eol=crlf", root, to),
  "a shallow clone": (to) =>
    git(folder, "clone", "--quiet", "--depth=1", `file://${root}`, to),
  "a worktree": (to) => git(plain, "worktree", "add", "--quiet", to),
  "a sparse checkout": (to) => {
    git(folder, "clone", "--quiet", "--no-checkout", root, to);
    const needed = ".cargo common wasm-client xtask unstale";
    git(to, "sparse-checkout", "set", ...needed.split(" "));
    git(to, "checkout", "--quiet");
  },
  "a submodule": (to) => {
    git(folder, "init", "--quiet", to);
    git(to, "submodule", "--quiet", "add", root, "library");
    return join(to, "library");
  },
};
for (const [name, checkOut] of Object.entries(ways)) {
  test(`${name} has the same digests, and no CR`, () => {
    const to = join(folder, name.replaceAll(/\W+/g, "-"));
    const made = checkOut(to);
    const dir = name === "a submodule" ? made : to;
    assert.equal(digests(dir), expected);
    for (const path of git(
      dir,
      "ls-files",
      "-z",
      "--",
      "*.rs",
      "*.toml",
      "*.js",
      "*.md",
    ).split("\0")) {
      // A sparse checkout has only some of them.
      if (path === "" || git(dir, "ls-files", "-t", path).startsWith("S "))
        continue;
      assert.ok(!readFileSync(join(dir, path)).includes("\r\n"), path);
    }
  });
}
