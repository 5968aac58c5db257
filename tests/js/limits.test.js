import assert from "node:assert/strict"
import { test } from "node:test"

import { limitReached } from "#helpers/limits.js"

const budget = (what, more) => ({ code: "budget_exceeded", budget: { what, of: "user bob", [what]: { limit: 5, used: 5, left: 0 }, ...more } })

test("a limit says what it is and until when", () => {
  const said = limitReached(budget("runs", { resets_at: "2026-12-01T00:00:00+00:00" }))
  assert.match(said, /^The limit of 5 answers \(user bob\) is reached until .*202[67]/)
  assert.match(limitReached(budget("money", { resets_at: "2026-12-01T00:00:00+00:00" })), /5 US dollars/)
  assert.equal(limitReached(budget("runs", { resets_at: null })), "No more than 5 answers at once (user bob). Try again when one has ended.")
})

test("what is no limit is told elsewhere", () => {
  assert.equal(limitReached({ code: "run_active", message: "x" }), "")
  assert.equal(limitReached(undefined), "")
})
