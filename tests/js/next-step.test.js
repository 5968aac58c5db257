import assert from "node:assert/strict"
import { test } from "node:test"

import { goneOr, refusalInWords } from "#helpers/next-step.js"
import { stateOf } from "#helpers/state.js"

test("an answer that failed says what to do next, and whether another model helps", () => {
  const failed = (code, message) => stateOf({ status: "failed", parts: [], error: { code, message } }).problem
  assert.deepEqual(failed("context_too_long", "Too long."), { label: "Too long. Start a new chat, or choose a model that reads more.", model: true })
  assert.deepEqual(failed("internal", "Oh."), { label: "Oh. Try again. If it stays so, tell whoever runs this server.", model: false })
  assert.deepEqual(failed("nobody_knows", ""), { label: "The answer failed.", model: false })
})

test("a chat that is gone is said to be gone", () => {
  assert.match(refusalInWords(goneOr({ code: "not_found", message: "Nothing." })), /^This chat is not there any more.*Begin a new one/)
  assert.equal(refusalInWords(goneOr({ code: "invalid", message: "Bad." })), "Bad.")
})
