// Markdown to tokens: GitHub's dialect with line breaks kept, and HTML taken as plain text. Two additions: formulas, and
// bold next to Chinese punctuation (`**注意：**请`), which the standard's rule for word edges leaves unmarked.

import { Marked } from "marked"

import { formulas, lheading, soon } from "#models/maths.js"

const STRONG = /^\*\*(?![\s*])((?:\\.|[^\\*\n`])*[^\\*\s`])\*\*(?!\*)/

const strong = {
  name: "strong",
  level: "inline",
  start: soon(/\*\*/),
  tokenizer(source) {
    const found = STRONG.exec(source)
    if (found) return { type: "strong", raw: found[0], text: found[1], tokens: this.lexer.inlineTokens(found[1]) }
  },
}

const marked = new Marked({ gfm: true, breaks: true, tokenizer: { html() {}, tag() {}, lheading } })
marked.use({ extensions: [strong, ...formulas] })

// Levels that nobody reads: the parser's time grows with their square, and its stack ends.
const DEEP = /^(?:[ \t]*>){50}|^[ \t]{200,}(?:[-*+]|\d{1,9}[.)])[ \t]/m

// What is nested too deep comes as it is, in one block of code.
export function tokensOf(source) {
  if (DEEP.test(source)) return [asItIs(source)]
  try {
    return marked.lexer(source)
  } catch (error) {
    if (error instanceof RangeError) return [asItIs(source)] // its stack ended: other ways to nest, such as `- - - -`
    throw error
  }
}

function asItIs(source) {
  return { type: "code", raw: source, lang: "", text: source }
}
