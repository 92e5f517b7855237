//! `cargo xtask symbols`: says which functions a consumer's stack means by `wasm-function[123]`.

use std::{fmt, fs};

use anyhow::{Context, Result, ensure};
use wasmparser::{KnownCustom, Name, NameSectionReader, Naming, Parser, Payload};

use crate::compile::{Compiler, Profile, until_settled};
use crate::package;
use crate::pipeline::Pipeline;
use crate::project::{BINDING, Project, say};
use crate::tools::Tools;
use crate::verify;

/// A custom section begins with this.
const CUSTOM: u8 = 0;
/// The bytes before the first section.
const MAGIC_AND_VERSION: usize = 8;

/// Prints the number and the name of each function of the package's module, and writes the module with these names beside
/// the tarballs. It is the package's, byte by byte, with one more section at its end.
pub(crate) fn run(project: &Project) -> Result<()> {
    let info = verify::check(project)?;
    ensure!(info.profile == Profile::Release.name(), "the package keeps its names already: it is of the dev profile");

    let tools = Tools::ensure(project)?;
    let compiler = Compiler::new(project, &tools, BINDING, Profile::Release)?;
    let out = compiler.dir.path().join("symbols");
    let pipeline = Pipeline { compiler: &compiler, out: &out, current: None, expect: None };
    let named = until_settled(|| pipeline.named_module())?;

    let path = package::module(&project.package_dir())?;
    let released = fs::read(&path)?;
    let section = section_of_names(&released, &named)?;
    for symbol in symbols(&named)? {
        println!("{symbol}");
    }

    let dir = package::tarball_dir(project);
    fs::create_dir_all(&dir)?;
    let file = dir.join(path.with_extension("debug.wasm").file_name().context("the module has no name")?);
    fs::write(&file, [&released, section].concat())?;
    say(format_args!("{} is the package's module with these names", file.display()));
    Ok(())
}

/// A function of a module: its number, as in a stack, and its name.
#[derive(Debug, PartialEq)]
struct Symbol {
    number: u32,
    name: String,
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.name)
    }
}

/// The section of `named` that has the names. Everything else in it has to be in the released module as well.
fn section_of_names<'a>(released: &[u8], named: &'a [u8]) -> Result<&'a [u8]> {
    let of_released = sections(released).context("the package's module is damaged")?;
    let of_named = sections(named).context("the module with names is damaged")?;
    let others: Vec<&[u8]> = of_named.into_iter().filter(|section| !of_released.contains(section)).collect();
    ensure!(
        others.len() == 1 && others[0][0] == CUSTOM,
        "with names, the module became another one: its numbers are not those of the package. If another Rust has built the \
         package, run `cargo xtask build` first, with the Rust that is meant"
    );
    Ok(others[0])
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

fn symbols(named: &[u8]) -> Result<Vec<Symbol>> {
    for payload in Parser::new(0).parse_all(named) {
        if let Payload::CustomSection(section) = payload?
            && let KnownCustom::Name(names) = section.as_known()
        {
            return functions(names);
        }
    }
    Ok(Vec::new())
}

fn functions(names: NameSectionReader) -> Result<Vec<Symbol>> {
    let mut symbols = Vec::new();
    for part in names {
        let Name::Function(functions) = part? else { continue };
        for function in functions {
            let Naming { index, name } = function?;
            symbols.push(Symbol { number: index, name: name.to_owned() });
        }
    }
    Ok(symbols)
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
    fn names_are_what_the_released_module_lacks() {
        let released = module(&[TYPE, b"\0\x02\x01d"]);
        let named = module(&[TYPE, NAMES]);
        assert_eq!(section_of_names(&released, &named).unwrap(), NAMES);
        let found = symbols(&named).unwrap();
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["5 one", "129 two"]);
    }

    #[test]
    fn another_module_is_refused() {
        let released = module(&[OTHER_TYPE]);
        for named in [module(&[TYPE, NAMES]), module(&[TYPE])] {
            let error = section_of_names(&released, &named).unwrap_err().to_string();
            assert!(error.contains("became another one"), "{error}");
        }
        assert!(section_of_names(&released, &module(&[b"\x01\x05\x01"])).is_err());
    }
}
