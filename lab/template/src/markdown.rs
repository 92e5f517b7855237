//! The blocks of code and the tables of a Markdown text, which tests do as it says.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A fenced block of code.
pub(crate) struct Block {
    /// The title of its section.
    pub(crate) section: String,
    /// What stands behind the fence, such as `sh`.
    pub(crate) language: String,
    /// The last file that the section's text names before the block.
    pub(crate) file: Option<String>,
    pub(crate) text: String,
}

/// A row of a table: the code in each of its cells.
pub(crate) type Row = Vec<Vec<String>>;

/// What a Markdown text tells its reader to do.
#[derive(Default)]
pub(crate) struct Document {
    pub(crate) blocks: Vec<Block>,
    pub(crate) rows: Vec<Row>,
}

impl Document {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self::parse(&text))
    }

    pub(crate) fn parse(text: &str) -> Self {
        let mut reader = Reader::default();
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            reader.take(event);
        }
        reader.document
    }

    /// The blocks of shell commands.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().filter(|block| block.language == "sh").map(|block| block.text.as_str())
    }
}

#[derive(Default)]
struct Reader {
    document: Document,
    section: String,
    file: Option<String>,
    is_in_heading: bool,
    is_in_block: bool,
    is_in_cell: bool,
}

impl Reader {
    fn take(&mut self, event: Event) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                self.section.clear();
                self.file = None;
                self.is_in_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => self.is_in_heading = false,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => self.open(&language),
            Event::End(TagEnd::CodeBlock) => self.is_in_block = false,
            Event::Start(Tag::TableRow) => self.document.rows.push(Row::new()),
            Event::Start(Tag::TableCell) => self.cell(),
            Event::End(TagEnd::TableCell) => self.is_in_cell = false,
            Event::Text(text) => self.text(&text),
            Event::Code(code) => self.code(&code),
            _ => {}
        }
    }

    fn open(&mut self, language: &str) {
        let (section, file) = (self.section.clone(), self.file.clone());
        self.document.blocks.push(Block { section, language: language.to_owned(), file, text: String::new() });
        self.is_in_block = true;
    }

    fn cell(&mut self) {
        if let Some(row) = self.document.rows.last_mut() {
            row.push(Vec::new());
            self.is_in_cell = true;
        }
    }

    fn text(&mut self, text: &str) {
        if self.is_in_heading {
            self.section.push_str(text);
        }
        if self.is_in_block
            && let Some(block) = self.document.blocks.last_mut()
        {
            block.text.push_str(text);
        }
    }

    fn code(&mut self, code: &str) {
        if self.is_in_heading {
            self.section.push_str(code);
        }
        if self.is_in_cell
            && let Some(cell) = self.document.rows.last_mut().and_then(|row| row.last_mut())
        {
            cell.push(code.to_owned());
        }
        let is_file = code.contains('/') && code.rsplit('/').next().is_some_and(|name| name.contains('.'));
        if is_file {
            self.file = Some(code.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_knows_its_section_and_file() {
        let text = "# One\n\n## Two `x`\n\nIn `a/b.rs`:\n\n````md\n```js\nx\n```\n````\n";
        let block = &Document::parse(text).blocks[0];
        assert_eq!((block.section.as_str(), block.language.as_str()), ("Two x", "md"));
        assert_eq!(block.file.as_deref(), Some("a/b.rs"));
        assert_eq!(block.text, "```js\nx\n```\n");
    }

    #[test]
    fn a_row_has_the_code_of_its_cells() {
        let text = "| a | b |\n| - | - |\n| x | `y`, `z` |\n\nNot `this`.\n";
        assert_eq!(Document::parse(text).rows, [[vec![], vec!["y".to_owned(), "z".to_owned()]]]);
    }
}
