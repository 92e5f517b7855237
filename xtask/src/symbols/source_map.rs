//! A source map: which line of which source each place in a module comes from.
//!
//! The format is ECMA-426. For a module, it has one line of mappings, in which a column is an offset in bytes.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use addr2line::Context as Lines;
use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use wasmparser::{Parser, Payload};

/// How many numbers a mapping has: those of a place in a source, and the offset before them.
const NUMBERS: usize = 4;

/// What is in the file.
#[derive(Serialize, Deserialize)]
pub(crate) struct SourceMap {
    version: u8,
    sources: Vec<String>,
    /// The text of each source, so that a debugger does not ask for it.
    #[serde(rename = "sourcesContent", default)]
    texts: Vec<Option<String>>,
    #[serde(default)]
    names: Vec<String>,
    /// In their order in the module.
    #[serde(serialize_with = "serialize", deserialize_with = "deserialize")]
    mappings: Vec<Mapping>,
}

/// Where the code from an offset on comes from, until the next mapping.
#[derive(Clone, Debug, PartialEq)]
struct Mapping {
    offset: i64,
    /// None at the start of a function for which that is not known.
    position: Option<Position>,
}

/// A place in a source, as the format has it: all numbers begin at 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Position {
    source: i64,
    line: i64,
    column: i64,
}

/// A line of a source; the first one is 1.
#[derive(Debug, PartialEq)]
pub(crate) struct Place<'a> {
    pub(crate) source: &'a str,
    pub(crate) line: i64,
}

impl SourceMap {
    /// The map of a module that has debug information.
    pub(crate) fn of_dwarf(module: &[u8]) -> Result<Self> {
        let mut code = 0..0;
        let mut sections = HashMap::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::CodeSectionStart { unchecked_range, .. } => code = unchecked_range,
                Payload::CustomSection(section) => drop(sections.insert(section.name(), section.data())),
                _ => {}
            }
        }
        let dwarf = Dwarf::load(|id| {
            let data = sections.get(id.name()).copied().unwrap_or_default();
            anyhow::Ok(EndianSlice::new(data, LittleEndian))
        })?;

        let lines = Lines::from_dwarf(dwarf)?;
        let mut sources = Vec::new();
        let mut mappings = Vec::new();
        // Addresses count from the start of the code. What was not linked is said to be at 0, where no instruction is.
        for (address, _, place) in lines.find_location_range(1, code.end - code.start)? {
            let (Some(file), Some(line)) = (place.file, place.line) else { continue };
            let position = Position {
                source: i64::try_from(index_of(file, &mut sources))?,
                line: i64::from(line.saturating_sub(1)),
                column: i64::from(place.column.unwrap_or(0).saturating_sub(1)),
            };
            mappings.push(Mapping { offset: i64::try_from(code.start + address)?, position: Some(position) });
        }
        ensure!(!mappings.is_empty(), "the compiler wrote no lines: `CARGO_ENCODED_RUSTFLAGS` may not be set");
        mappings.sort_by_key(|mapping| mapping.offset);
        Ok(Self { version: 3, sources, texts: Vec::new(), names: Vec::new(), mappings })
    }

    /// Gives code that wasm-opt knows no place of the place of the code before it, in the same function.
    pub(crate) fn fill(&mut self, module: &[u8]) -> Result<()> {
        self.mappings.retain(|mapping| mapping.position.is_some());
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::CodeSectionEntry(body) = payload? {
                self.mappings.push(Mapping { offset: i64::try_from(body.range().start)?, position: None });
            }
        }
        // A place at the very start of a function comes first, and stays.
        self.mappings.sort_by_key(|mapping| (mapping.offset, mapping.position.is_none()));
        self.mappings.dedup_by_key(|mapping| mapping.offset);
        Ok(())
    }

    /// Adds the texts of the sources that are in a folder. `prefix` stands for it in the names of sources.
    pub(crate) fn add_texts(&mut self, prefix: &str, dir: &Path) {
        let text = |source: &String| fs::read_to_string(dir.join(source.strip_prefix(prefix)?)).ok();
        self.texts = self.sources.iter().map(text).collect();
    }

    /// Where an offset in the module comes from.
    pub(crate) fn place(&self, offset: u64) -> Option<Place<'_>> {
        let offset = i64::try_from(offset).ok()?;
        let after = self.mappings.partition_point(|mapping| mapping.offset <= offset);
        let mapping = self.mappings.get(after.checked_sub(1)?)?;
        let Position { source, line, .. } = mapping.position?;
        let source = self.sources.get(usize::try_from(source).ok()?)?;
        Some(Place { source, line: line + 1 })
    }
}

/// The place of a file in the list of sources, to which it is added.
fn index_of(file: &str, sources: &mut Vec<String>) -> usize {
    let known = sources.iter().position(|source| source == file);
    known.unwrap_or_else(|| {
        sources.push(file.to_owned());
        sources.len() - 1
    })
}

fn serialize<S: Serializer>(mappings: &[Mapping], serializer: S) -> Result<S::Ok, S::Error> {
    encode(mappings).map_err(ser::Error::custom)?.serialize(serializer)
}

fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Mapping>, D::Error> {
    decode(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// Each number is the difference from the one before it.
fn encode(mappings: &[Mapping]) -> Result<String> {
    let mut text = Vec::new();
    let mut offset = 0;
    let mut before = Position::default();
    for mapping in mappings {
        if !text.is_empty() {
            text.push(b',');
        }
        vlq::encode(mapping.offset - offset, &mut text)?;
        offset = mapping.offset;
        if let Some(position) = mapping.position {
            vlq::encode(position.source - before.source, &mut text)?;
            vlq::encode(position.line - before.line, &mut text)?;
            vlq::encode(position.column - before.column, &mut text)?;
            before = position;
        }
    }
    Ok(String::from_utf8(text)?)
}

fn decode(text: &str) -> Result<Vec<Mapping>> {
    let mut mappings = Vec::new();
    let mut offset = 0;
    let mut now = Position::default();

    for segment in text.split(',') {
        let mut digits = segment.bytes().peekable();
        let mut numbers = Vec::new();
        while digits.peek().is_some() {
            let number = vlq::decode(&mut digits).ok().context("the source map is damaged")?;
            numbers.push(number);
        }

        offset += numbers.first().context("the source map is damaged")?;
        let mut position = None;
        if let Some([source, line, column]) = numbers.get(1..NUMBERS) {
            now.source += source;
            now.line += line;
            now.column += column;
            position = Some(now);
        }
        mappings.push(Mapping { offset, position });
    }
    Ok(mappings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(offset: i64, source: i64, line: i64) -> Mapping {
        Mapping { offset, position: Some(Position { source, line, column: 4 }) }
    }

    fn unknown(offset: i64) -> Mapping {
        Mapping { offset, position: None }
    }

    fn map(mappings: &[Mapping]) -> SourceMap {
        let sources = vec!["a.rs".to_owned(), "b.rs".to_owned()];
        SourceMap { version: 3, sources, texts: Vec::new(), names: Vec::new(), mappings: mappings.to_vec() }
    }

    #[test]
    fn a_map_is_read_as_it_was_written() {
        let mappings = [mapping(2022, 0, 169), unknown(2030), mapping(2039, 1, 11), mapping(90_000, 0, 40)];
        let text = encode(&mappings).unwrap();
        assert_eq!(decode(&text).unwrap(), mappings);
        assert_eq!(encode(&[mapping(16, 1, 0), unknown(17)]).unwrap(), "gBCAI,C");
    }

    #[test]
    fn a_place_holds_until_the_next_one() {
        let map = map(&[mapping(10, 1, 4), unknown(15), mapping(20, 0, 8)]);
        let found = [9, 10, 14, 15, 20, 4000].map(|offset| map.place(offset));
        let place = |source, line| Some(Place { source, line });
        assert_eq!(found, [None, place("b.rs", 5), place("b.rs", 5), None, place("a.rs", 9), place("a.rs", 9)]);
    }

    #[test]
    fn a_place_holds_only_in_its_function() {
        // Two functions of four bytes each, whose bodies begin at 23 and 28.
        let code = b"\x03\x03\x02\0\0\x0a\x0b\x02\x04\0\x01\x01\x0b\x04\0\x01\x01\x0b";
        let module = [b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0", code.as_slice()].concat();
        let mut map = map(&[mapping(23, 0, 1), unknown(24), mapping(30, 1, 2)]);
        map.fill(&module).unwrap();
        assert_eq!(map.mappings, [mapping(23, 0, 1), unknown(28), mapping(30, 1, 2)]);
    }

    #[test]
    fn damage_is_an_error() {
        assert!(decode("gBCAA,g").is_err());
        assert!(decode("gBC!A").is_err());
        assert!(SourceMap::of_dwarf(b"\0asm\x01\0\0\0").is_err());
    }
}
