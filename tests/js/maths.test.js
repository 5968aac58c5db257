// What is a formula, and what only has dollars or brackets in it.

import assert from "node:assert/strict"
import { test } from "node:test"

import { tokensOf } from "#models/markdown.js"

function formulasIn(tokens) {
  return tokens.flatMap((token) => (token.type === "formula" ? [[token.text.trim(), token.display]] : formulasIn(token.tokens ?? token.items ?? [])))
}

const CASES = {
  "where $E = mc^2$ holds": [["E = mc^2", false]],
  "第$n$个": [["n", false]],
  "so \\(a_1\\) and \\[b\\]": [["a_1", false], ["b", true]],
  "$$\na\n= b\n- c\n$$": [["a\n= b\n- c", true]],
  "text\n\\[\nx\n\\]\nmore": [["x", true]],
  "1. so $$x$$": [["x", true]],
  "**bold $x_1$** and $y_1$": [["x_1", false], ["y_1", false]],
  "It is $5 or $10, US$5-$10 a day.": [],
  "\\$a\\$ and `$x$`": [],
  "```\n$$\nx\n$$\n```": [],
  "$$ is money\n\nand $$ too": [],
  "set $HOME/bin:$PATH": [],
  [`${"far ahead ".repeat(300)}is $x$, and ${"on ".repeat(500)}**$y$**`]: [["x", false], ["y", false]],
  [`${"a line\n".repeat(300)}$$\nx\n$$\n\nmore\n\n$$\ny\n$$`]: [["x", true], ["y", true]],
}

for (const [text, wanted] of Object.entries(CASES)) {
  test(`the formulas of ${JSON.stringify(text.slice(-60))}`, () => assert.deepEqual(formulasIn(tokensOf(text)), wanted))
}
