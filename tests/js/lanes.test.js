import assert from "node:assert/strict"
import { test } from "node:test"

import { laneStateOf } from "#helpers/lane-state.js"
import { questionOf } from "#helpers/question.js"
import { textOf } from "#models/fold.js"
import { Session } from "#models/session.js"

const RUN = { id: "r", message_id: "m", status: "running" }
const CHILD = { id: "c", message_id: "hidden", parent_id: "r", status: "running" }

function started(runs) {
  const session = new Session("s")
  session.applySnapshot({
    session: { id: "s", leaf_id: "m", title: "" },
    messages: [{ id: "m", parent_id: null, role: "assistant", status: "running", parts: [], run_id: "r" }],
    runs,
    position: { "session:s": 1, "run:r": 1, ...(runs.length > 1 && { "run:c": 2 }) },
  })
  return session
}

const event = (seq, fields) => ({ stream: "run:c", seq, run_id: "c", message_id: "hidden", ...fields })
const delta = (seq, text) => event(seq, { type: "text-delta", part_id: "t", delta: text })

test("what an agent writes goes to its lane, and the message that it works for is drawn", () => {
  const session = started([RUN, { ...CHILD, parts: [{ type: "text", id: "t", text: "so ", open: true }] }])
  const drawn = []
  session.addEventListener("message", ({ detail }) => drawn.push(detail))
  session.apply(delta(3, "far"))
  assert.equal(textOf(session.lanes.partsOf("c")), "so far")
  assert.deepEqual(drawn, ["m"])
  assert.deepEqual(session.message("m").parts, [])
})

test("a lane is known from its beginning on, or not at all", () => {
  const session = started([RUN])
  session.apply({ stream: "session:s", seq: 2, type: "run-added", run: CHILD })
  session.lanes.apply(delta(5, "middle"))
  assert.equal(session.lanes.partsOf("c"), undefined)
  session.apply(event(1, { type: "text-start", part_id: "t" }))
  session.apply(delta(2, "whole"))
  assert.equal(textOf(session.lanes.partsOf("c")), "whole")
})

test("a lane's state follows from the agent and from what it asks", () => {
  const asking = [{ type: "tool-call", id: "1", approval: "requested" }]
  assert.equal(laneStateOf({ state: "running" }, []).name, "running")
  assert.equal(laneStateOf({ state: "running" }, asking).name, "asking")
  assert.equal(laneStateOf({ state: "running" }, [...asking, { type: "tool-result", id: "1" }]).name, "running")
  assert.equal(laneStateOf({ state: "running" }, asking, false).name, "idle")
  assert.deepEqual(laneStateOf({ state: "failed", message: "No." }), { name: "failed", label: "No." })
})

test("a question is open until something came of it", () => {
  const call = { arguments: '{"question": "Which?"}', approval: "requested" }
  assert.deepEqual(questionOf(call), { question: "Which?", given: null })
  assert.deepEqual(questionOf({ ...call, approval: "approve", arguments: '{"question": "Which?", "answer": "That"}' }), { question: "Which?", given: "That" })
  assert.equal(questionOf(call, { output: "This" }).given, "This")
  assert.equal(questionOf(call, { code: "tool_rejected" }).given, "")
  assert.deepEqual(questionOf({ arguments: '{"que' }), { question: "", given: null })
})
