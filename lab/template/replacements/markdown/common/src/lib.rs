//! Markdown to HTML.

use pulldown_cmark::{Options, Parser, html};

const _: Option<&str> = option_env!("COMMON_DIGEST");

/// Renders a text in Markdown, with tables, as HTML.
///
/// # Example
///
/// ```
/// assert_eq!(common::render("*now*"), "<p><em>now</em></p>\n");
/// ```
#[must_use]
pub fn render(markdown: &str) -> String {
    let mut rendered = String::new();
    html::push_html(&mut rendered, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    rendered
}
