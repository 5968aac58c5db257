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

const LISTS = ["- one **two**\n", "- [ ] task `x`\n", "  - nested\n", "  more\n", "\n", "    - deep\n\n      para\n", "- ```\n  code\n\n  more\n  ```\n", "- > said\n", "lazy\n", "-\n"]
const NUMBERS = ["1. a\n", "2. b $x$\n", "   - inner\n", " 3. c\n", "\n", "12. d\n    e\n", "4) other\n"]
const ROWS = ["| 1 | `a` |\n", "| **b** | 2 |\n", "| \\| | |\n", "no pipes\n", "| too | many | cells |\n", "> out\n", "\n"]

// Without the last item or row, where marks that are open are closed.
function contentOf({ type, loose, header, items, rows }) {
  return { type, loose, header, items: items?.slice(0, -1).map(({ tokens }) => tokens), rows: rows?.slice(0, -1) }
}

// What is on the page: of the open block, what was left out is as it was.
function* drawnWhile(text, cut) {
  const blocks = new Blocks()
  let open = []
  for (let at = cut(9); at < text.length; at += 1 + cut(9)) {
    const { open: [first, ...others], settled, kept } = blocks.update(text.slice(0, at), true)
    const name = first?.items ? "items" : "rows"
    if (first?.[name]) first[name] = [...(kept ? open[0][name].slice(0, kept) : []), ...first[name]]
    open = first ? [first, ...others] : []
    yield { soFar: text.slice(0, at), open, settled, kept }
  }
}

for (const [kind, head, pieces] of [["list", "- first\n", LISTS], ["numbers", "7. first\n", NUMBERS], ["table", "| a | b |\n|---|:-:|\n", ROWS]]) {
  test(`what is kept of an open ${kind} is what it would be if all were read again`, () => {
    let most = 0
    for (let seed = 1; seed <= 150; seed++) {
      const next = random(seed * 6151)
      const text = head + Array.from({ length: 2 + next(12) }, () => pieces[next(pieces.length)]).join("")
      let settled = 0
      for (const drawn of drawnWhile(text, next)) {
        settled += drawn.settled.reduce((sum, { raw }) => sum + raw.length, 0)
        most = Math.max(most, drawn.kept)
        const whole = tokensOf(drawn.soFar.slice(settled))
        if (drawn.kept) assert.deepEqual(contentOf(drawn.open[0]), contentOf(whole[0]), JSON.stringify({ seed, text: drawn.soFar }))
      }
    }
    assert.ok(most >= 4)
  })
}

test("of a long open list only the last items are read again", () => {
  const blocks = new Blocks()
  let text = ""
  for (let number = 1; number <= 500; number++) {
    const { open, kept } = blocks.update((text += `${number}. item\n`), true)
    if (number > 2) assert.deepEqual([kept, open[0].items.length], [number - 2, 2])
  }
  assert.equal(blocks.update(text, false).settled[0].items.length, 500)
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

test("what is nested deeper than anybody reads comes as it is instead of ending the page", () => {
  const steps = Array.from({ length: 500 }, (_, level) => `${"  ".repeat(level)}- x`).join("\n")
  for (const text of [`${"> ".repeat(9000)}x`, `${"- ".repeat(9000)}x`, steps]) {
    const { settled } = new Blocks().update(text, false)
    assert.deepEqual(settled.map(({ type, text }) => [type, text]), [["code", text]])
  }
  assert.equal(new Blocks().update("> > a\n\n- b\n  - c", false).settled[0].type, "blockquote")
})
