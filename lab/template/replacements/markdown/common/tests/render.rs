//! Markdown as HTML.

#[test]
fn renders_headings_and_tables() {
    assert_eq!(common::render("# One").as_deref(), Ok("<h1>One</h1>\n"));
    assert!(common::render("|a|\n|-|\n|b|").is_ok_and(|html| html.contains("<td>b</td>")));
}
