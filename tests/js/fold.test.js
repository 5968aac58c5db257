// The twin of providers/folding.py: both sides are held to the same cases.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { fold, textOf } from "#models/fold.js"

const cases = JSON.parse(readFileSync(new URL("../cases/fold.json", import.meta.url)))

// Defaults are left out where Python writes, and written where this side does.
const DEFAULTS = { executor: "server" }
const isTold = ([name, value]) => value !== "" && value !== false && value !== null && value !== DEFAULTS[name]
const plain = (parts) => parts.map((part) => Object.fromEntries(Object.entries(part).filter(isTold)))
const folded = (events, parts = []) => events.reduce(fold, parts)

for (const { name, events, parts } of cases) {
  test(`shared case: ${name}`, () => assert.deepEqual(plain(folded(events)), plain(parts)))
}

test("deltas grow the open part", () => {
  const parts = folded([
    { type: "text-start", part_id: "a" },
    { type: "text-delta", part_id: "a", delta: "你" },
    { type: "text-delta", part_id: "a", delta: "好" },
  ])
  assert.deepEqual(parts, [{ type: "text", id: "a", text: "你好", open: true }])
})

test("an ended part takes no more", () => {
  const events = [
    { type: "text-start", part_id: "a" },
    { type: "text-delta", part_id: "a", delta: "x" },
    { type: "text-end", part_id: "a" },
    { type: "text-delta", part_id: "a", delta: "late" },
  ]
  assert.deepEqual(folded(events), [{ type: "text", id: "a", text: "x" }])
})

test("a delta without its start is dropped", () => {
  assert.deepEqual(folded([{ type: "text-delta", part_id: "a", delta: "x" }]), [])
})

test("a new attempt sets everything aside", () => {
  const parts = [{ type: "text", id: "a", text: "old", open: true }]
  assert.deepEqual(folded([{ type: "attempt-start", attempt: 2 }], parts), [])
})

test("sources come once, data of one name is replaced", () => {
  const source = { type: "source", source_id: "1", url: "https://example.org", title: "Example" }
  const parts = folded([source, source, { type: "data", name: "n", value: 1 }, { type: "data", name: "n", value: 2 }])
  assert.deepEqual(parts.map(({ type }) => type), ["source", "data"])
  assert.equal(parts[1].value, 2)
})

test("parts are never changed in place", () => {
  const before = Object.freeze([Object.freeze({ type: "text", id: "a", text: "x", open: true })])
  assert.equal(folded([{ type: "text-delta", part_id: "a", delta: "y" }], before)[0].text, "xy")
  assert.equal(before[0].text, "x")
})

test("the text of a message is its text parts, joined", () => {
  const parts = [{ type: "reasoning", text: "hm" }, { type: "text", text: "a" }, { type: "source", id: "1" }, { type: "text", text: "b" }]
  assert.equal(textOf(parts), "ab")
})
