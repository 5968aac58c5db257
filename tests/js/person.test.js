import assert from "node:assert/strict"
import { test } from "node:test"
import { initials, tone } from "#helpers/person.js"

test("initials are of the first and the last word", () => {
  const names = { ann: "A", "Ann Lee": "AL", "Jean van der Berg": "JB", 王小明: "王", "😀 Ann": "😀A", " ": "" }
  for (const [name, shown] of Object.entries(names)) assert.equal(initials(name), shown)
})

test("a person's colour stays, and neighbours differ", () => {
  assert.equal(tone("12"), tone("12"))
  assert.notEqual(tone("12"), tone("13"))
  assert.equal(tone(""), 0)
})
