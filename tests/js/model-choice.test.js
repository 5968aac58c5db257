import assert from "node:assert/strict"
import { test } from "node:test"

import { ModelChoice } from "#models/model-choice.js"
import { Storage } from "./storage.js"

const MODELS = [{ id: "demo/chat", label: "Chat", provider: "demo", provider_label: "Demo", is_default: true }]

test("what a model is called is known from the last time, and what is gone has its own name", async () => {
  const api = { models: async () => ({ results: MODELS }) }
  const storage = new Storage()
  await new ModelChoice(api, storage).load()
  const later = new ModelChoice(api, storage)
  assert.equal(later.labelOf({ provider: "demo", model: "chat" }), "Demo Chat")
  assert.equal(later.current, undefined)
  MODELS.length = 0
  await later.load()
  assert.equal(later.labelOf({ provider: "demo", model: "demo/chat" }), "demo/chat")
})
