import assert from "node:assert/strict"
import { test } from "node:test"

import { ToolChoice } from "#models/tool-choice.js"

const TOOLS = [
  { name: "calculator", by_default: true },
  { name: "fetch_page", by_default: false },
]

class Asked {
  changes = []
  fails = false
  async tools() {
    return { results: TOOLS }
  }
  async updateSession(id, changes) {
    this.changes.push([id, changes])
    if (this.fails) throw new Error("away")
    return { id, ...changes }
  }
}

async function choice() {
  const api = new Asked()
  const tools = new ToolChoice(api)
  await tools.load()
  return { api, tools, on: () => TOOLS.filter((tool) => tools.isOn(tool)).map(({ name }) => name) }
}

test("nobody chose: the operator's are on, and a message says nothing of them", async () => {
  const { tools, on } = await choice()
  assert.deepEqual(on(), ["calculator"])
  assert.equal(tools.unsaid, null)
})

test("what is chosen before there is a session goes with the first message", async () => {
  const { api, tools } = await choice()
  tools.toggle("fetch_page")
  assert.deepEqual(tools.unsaid, ["calculator", "fetch_page"])
  await tools.keep("s1", tools.unsaid)
  assert.deepEqual(api.changes, [["s1", { tools: ["calculator", "fetch_page"] }]])
})

test("in a session the choice is the session's, and another session has its own", async () => {
  const { api, tools, on } = await choice()
  tools.follow({ id: "s1", tools: null })
  await tools.toggle("calculator")
  assert.deepEqual(api.changes, [["s1", { tools: [] }]])
  assert.deepEqual(on(), [])
  assert.equal(tools.unsaid, null)
  tools.follow({ id: "s2", tools: ["fetch_page"] })
  assert.deepEqual(on(), ["fetch_page"])
})

test("what the server did not take is as before, and said", async () => {
  const { api, tools, on } = await choice()
  const said = []
  tools.addEventListener("refused", () => said.push("refused"))
  tools.follow({ id: "s1", tools: ["fetch_page"] })
  api.fails = true
  await tools.toggle("calculator")
  assert.deepEqual(on(), ["fetch_page"])
  assert.deepEqual(said, ["refused"])
})
