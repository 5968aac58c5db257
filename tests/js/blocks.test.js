// However a text is cut, the blocks shown at the end are those of the whole text.

import assert from "node:assert/strict"
import { test } from "node:test"

import { Blocks } from "#models/blocks.js"
import { tokensOf } from "#models/markdown.js"

const PIECES = [
  "# 标题 heading\n\n", "Some **bold** and `code` text\nwith a second line.\n\n", "- one\n- two\n  - nested 嵌套\n\n    more\n- three\n\n",
  "1. a\n2. b\n\n   ```js\n   let x = `a`\n\n   y\n   ```\n3. c\n\n", "```python\nprint('你好 😀')\n\n# not a heading\n```\n",
  "| a | b |\n|---|:-:|\n| 1 | `x` |\n| 2 | 表 |\n\n", "> quote\n> more\n>\n> - list\n\n", "snake_case_name, array[0], 5 * 3 * 2, $x and $y\n\n",
  "so $a_1 + b$ and\n$$\nx\n=\n- y\n$$\nthen\n\n", "\\[ a \\]\n\\[\nb\n\n- c\n\\]\n", "$$ open\n- till **here**\n\n", "1. so\n   $$\n   x\n   $$\n2. b\n\n",
  "Setext\n======\n\n", "---\n\n", "text right after\n```\nfence\n```\nand after\n\n", "<script>alert(1)</script>\n\n", "**注意：**请看 [链接](https://example.org)。\n\n",
  "- [ ] task\n- [x] done\n", "👩‍👩‍👧‍👦 family, e\u0301 accents\n\n", "a\n\n\n\nb\n", "    indented code\n\n    more\n\n", "~~~\ntilde\n~~~\n\n", "* a\n\n* b\n\n* c\n\nend\n\n",
]

function random(seed) {
  let state = seed
  return (below) => (state = (state * 48271) % 2147483647) % below
}

function grow(text, cut) {
  const [blocks, shown] = [new Blocks(), []]
  let at = 0
  while (at < text.length) {
    at = Math.min(text.length, at + 1 + cut(12))
    const { reset, settled } = blocks.update(text.slice(0, at), true)
    assert.equal(reset, false)
    shown.push(...settled)
  }
  return [...shown, ...blocks.update(text, false).settled]
}

const shape = (tokens) => tokens.filter(({ type }) => type !== "space").map(({ type, raw }) => [type, raw.trimEnd()])

test("growing text ends as the whole text", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const next = random(seed * 7919)
    const text = Array.from({ length: 1 + next(8) }, () => PIECES[next(PIECES.length)]).join("")
    assert.deepEqual(shape(grow(text, next)), shape(tokensOf(text)), JSON.stringify({ seed, text }))
  }
})

test("no character of the text is lost", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const next = random(seed * 104729)
    const text = Array.from({ length: 1 + next(8) }, () => PIECES[next(PIECES.length)]).join("")
    assert.equal(grow(text, next).map(({ raw }) => raw).join(""), text)
  }
})

test("a settled block is never handed out again", () => {
  const blocks = new Blocks()
  assert.deepEqual(blocks.update("one\n\ntwo\n\nth", true).settled.map(({ raw }) => raw), [])
  assert.deepEqual(blocks.update("one\n\ntwo\n\nthree\n", true).settled.map(({ raw }) => raw), ["one", "\n\n", "two", "\n\n"])
  assert.deepEqual(blocks.update("one\n\ntwo\n\nthree\nmore", false).settled.map(({ raw }) => raw), ["three\nmore"])
})

test("another text starts over", () => {
  const blocks = new Blocks()
  blocks.update("first\n\nsecond\n", true)
  assert.equal(blocks.update("other", true).reset, true)
})

test("a long open fence stays quick", () => {
  const blocks = new Blocks()
  let text = "```\n"
  for (let line = 0; line < 500; line++) blocks.update((text += `line ${line} of some code\n`), true)
  assert.equal(blocks.update(text, false).settled.at(-1).type, "code")
})
