//! `cargo xtask symbols`: says which functions a consumer's stack means by `wasm-function[123]`.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::compile::{Compiler, Profile, until_settled};
use crate::package;
use crate::pipeline::Pipeline;
use crate::project::{BINDING, Project, say};
use crate::tools::Tools;
use crate::verify;

/// A custom section begins with this.
const CUSTOM: u8 = 0;

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
    let section = names(&released, &named)?;
    for (number, name) in functions(section).context("wasm-opt wrote a damaged section of names")? {
        println!("{number} {name}");
    }

    let dir = package::tarball_dir(project);
    fs::create_dir_all(&dir)?;
    let file = dir.join(path.with_extension("debug.wasm").file_name().context("the module has no name")?);
    fs::write(&file, [&released, section].concat())?;
    say(format_args!("{} is the package's module with these names", file.display()));
    Ok(())
}

/// The section of `named` that has the names. Everything else in it has to be in the released module as well.
fn names<'a>(released: &[u8], named: &'a [u8]) -> Result<&'a [u8]> {
    let of_released = sections(released).context("the package's module is damaged")?;
    let of_named = sections(named).context("the module with names is damaged")?;
    let others: Vec<&[u8]> = of_named.into_iter().filter(|section| !of_released.contains(section)).collect();
    ensure!(
        others.len() == 1 && others[0][0] == CUSTOM,
        "with names, the module became another one: its numbers are not those of the package"
    );
    Ok(others[0])
}

/// All sections of a module, each with its head.
fn sections(module: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = module.strip_prefix(b"\0asm\x01\0\0\0")?;
    let mut sections = Vec::new();
    while !rest.is_empty() {
        let mut inside = rest.get(1..)?;
        let length = number(&mut inside)?;
        let head = rest.len() - inside.len();
        let (section, others) = rest.split_at_checked(head + length)?;
        sections.push(section);
        rest = others;
    }
    Some(sections)
}

/// The numbers and names of functions in a section of names.
fn functions(section: &[u8]) -> Option<Vec<(usize, String)>> {
    const OF_FUNCTIONS: u8 = 1;
    let mut rest = &section[1..];
    number(&mut rest)?;
    text(&mut rest)?;
    while let Some((&kind, mut inside)) = rest.split_first() {
        let length = number(&mut inside)?;
        let (part, others) = inside.split_at_checked(length)?;
        rest = others;
        if kind != OF_FUNCTIONS {
            continue;
        }
        let mut part = part;
        let count = number(&mut part)?;
        return (0..count).map(|_| Some((number(&mut part)?, text(&mut part)?))).collect();
    }
    Some(Vec::new())
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let length = number(rest)?;
    let (text, others) = rest.split_at_checked(length)?;
    *rest = others;
    Some(String::from_utf8_lossy(text).into_owned())
}

/// A number, as WebAssembly writes it: seven bits in each byte, the lowest ones first.
fn number(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..32).step_by(7) {
        let (byte, others) = rest.split_first()?;
        *rest = others;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &[u8] = b"\x0a\x01\0";
    const NAMES: &[u8] = b"\0\x16\x04name\0\x01\0\x01\x0c\x02\x05\x03one\x81\x01\x03two";

    fn module(sections: &[&[u8]]) -> Vec<u8> {
        [&b"\0asm\x01\0\0\0"[..], &sections.concat()].concat()
    }

    #[test]
    fn names_are_what_the_released_module_lacks() {
        let released = module(&[CODE, b"\0\x02\x01d"]);
        let named = module(&[CODE, NAMES]);
        let found = names(&released, &named).unwrap();
        assert_eq!(functions(found).unwrap(), [(5, "one".to_owned()), (129, "two".to_owned())]);
    }

    #[test]
    fn another_module_is_refused() {
        let released = module(&[b"\x0a\x01\x01"]);
        for named in [module(&[CODE, NAMES]), module(&[CODE])] {
            let error = names(&released, &named).unwrap_err().to_string();
            assert!(error.contains("became another one"), "{error}");
        }
        assert!(names(&released, &module(&[b"\x0a\x05\x01"])).unwrap_err().to_string().contains("damaged"));
    }
}
