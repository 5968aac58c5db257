import assert from "node:assert/strict"
import { test } from "node:test"

import { Stretch } from "#models/stretch.js"

const path = (first, last, branch = "") => Array.from({ length: last - first + 1 }, (_, at) => ({ id: `${first + at}${branch}`, text: "x" }))
const ends = ({ shown }) => [shown[0].id, shown.at(-1).id]

function stretchOf(messages) {
  const stretch = new Stretch()
  stretch.update(messages)
  return stretch
}

test("the last messages are there first, and more where the reader comes near an edge", () => {
  const stretch = stretchOf(path(1, 1000))
  assert.deepEqual([ends(stretch), stretch.hasOlder, stretch.hasNewer], [["989", "1000"], true, false])
  stretch.older()
  assert.deepEqual(ends(stretch), ["977", "1000"])
})

test("however far one scrolls, there are only so many, and all are passed", () => {
  const stretch = stretchOf(path(1, 1000))
  const passed = new Set()
  const pass = () => {
    assert.ok(stretch.shown.length <= 160)
    for (const { id } of stretch.shown) passed.add(id)
  }
  for (pass(); stretch.hasOlder; pass()) stretch.older()
  assert.equal(passed.size, 1000)
  passed.clear()
  for (pass(); stretch.hasNewer; pass()) stretch.newer()
  assert.equal(passed.size, 1000)
})

test("a page of long messages is fewer of them, and at least one", () => {
  const long = path(1, 20).map((message) => ({ ...message, text: "x".repeat(50_000) }))
  assert.equal(stretchOf(long).shown.length, 1)
})

test("older messages that arrive change nothing of what is there", () => {
  const stretch = stretchOf(path(900, 1000))
  stretch.update(path(1, 1000))
  assert.deepEqual(ends(stretch), ["989", "1000"])
})

test("what is new at the end comes in where the end is there, and not elsewhere", () => {
  const stretch = stretchOf(path(1, 500))
  stretch.update(path(1, 501))
  assert.deepEqual(ends(stretch), ["489", "501"])
  stretch.around("100")
  stretch.update(path(1, 502))
  assert.deepEqual([ends(stretch), stretch.hasNewer], [["88", "123"], true])
  stretch.toEnd()
  assert.deepEqual(ends(stretch), ["491", "502"])
})

test("another branch is shown where the reader is", () => {
  const stretch = stretchOf(path(1, 500))
  stretch.around("100")
  stretch.update([...path(1, 99), ...path(100, 105, "b")])
  assert.deepEqual([ends(stretch), stretch.hasNewer], [["88", "105b"], false])
  stretch.update(path(1, 500))
  assert.deepEqual([ends(stretch), stretch.hasNewer], [["88", "105"], true])
})

test("the first message of what is shown may be another one", () => {
  const stretch = stretchOf(path(1, 12))
  stretch.update(path(1, 500, "b"))
  assert.deepEqual(ends(stretch), ["1b", "12b"])
})

test("nothing is shown of nothing", () => {
  const stretch = stretchOf(path(1, 12))
  stretch.clear()
  stretch.update([])
  assert.deepEqual([stretch.shown, stretch.hasOlder, stretch.hasNewer], [[], false, false])
})
