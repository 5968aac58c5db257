// What is said while an answer is being written waits for its end, and goes once.

import assert from "node:assert/strict"
import { test } from "node:test"

import { Outbox } from "#models/outbox.js"
import { heldBy, isFree, Queue } from "#models/queue.js"
import { Storage } from "./storage.js"

const command = (text) => ({ type: "message.send", session_id: "s", text, parent_id: "old" })
const session = (status, runs = [], role = "assistant") => ({ ready: true, beside: [], activeRuns: runs, end: { role, status } })

test("what waits is kept in order, without the place it was written at, and taken once", () => {
  const storage = new Storage()
  const [queue, otherTab] = [new Queue(storage), new Queue(storage)]
  queue.add(command("one"))
  queue.add(command("two"))
  const [first, second] = otherTab.of("s")
  assert.deepEqual([first.text, second.text, first.parent_id], ["one", "two", undefined])
  assert.equal(queue.take("s", first.client_id).client_id, first.client_id)
  assert.equal(otherTab.take("s", first.client_id), undefined)
  queue.take("s", second.client_id)
  assert.equal(storage.items.size, 0)
})

test("nothing goes while an answer is written or has not begun, and what waits is held where somebody has to look", () => {
  assert.equal(isFree(session("running", [{}])), false)
  assert.equal(isFree(session("complete", [], "user")), false)
  assert.deepEqual([isFree(session("complete")), heldBy(session("complete"))], [true, ""])
  assert.deepEqual([isFree(session("failed")), heldBy(session("failed"))], [true, "failure"])
  assert.equal(heldBy({ ...session("complete"), beside: [{}, {}] }), "choice")
})

test("a message that came too early waits instead of being refused, under the same name", async () => {
  const socket = { ask: async () => ({ ok: false, error: { code: "run_active" } }) }
  const [outbox, queue] = [new Outbox(socket, new Storage()), new Queue(new Storage())]
  outbox.addEventListener("busy", ({ detail }) => queue.add(detail.command))
  outbox.addEventListener("refused", () => assert.fail("it was not refused"))
  await outbox.send({ ...command("early"), client_id: "mine" })
  assert.deepEqual(queue.of("s").map(({ client_id }) => client_id), ["mine"])
})
