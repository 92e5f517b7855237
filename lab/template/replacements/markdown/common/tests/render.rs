//! Markdown as HTML.

const _: Option<&str> = option_env!("TESTS_DIGEST");

#[test]
fn renders_headings_and_tables() {
    assert_eq!(common::render("# One"), "<h1>One</h1>\n");
    assert!(common::render("|a|\n|-|\n|b|").contains("<td>b</td>"));
}
