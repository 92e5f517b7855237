//! The runs as drawings, in SVG: `everyday` for the front page, `complete` for docs/freshness.md.

mod complete;
mod everyday;

pub(crate) use complete::complete;
pub(crate) use everyday::everyday;

use crate::results::{Cell, Outcome};

const GREEN: &str = "#137752";
const PALE: &str = "#4f8f9f";
const RED: &str = "#b3261e";
const AMBER: &str = "#8a5a00";
const GREY: &str = "#8c8c8c";

/// What a drawing is.
struct Head {
    width: usize,
    height: usize,
    font_size: usize,
    title: &'static str,
    describes: &'static str,
}

fn begin(head: &Head) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"t d\" \
         font-family=\"system-ui, sans-serif\" font-size=\"{}\">\n<title id=\"t\">{}</title>\n<desc id=\"d\">{}</desc>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        head.width, head.height, head.font_size, head.title, head.describes
    )
}

fn colour(cell: &Cell) -> &'static str {
    match cell.outcome {
        Outcome::Right if cell.excess() > 0 => PALE,
        Outcome::Right => GREEN,
        Outcome::Stale => RED,
        Outcome::Failed => AMBER,
        Outcome::Cannot => GREY,
    }
}

/// Colour alone is not for everybody: a letter, or how many crates were compiled in excess.
fn mark(cell: &Cell) -> String {
    match cell.outcome {
        Outcome::Right if cell.excess() > 0 => format!("+{}", cell.excess()),
        Outcome::Right => "✓".to_owned(),
        Outcome::Stale => "✗".to_owned(),
        Outcome::Failed => "!".to_owned(),
        Outcome::Cannot => "–".to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_in_vain_is_counted_where_the_package_is_right() {
        let mut cell = Cell {
            strategy: "ours".to_owned(),
            scenario: "edit now".to_owned(),
            backend: "folder".to_owned(),
            outcome: Outcome::Right,
            why: None,
            compiled: 3,
            needed: 3,
            seconds: 1.0,
            cold_seconds: 2.0,
            key: String::new(),
        };
        assert_eq!((colour(&cell), mark(&cell).as_str()), (GREEN, "✓"));
        cell.compiled = 5;
        assert_eq!((colour(&cell), mark(&cell).as_str()), (PALE, "+2"));
        cell.outcome = Outcome::Stale;
        assert_eq!((colour(&cell), mark(&cell).as_str()), (RED, "✗"));
    }
}
