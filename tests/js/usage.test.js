// The figures of the page of usage, as its charts need them.

import assert from "node:assert/strict"
import { test } from "node:test"

import { daysUpTo, scaleTo, seriesOf } from "#models/usage.js"

const tokens = { value: (row) => row.tokens, adds: true }

test("days have no gap, across a month and a year", () => {
  assert.deepEqual(daysUpTo("2026-01-01", 3), ["2025-12-30", "2025-12-31", "2026-01-01"])
})

test("the largest series stand first, the others are one, and a day without anything is empty", () => {
  const days = daysUpTo("2026-01-02", 2)
  const rows = [1, 2, 3, 4, 5, 6, 7].map((size) => ({ day: days[1], model: `m${size}`, tokens: size }))
  const series = seriesOf([...rows, { day: days[0], model: "m7", tokens: 1 }], "model", days, tokens)
  assert.deepEqual(series.map(({ name }) => name), ["m7", "m6", "m5", "m4", "m3", ""])
  assert.deepEqual([series[0].values, series[1].values, series[5].values], [[1, 7], [null, 6], [0, 3]])
})

test("averages are not added up", () => {
  const days = daysUpTo("2026-01-02", 1)
  const rows = [1, 2, 3, 4, 5, 6].map((size) => ({ day: days[0], user: { name: `u${size}` }, first: size }))
  const series = seriesOf(rows, "user", days, { value: (row) => row.first, adds: false })
  assert.deepEqual(series.map(({ name }) => name), ["u6", "u5", "u4", "u3", "u2"])
})

test("an axis has round steps and room for the highest", () => {
  for (const most of [0.00037, 1, 7, 99, 100, 12_345]) {
    const { top, steps } = scaleTo(most)
    assert.ok(top >= most && top <= most * 2.5, `${most}: ${top}`)
    assert.ok(steps.length <= 4 && steps.at(-1) === top)
  }
  assert.deepEqual(scaleTo(0).steps, [])
})
