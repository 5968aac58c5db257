// A growing Markdown text as blocks. Blocks that can no longer change are handed out once (`settled`) and never
// parsed again; only the last, open one is. Whatever the cuts, all settled blocks together are those of the text.

import { tokensOf } from "#models/markdown.js"
import { OpenBlock } from "#models/open-block.js"

export class Blocks {
  #source = ""
  #settled = 0 // characters of the source that are in settled blocks
  #open = new OpenBlock()

  // → {reset, settled, open, kept}: what is new since the last call; `reset` when the text is not a continuation. `open`
  // are the tokens to draw of the last block, without the first `kept` items or rows of its list or table.
  update(text, growing) {
    const source = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text
    const reset = !source.startsWith(this.#source)
    if (reset) this.#settle(0)
    this.#source = source
    const { tokens, shown, kept } = this.#open.read(source.slice(this.#settled))
    if (growing && !settledCount(tokens)) return { reset, settled: [], open: shown, kept }
    return { reset, settled: this.#taken(source, growing), open: this.#open.read(source.slice(this.#settled)).shown, kept: 0 }
  }

  // --- internal

  // Read as a whole, so that what stays does not depend on the cuts.
  #taken(source, growing) {
    const tokens = tokensOf(source.slice(this.#settled))
    const settled = growing ? tokens.slice(0, settledCount(tokens)) : tokens
    this.#settle(settled.reduce((length, token) => length + token.raw.length, this.#settled))
    return settled
  }

  #settle(length) {
    this.#settled = length
    this.#open = new OpenBlock()
  }
}

// Everything before the last block is settled once that block's first line is complete: until then it may still
// turn out to continue the one before it.
function settledCount(tokens) {
  const last = tokens.findLastIndex((token) => token.type !== "space")
  if (last < 1) return 0
  return tokens[last].raw.trimStart().includes("\n") || tokens[last + 1] ? last : 0
}
