//! `cargo xtask symbols`: says what a consumer's stack means by `wasm-function[123]:0x4567`.

mod source_map;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use anyhow::{Context, Result, ensure};
use wasmparser::{KnownCustom, Name, NameSectionReader, Naming, Parser, Payload, TypeRef};

use self::source_map::Place;
pub(crate) use self::source_map::SourceMap;
use crate::compile::{Compiler, Profile, SOURCES};
use crate::package;
use crate::pipeline::Pipeline;
use crate::project::{BINDING, Project, say};
use crate::tools::Tools;
use crate::verify;

/// A custom section begins with this.
const CUSTOM: u8 = 0;
/// The bytes before the first section.
const MAGIC_AND_VERSION: usize = 8;

/// Prints a stack with the functions and lines that it means, or the number and the name of each function.
pub(crate) fn run(project: &Project, stack: Option<&Path>) -> Result<()> {
    let stack = stack.map(read_stack).transpose()?;
    let info = verify::check(project)?;
    ensure!(info.profile == Profile::Release.name(), "the package keeps its names already: it is of the dev profile");

    let debug = DebugModule::make(project)?;
    match stack {
        Some(stack) => println!("{}", explained(&stack, &debug)?),
        None => debug.functions.iter().for_each(|function| println!("{function}")),
    }
    say(format_args!("{} is the package's module with names and a source map", debug.path.display()));
    Ok(())
}

/// The package's module, byte by byte, with two more sections at its end: names, and where its source map is. Both files are
/// beside the tarballs.
struct DebugModule {
    path: PathBuf,
    map: SourceMap,
    functions: Vec<Function>,
}

impl DebugModule {
    fn make(project: &Project) -> Result<Self> {
        let path = package::module(&project.package_dir())?;
        let name = path.with_extension("debug.wasm");
        let name = name.file_name().context("the module has no name")?.to_string_lossy().into_owned();
        let map_name = format!("{name}.map");

        let tools = Tools::ensure(project)?;
        let compiler = Compiler::new(project, &tools, BINDING, Profile::Release)?;
        let out = compiler.dir.path().join("symbols");
        let pipeline = Pipeline { compiler: &compiler, out: &out, current: None, expect: None };
        let named = pipeline.symbols(&map_name)?;
        let mut map: SourceMap = serde_json::from_slice(&named.map)?;
        map.fill(&named.module)?;
        map.add_texts(SOURCES, &project.root);

        let released = fs::read(&path)?;
        let module = [released.as_slice(), &added_sections(&released, &named.module)?].concat();
        let dir = package::tarball_dir(project);
        fs::create_dir_all(&dir)?;
        write(&dir, &name, &module)?;
        write(&dir, &map_name, &serde_json::to_vec(&map)?)?;
        Ok(Self { path: dir.join(name), map, functions: functions(&named.module)? })
    }
}

/// Writes a file that is never there in part.
fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let new = dir.join(format!(".{name}-new"));
    fs::write(&new, bytes).with_context(|| format!("cannot write {}", new.display()))?;
    Ok(fs::rename(new, dir.join(name))?)
}

/// Reads a stack, of which at least one line has to be about the module.
fn read_stack(path: &Path) -> Result<String> {
    let stack = if path == Path::new("-") { io::read_to_string(io::stdin()) } else { fs::read_to_string(path) };
    let stack = stack.with_context(|| format!("cannot read the stack in {}", path.display()))?;
    ensure!(
        stack.lines().any(|line| Frame::in_line(line).is_some()),
        "no line in {} is about a function of the module, as `wasm-function[123]:0x4567` is",
        path.display()
    );
    Ok(stack)
}

/// The stack, with what each of its lines means behind it. Some lines may be of another package's module.
fn explained(stack: &str, debug: &DebugModule) -> Result<String> {
    let mut lines = Vec::new();
    let mut is_of_package = false;
    for line in stack.lines() {
        let Some(frame) = Frame::in_line(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let Some(function) = debug.functions.iter().find(|function| frame.is_in(function)) else {
            lines.push(format!("{line}  = no function of this package"));
            continue;
        };

        is_of_package = true;
        let place = frame.offset.and_then(|offset| debug.map.place(offset));
        let place =
            place.map(|Place { source, line }| format!(", {}:{line}", source.strip_prefix(SOURCES).unwrap_or(source)));
        lines.push(format!("{line}  = {}{}", function.name, place.unwrap_or_default()));
    }
    ensure!(
        is_of_package,
        "the package has none of these functions. The stack is of another version, or another Rust has built that package: \
         check out that version, and build it with that Rust"
    );
    Ok(lines.join("\n"))
}

/// A frame of a stack in the module: `wasm-function[123]:0x4567`, or without the offset, as in Safari.
#[derive(Debug, PartialEq)]
struct Frame {
    number: u32,
    /// In the module's bytes.
    offset: Option<u64>,
}

impl Frame {
    fn in_line(line: &str) -> Option<Self> {
        let (_, frame) = line.split_once("wasm-function[")?;
        let (number, rest) = frame.split_once(']')?;
        let digits = rest.strip_prefix(":0x").unwrap_or_default();
        let end = digits.find(|digit: char| !digit.is_ascii_hexdigit()).unwrap_or(digits.len());
        Some(Self { number: number.parse().ok()?, offset: u64::from_str_radix(&digits[..end], 16).ok() })
    }

    fn is_in(&self, function: &Function) -> bool {
        self.number == function.number && self.offset.is_none_or(|offset| function.body.contains(&offset))
    }
}

/// A function of a module.
#[derive(Debug, PartialEq)]
struct Function {
    /// As in a stack.
    number: u32,
    name: String,
    /// Where it is in the module's bytes.
    body: Range<u64>,
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.name)
    }
}

/// The sections that `named` has besides those of the released module: names, and where the source map is.
fn added_sections(released: &[u8], named: &[u8]) -> Result<Vec<u8>> {
    let of_released = sections(released).context("the package's module is damaged")?;
    let of_named = sections(named).context("the module with names is damaged")?;
    let added: Vec<&[u8]> = of_named.into_iter().filter(|section| !of_released.contains(section)).collect();
    ensure!(
        !added.is_empty() && added.iter().all(|section| section[0] == CUSTOM),
        "with names, the module became another one: its numbers are not those of the package. If another Rust has built the \
         package, run `cargo xtask build` first, with the Rust that is meant"
    );
    Ok(added.concat())
}

/// All sections of a module, each with its head.
fn sections(module: &[u8]) -> Result<Vec<&[u8]>> {
    let mut sections = Vec::new();
    let mut start = MAGIC_AND_VERSION;
    for payload in Parser::new(0).parse_all(module) {
        if let Some((_, contents)) = payload?.as_section() {
            let end = usize::try_from(contents.end)?;
            sections.push(&module[start..end]);
            start = end;
        }
    }
    Ok(sections)
}

/// The module's own functions. Their numbers follow those of the imported ones.
fn functions(module: &[u8]) -> Result<Vec<Function>> {
    let mut number = 0;
    let mut functions = Vec::new();
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    number += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                functions.push(Function { number, name: String::new(), body: body.range() });
                number += 1;
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    names = function_names(section)?;
                }
            }
            _ => {}
        }
    }
    for function in &mut functions {
        function.name = names.remove(&function.number).unwrap_or_else(|| "a function without a name".to_owned());
    }
    Ok(functions)
}

fn function_names(section: NameSectionReader) -> Result<BTreeMap<u32, String>> {
    let mut names = BTreeMap::new();
    for part in section {
        let Name::Function(functions) = part? else { continue };
        for function in functions {
            let Naming { index, name } = function?;
            names.insert(index, name.to_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The type of a function without arguments, and of one with an integer.
    const TYPE: &[u8] = b"\x01\x04\x01\x60\0\0";
    const OTHER_TYPE: &[u8] = b"\x01\x05\x01\x60\x01\x7f\0";
    /// One function.
    const IMPORTS: &[u8] = b"\x02\x07\x01\x01m\x01f\0\0";
    /// Two functions of four bytes each.
    const BODIES: &[u8] = b"\x03\x03\x02\0\0\x0a\x0b\x02\x04\0\x01\x01\x0b\x04\0\x01\x01\x0b";
    const NAMES: &[u8] = b"\0\x12\x04name\x01\x0b\x02\x01\x03one\x02\x03two";

    fn module(sections: &[&[u8]]) -> Vec<u8> {
        [&b"\0asm\x01\0\0\0"[..], &sections.concat()].concat()
    }

    #[test]
    fn names_are_added_to_the_released_module() {
        let released = module(&[TYPE, b"\0\x02\x01d"]);
        assert_eq!(added_sections(&released, &module(&[TYPE, NAMES])).unwrap(), NAMES);
    }

    #[test]
    fn functions_are_counted_after_those_that_are_imported() {
        let found = functions(&module(&[TYPE, IMPORTS, BODIES, NAMES])).unwrap();
        let function = |number, name: &str, body| Function { number, name: name.to_owned(), body };
        assert_eq!(found, [function(1, "one", 32..36), function(2, "two", 37..41)]);
    }

    #[test]
    fn a_stack_of_another_module_is_refused() {
        let functions = functions(&module(&[TYPE, IMPORTS, BODIES, NAMES])).unwrap();
        let map = serde_json::from_str(r#"{ "version": 3, "sources": ["/src/a.rs"], "mappings": "qCAEA" }"#).unwrap();
        let debug = DebugModule { path: PathBuf::new(), map, functions };

        let said = explained("Error\n  at wasm-function[2]:0x26", &debug).unwrap();
        assert_eq!(said, "Error\n  at wasm-function[2]:0x26  = two, a.rs:3");
        let said = explained("wasm-function[1]@\nwasm-function[2]:0x9", &debug).unwrap();
        assert_eq!(said, "wasm-function[1]@  = one\nwasm-function[2]:0x9  = no function of this package");
        for other in ["wasm-function[1]:0x26", "wasm-function[2]:0x21", "wasm-function[3]:0x26", "wasm-function[0]"] {
            let error = explained(other, &debug).unwrap_err().to_string();
            assert!(error.contains("has none of these functions"), "{error}");
        }
    }

    #[test]
    fn another_module_is_refused() {
        let released = module(&[OTHER_TYPE]);
        for named in [module(&[TYPE, NAMES]), module(&[TYPE])] {
            let error = added_sections(&released, &named).unwrap_err().to_string();
            assert!(error.contains("became another one"), "{error}");
        }
        assert!(added_sections(&released, &module(&[b"\x01\x05\x01"])).is_err());
    }

    #[test]
    fn frames_are_found_in_the_stacks_of_all_engines() {
        let frame = |number, offset| Some(Frame { number, offset });
        for (line, found) in [
            ("    at wasm://wasm/engine-0063e1b6:wasm-function[12]:0x3e24", frame(12, Some(0x3e24))),
            ("    at engine.add (wasm://wasm/0063e1b6:wasm-function[3]:0x81)", frame(3, Some(0x81))),
            ("add@http://localhost/engine.wasm:wasm-function[40]:0xa8b", frame(40, Some(0xa8b))),
            ("<?>.wasm-function[7]@[wasm code]", frame(7, None)),
            ("    at summarize (file:///app/index.js:3:4)", None),
            ("wasm-function[x]", None),
        ] {
            assert_eq!(Frame::in_line(line), found, "{line}");
        }
    }
}
