// Markdown to tokens: GitHub's dialect with line breaks kept, and HTML taken as plain text. Two additions: formulas, and
// bold next to Chinese punctuation (`**注意：**请`), which the standard's rule for word edges leaves unmarked.

import { Marked } from "marked"

import { formulas, lheading } from "#models/maths.js"

const STRONG = /^\*\*(?![\s*])((?:\\.|[^\\*\n`])*[^\\*\s`])\*\*(?!\*)/

const strong = {
  name: "strong",
  level: "inline",
  start: (source) => source.indexOf("**"),
  tokenizer(source) {
    const found = STRONG.exec(source)
    if (found) return { type: "strong", raw: found[0], text: found[1], tokens: this.lexer.inlineTokens(found[1]) }
  },
}

const marked = new Marked({ gfm: true, breaks: true, tokenizer: { html() {}, tag() {}, lheading } })
marked.use({ extensions: [strong, ...formulas] })

export function tokensOf(source) {
  return marked.lexer(source)
}
