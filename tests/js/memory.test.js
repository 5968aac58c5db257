import assert from "node:assert/strict"
import { test } from "node:test"

import { contextInWords } from "#helpers/context.js"
import { MemoryChoice } from "#models/memory-choice.js"

class Asked {
  changes = []
  fails = false
  async updateSession(id, changes) {
    this.changes.push([id, changes])
    if (this.fails) throw new Error("away")
    return { id, ...changes }
  }
}

test("memory is on until somebody says otherwise, and a message says nothing of it", () => {
  const memory = new MemoryChoice(new Asked())
  assert.equal(memory.isOn, true)
  assert.equal(memory.unsaid, null)
})

test("what is chosen before there is a session goes with the first message", async () => {
  const api = new Asked()
  const memory = new MemoryChoice(api)
  await memory.toggle()
  assert.equal(memory.unsaid, false)
  memory.follow({ id: "s1", memory: false })
  assert.equal(memory.isOn, false)
  assert.equal(memory.unsaid, null)
  assert.deepEqual(api.changes, [])
})

test("in a session the choice is the session's, and another session has its own", async () => {
  const api = new Asked()
  const memory = new MemoryChoice(api)
  memory.follow({ id: "s1", memory: true })
  await memory.toggle()
  assert.deepEqual(api.changes, [["s1", { memory: false }]])
  assert.equal(memory.isOn, false)
  memory.follow({ id: "s2", memory: true })
  assert.equal(memory.isOn, true)
})

test("what the server did not take is as before, and said", async () => {
  const api = new Asked()
  const memory = new MemoryChoice(api)
  const said = []
  memory.addEventListener("refused", () => said.push("refused"))
  memory.follow({ id: "s1", memory: true })
  api.fails = true
  await memory.toggle()
  assert.equal(memory.isOn, true)
  assert.deepEqual(said, ["refused"])
})

test("how much of the history is sent is the session's", async () => {
  const api = new Asked()
  const memory = new MemoryChoice(api)
  assert.equal(memory.historyTokens, undefined)
  memory.follow({ id: "s1", memory: true, history_tokens: null })
  assert.equal(memory.historyTokens, null)
  await memory.limitHistory(2000)
  assert.deepEqual(api.changes, [["s1", { history_tokens: 2000 }]])
  assert.equal(memory.historyTokens, 2000)
})

test("a line says what an answer was and was not told, and nothing where there is nothing to say", () => {
  const window = { left_out: 4, summarized: 0 }
  assert.equal(contextInWords(null), "")
  assert.equal(contextInWords({}), "")
  assert.match(contextInWords({ window }), /left out: the model cannot read more \(4\)/)
  assert.match(contextInWords({ window: { ...window, summarized: 2 } }), /left out or sent as a summary \(4\)/)
  assert.match(contextInWords({ window: { ...window, summarized: 4 } }), /sent as a summary \(4\)/)
  assert.equal(contextInWords({ memories: ["a", "b"] }), "Memories used: 2")
  assert.equal(contextInWords({ noted: ["a"] }), "Noted for later: 1")
  assert.match(contextInWords({ cached: [{}] }), /no cost/)
})
