// A growing Markdown text as blocks. Blocks that can no longer change are handed out once (`settled`) and never
// parsed again; only the last, open one is. Whatever the cuts, all settled blocks together are those of the text.

import { tokensOf } from "#models/markdown.js"

export class Blocks {
  #source = ""
  #settled = 0 // characters of the source that are in settled blocks

  // → {reset, settled, open}: what is new since the last call; `reset` when the text is not a continuation.
  update(text, growing) {
    const source = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text
    const reset = !source.startsWith(this.#source)
    if (reset) this.#settled = 0
    this.#source = source
    const tokens = tokensOf(source.slice(this.#settled))
    const settled = growing ? tokens.slice(0, settledCount(tokens)) : tokens
    this.#settled += settled.reduce((length, token) => length + token.raw.length, 0)
    return { reset, settled, open: tokens.slice(settled.length) }
  }
}

// Everything before the last block is settled once that block's first line is complete: until then it may still
// turn out to continue the one before it.
function settledCount(tokens) {
  const last = tokens.findLastIndex((token) => token.type !== "space")
  if (last < 1) return 0
  return tokens[last].raw.trimStart().includes("\n") || tokens[last + 1] ? last : 0
}
