"""containers.py: plays the Dockerfiles and the Earthfile of cargo-unstale/docs/containers.md, as they stand there, on a small
workspace whose files are edited with old times, and the same with plain cargo.

What differs from the page: `cargo-unstale` is installed from this repository, and the program is taken out of the build stage.
A Dockerfile is built by `buildctl` (BUILDKIT_HOST says where), the Earthfile by `earth`; what is not on PATH is skipped."""
import itertools, os, re, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
WORK = tempfile.mkdtemp(prefix="containers-")
APP = os.path.join(WORK, "app")
TOOLS = os.path.join(WORK, "tools")
FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nresolver = "3"\n',
    "crates/app/Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\nregex = "1"\n'
    'words = { path = "../words" }\n',
    "crates/app/src/main.rs": 'fn main() {\n    let word = regex::Regex::new("[a-z]+").unwrap();\n'
    '    println!("{}", word.find(words::TEXT).unwrap().as_str());\n}\n',
    "crates/words/Cargo.toml": '[package]\nname = "words"\nversion = "0.1.0"\nedition = "2024"\n',
    "crates/words/src/lib.rs": 'pub const TEXT: &str = include_str!("../data/words.txt");\n',
}
# The stand-in for the official image has Debian's paths.
PATHS = "ENV CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OURS = "cargo unstale --by-content build"
INSTALL = "RUN cargo install --locked cargo-unstale"
INSTALLED = "RUN cargo install --locked --path /tools/cargo-unstale"


# Each edit has an old time of its own: clients do not send a file whose size and time are as before.
OLD = itertools.count(1_000_000_000, 1_000)


def write(name, text):
    path = os.path.join(APP, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    old = next(OLD)
    os.utime(path, (old, old))


def blocks(language):
    with open(os.path.join(REPOSITORY, "cargo-unstale/docs/containers.md")) as file:
        return re.findall(f"```{language}\n(.*?)```", file.read(), re.S)


def prepare():
    for crate in ["unstale", "cargo-unstale"]:
        shutil.copytree(os.path.join(REPOSITORY, crate), os.path.join(TOOLS, crate), ignore=shutil.ignore_patterns("target"))
    for name, text in FILES.items():
        write(name, text)
    ignored = next(block for block in blocks("text") if not block.startswith("VERSION"))
    for name in [".dockerignore", ".earthlyignore"]:
        write(name, ignored + "out\n")
    write("crates/words/data/words.txt", "none\n")
    subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=APP, check=True)


def run(words):
    began = time.monotonic()
    said = subprocess.run(words, cwd=APP, capture_output=True, text=True)
    text = said.stdout + said.stderr
    if said.returncode:
        sys.exit(f"{' '.join(words)}\n{text}")
    program = os.path.join(APP, "out/app")
    value = subprocess.run([program], capture_output=True, text=True, check=True).stdout.strip()
    compiled = set(re.findall(r"Compiling (\w+) v[\d.]+ \(/src", text))
    return value, sorted(compiled), time.monotonic() - began


def docker(text):
    """A builder of a Dockerfile."""
    lines = [line for line in text.splitlines() if not line.startswith("# syntax")]
    text = "\n".join(lines).replace(INSTALL, f"COPY --from=tools . /tools\n{PATHS}\n{INSTALLED}")
    write("Dockerfile", f"{text}\n\nFROM scratch AS trial\nCOPY --from=build /out/app /app\n")
    return lambda: run(
        ["buildctl", "build", "--progress=plain", "--frontend=dockerfile.v0", "--opt=target=trial", "--local=context=.",
         "--local=dockerfile=.", f"--local=tools={TOOLS}", "--opt=context:tools=local:tools", "--output=type=local,dest=out"])


def earth(text):
    """A builder of an Earthfile."""
    shutil.copytree(TOOLS, os.path.join(APP, "out", "tools"), dirs_exist_ok=True)
    write(".earthlyignore", "target\n.git\nout/app\n")
    text = text.replace(INSTALL, f"{PATHS}\n    COPY out/tools /tools\n    {INSTALLED}").replace("COPY . .", "COPY --dir Cargo.toml Cargo.lock crates .")
    write("Earthfile", text)
    return lambda: run(["earth", "+build"])


def play(title, builder, text):
    """Edits with old times. The mounts of both are their own."""
    for command in [OURS, "cargo build"]:
        mount = f"{command.split()[1]}-{time.time_ns()}"
        build = builder(text.replace(OURS, command).replace("app-target", mount))
        cells = []
        for word in ["alpha", "bravo", "alpha"]:
            write("crates/words/data/words.txt", f"{word}\n")
            value, compiled, seconds = build()
            cells.append(f"{'right' if value == word else f'**{value}**'}, {len(compiled)} local crates, {seconds:.0f} s")
        print(f"| {title} | `{command}` | {' | '.join(cells)} |", flush=True)


prepare()
print("| page | command | first build | data edited, old time | edited back, old time |\n| --- | --- | --- | --- | --- |")
if shutil.which("buildctl") and os.environ.get("BUILDKIT_HOST"):
    whole, bind = blocks("dockerfile")
    head = whole[: whole.index("COPY . .")]
    tail = whole[whole.index("FROM debian") :]
    play("Dockerfile", docker, whole)
    play("read-only sources", docker, f"{head}{bind.rstrip()} && install -D /target/release/app /out/app\n\n{tail}")
else:
    print("SKIPPED: the Dockerfiles: there is no buildctl on PATH, or no BUILDKIT_HOST")
if shutil.which("earth"):
    play("Earthfile", earth, next(block for block in blocks("text") if block.startswith("VERSION")))
else:
    print("SKIPPED: the Earthfile: there is no earth on PATH")
shutil.rmtree(WORK)
