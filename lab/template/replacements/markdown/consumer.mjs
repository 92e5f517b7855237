import assert from "node:assert/strict";
import { render } from "PACKAGE";

assert.equal(render("# One\n\n*two*"), "<h1>One</h1>\n<p><em>two</em></p>\n");
assert.match(render("|a|\n|-|\n|b|"), /<td>b<\/td>/);
assert.throws(() => render("x".repeat(1_000_001)), {
  code: "too_long",
  bytes: 1_000_001,
});
