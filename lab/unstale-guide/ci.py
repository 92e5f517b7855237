"""ci.py PROGRAM CHECKOUT FILE [CARGO ARGS…]: what a CI job compiles with a restored `target`, by plain cargo and by
`cargo unstale --by-content`, as the table in cargo-unstale/docs/ci.md has it.

A job clones CHECKOUT to one path, restores the archive of the job before, and builds. GitHub's archive is a tar file that
keeps times to the nanosecond, GitLab's is a zip file that keeps whole seconds. FILE is edited for the last job."""
import os, shutil, subprocess, sys, tempfile, time

program, source, edited, *arguments = sys.argv[1:]
work = tempfile.mkdtemp(prefix="ci-")
app = os.path.join(work, "app")
env = dict(os.environ, CARGO_INCREMENTAL="0", CARGO_TERM_COLOR="never")
env.pop("CARGO_TARGET_DIR", None)
PLAIN = ["cargo", "build"]
OURS = [program, "--by-content", "build"]
ARCHIVES = {
    "GitHub's tar": (["tar", "--posix", "-cf", "../archive", "target"], ["tar", "-xf", "../archive"]),
    "GitLab's zip": (["zip", "-qry", "../archive.zip", "target"], ["unzip", "-q", "../archive.zip"]),
}


def run(words):
    subprocess.run(words, cwd=app, check=True, env=env)


def job(command, restore, edit):
    shutil.rmtree(app, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", source, app], check=True)
    lock = os.path.join(source, "Cargo.lock")
    if os.path.exists(lock):
        shutil.copy(lock, app)
    if edit:
        with open(os.path.join(app, edited), "a") as file:
            file.write("\n#[used]\nstatic EDITED: u8 = 1;\n")
    if restore:
        run(restore)
    # As on CI, where the clone is older than the build, but newer than the build in the cache.
    began = time.monotonic()
    said = subprocess.run([*command, *arguments], cwd=app, env=env, capture_output=True, text=True)
    if said.returncode:
        sys.exit(said.stderr)
    compiled = [line for line in said.stderr.splitlines() if line.strip().startswith("Compiling") and f"({app}" in line]
    return len(compiled), time.monotonic() - began


print("| archive | command | first job | nothing changed | one file edited |\n| --- | --- | --- | --- | --- |")
for name, (save, restore) in ARCHIVES.items():
    for title, command in [("`cargo build`", PLAIN), ("`cargo unstale --by-content build`", OURS)]:
        cells = []
        for number, edit in enumerate([False, False, True]):
            count, seconds = job(command, restore if number else None, edit)
            cells.append(f"{count} crates, {seconds:.1f} s")
            if not number:
                for archive in ["archive", "archive.zip"]:
                    path = os.path.join(work, archive)
                    if os.path.exists(path):
                        os.remove(path)
                run(save)
        print(f"| {name} | {title} | {' | '.join(cells)} |", flush=True)
shutil.rmtree(work)
