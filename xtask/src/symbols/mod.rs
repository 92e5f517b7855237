//! `cargo xtask symbols`: says what a consumer's stack means by `wasm-function[123]:0x4567`.

mod source_map;

use std::path::Path;
use std::{fmt, fs, io};

use anyhow::{Context, Result, ensure};
use wasmparser::{KnownCustom, Name, NameSectionReader, Naming, Parser, Payload};

use self::source_map::Places;
pub(crate) use self::source_map::SourceMap;
use crate::compile::{Compiler, Profile, SOURCES, until_settled};
use crate::package;
use crate::pipeline::{Pipeline, Symbols};
use crate::project::{BINDING, Project, say};
use crate::tools::Tools;
use crate::verify;

/// A custom section begins with this.
const CUSTOM: u8 = 0;
/// The bytes before the first section.
const MAGIC_AND_VERSION: usize = 8;

/// Prints a stack with the functions and lines that it means, or the number and the name of each function. Writes the
/// package's module with names and a source map beside the tarballs: it is the same, byte by byte, with two more sections at
/// its end.
pub(crate) fn run(project: &Project, stack: Option<&Path>) -> Result<()> {
    let stack = stack.map(read_stack).transpose()?;
    let info = verify::check(project)?;
    ensure!(info.profile == Profile::Release.name(), "the package keeps its names already: it is of the dev profile");

    let path = package::module(&project.package_dir())?;
    let debug = path.with_extension("debug.wasm");
    let debug = package::tarball_dir(project).join(debug.file_name().context("the module has no name")?);
    let map = debug.with_extension("wasm.map");
    let map_name = map.file_name().context("the source map has no name")?;

    let tools = Tools::ensure(project)?;
    let compiler = Compiler::new(project, &tools, BINDING, Profile::Release)?;
    let out = compiler.dir.path().join("symbols");
    let pipeline = Pipeline { compiler: &compiler, out: &out, current: None, expect: None };
    let Symbols { module: named, map: source_map } = until_settled(|| pipeline.symbols(&map_name.to_string_lossy()))?;
    let mut source_map: SourceMap = serde_json::from_slice(&source_map)?;
    source_map.fill(&named)?;
    source_map.add_texts(SOURCES, &project.root);

    let released = fs::read(&path)?;
    let symbols = [released.as_slice(), &added_sections(&released, &named)?].concat();
    fs::create_dir_all(package::tarball_dir(project))?;
    fs::write(&debug, symbols)?;
    fs::write(&map, serde_json::to_vec(&source_map)?)?;

    let functions = functions(&named)?;
    match stack {
        Some(stack) => println!("{}", explained(&stack, &functions, &source_map.places()?)),
        None => functions.iter().for_each(|function| println!("{function}")),
    }
    say(format_args!("{} is the package's module with names and a source map", debug.display()));
    Ok(())
}

fn read_stack(path: &Path) -> Result<String> {
    if path == Path::new("-") {
        return Ok(io::read_to_string(io::stdin())?);
    }
    fs::read_to_string(path).with_context(|| format!("cannot read the stack in {}", path.display()))
}

/// The stack, with what each of its lines means behind it.
fn explained(stack: &str, functions: &[Function], places: &Places) -> String {
    let mut lines = Vec::new();
    for line in stack.lines() {
        let meaning = Frame::in_line(line).map(|frame| frame.meaning(functions, places));
        lines.push(meaning.map_or_else(|| line.to_owned(), |meaning| format!("{line}  = {meaning}")));
    }
    lines.join("\n")
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

    /// The function, and the line in it.
    fn meaning(&self, functions: &[Function], places: &Places) -> String {
        let function = functions.iter().find(|function| function.number == self.number);
        let name = function.map_or("a function without a name", |function| &function.name);
        match self.offset.and_then(|offset| places.find(offset)) {
            Some(place) => {
                format!("{name}, {}:{}", place.source.strip_prefix(SOURCES).unwrap_or(place.source), place.line)
            }
            None => name.to_owned(),
        }
    }
}

/// A function of a module: its number, as in a stack, and its name.
#[derive(Debug, PartialEq)]
struct Function {
    number: u32,
    name: String,
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

fn functions(named: &[u8]) -> Result<Vec<Function>> {
    for payload in Parser::new(0).parse_all(named) {
        if let Payload::CustomSection(section) = payload?
            && let KnownCustom::Name(names) = section.as_known()
        {
            return named_functions(names);
        }
    }
    Ok(Vec::new())
}

fn named_functions(names: NameSectionReader) -> Result<Vec<Function>> {
    let mut found = Vec::new();
    for part in names {
        let Name::Function(functions) = part? else { continue };
        for function in functions {
            let Naming { index, name } = function?;
            found.push(Function { number: index, name: name.to_owned() });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The type of a function without arguments, and of one with an integer.
    const TYPE: &[u8] = b"\x01\x04\x01\x60\0\0";
    const OTHER_TYPE: &[u8] = b"\x01\x05\x01\x60\x01\x7f\0";
    const NAMES: &[u8] = b"\0\x16\x04name\0\x01\0\x01\x0c\x02\x05\x03one\x81\x01\x03two";

    fn module(sections: &[&[u8]]) -> Vec<u8> {
        [&b"\0asm\x01\0\0\0"[..], &sections.concat()].concat()
    }

    #[test]
    fn names_are_added_to_the_released_module() {
        let released = module(&[TYPE, b"\0\x02\x01d"]);
        let named = module(&[TYPE, NAMES]);
        assert_eq!(added_sections(&released, &named).unwrap(), NAMES);
        let found = functions(&named).unwrap();
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["5 one", "129 two"]);
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
