// Formulas in Markdown, as models write them: $…$ and \(…\) within a line, $$…$$ and \[…\] as lines of their own.
// A dollar that stands for money is none: a formula begins and ends without a space, and no word follows it.

const INLINE = /^(?:\$\$((?:\\[^]|[^\\$])+)\$\$|\\\[([^]{1,5000}?)\\\]|\\\(([^]{1,5000}?)\\\)|\$(?![\s$])((?:\\.|[^\\$\n`])*?(?:\\.|[^\\$\n\s`]))\$(?![\w$]))/
const BLOCKS = [blockOf("\\$\\$"), blockOf("\\\\\\[", "\\\\\\]")]
const BLANK = /\n[ \t]*\n/ // what a paragraph ends with, at the latest
const BLOCK_BEGINS = /\n(?= {0,3}(?:\$\$(?!.*\$\$)|\\\[(?!.*\\\])))/

const AHEAD = 1000 // characters

// Where the next inline mark may begin, for marked, which asks after every token: what is far ahead is looked for
// when it is near, or a long paragraph takes the square of its length.
export function soon(mark) {
  return (source) => {
    const at = source.slice(0, AHEAD).search(mark)
    return at < 0 && source.length > AHEAD ? AHEAD : at
  }
}

const inline = {
  name: "formula",
  level: "inline",
  start: soon(/\$|\\[([]/),
  tokenizer(source) {
    const found = INLINE.exec(source)
    if (!found) return undefined
    const [raw, dollars, brackets, round, dollar] = found
    return { type: "formula", raw, text: dollars ?? brackets ?? round ?? dollar, display: Boolean(dollars ?? brackets) }
  },
}

// One that is not closed is read as a paragraph, up to the blank line: so whatever follows its first line cannot change where it
// ends but by closing it.
const block = {
  name: "formula-block",
  level: "block",
  start(source) {
    const end = source.search(BLANK)
    const at = (end < 0 ? source : source.slice(0, end)).search(BLOCK_BEGINS)
    return at < 0 ? undefined : at + 1
  },
  tokenizer(source) {
    const found = BLOCKS.map((one) => one.exec(source)).find(Boolean)
    if (!found) return undefined
    const [raw, text, end] = found
    if (end) return { type: "formula", raw, text, display: true }
    return { type: "unfinished", raw, tokens: this.lexer.inlineTokens(raw.trim()) }
  },
}

export const formulas = [inline, block]

// A line of `=` within a formula makes no heading of what stands above it. For marked's `lheading`: false is its own way.
export function lheading(source) {
  const found = this.rules.block.lheading.exec(source)
  return found && BLOCK_BEGINS.test(found[0]) ? undefined : false
}

function blockOf(open, close = open) {
  return new RegExp(`^ {0,3}${open}(?!.*${close})((?:(?!${close}|\\n[ \\t]*(?:\\n|$))[^])+)(${close})?[ \\t]*\\n?`)
}
