// What is said while an answer is being written waits for its end, and goes once.

import assert from "node:assert/strict"
import { test } from "node:test"

import { Outbox } from "#models/outbox.js"
import { OwnStorage } from "#models/own-storage.js"
import { heldBy, isFree, Queue } from "#models/queue.js"
import { Unsent } from "#models/unsent.js"
import { Storage } from "./storage.js"

const command = (text) => ({ type: "message.send", session_id: "s", text, parent_id: "old" })
const queueIn = (storage) => new Queue(new OwnStorage(storage, "ann"))
const session = (status, runs = [], role = "assistant") => ({ ready: true, beside: [], activeRuns: runs, end: { role, status } })

test("what waits is kept in order, without the place it was written at, and taken once", () => {
  const storage = new Storage()
  const [queue, otherTab] = [queueIn(storage), queueIn(storage)]
  queue.add(command("one"))
  queue.add(command("two"))
  const [first, second] = otherTab.of("s")
  assert.deepEqual([first.text, second.text, first.parent_id], ["one", "two", undefined])
  assert.equal(queue.take("s", first.client_id).client_id, first.client_id)
  assert.equal(otherTab.take("s", first.client_id), undefined)
  queue.take("s", second.client_id)
  assert.equal(storage.items.size, 0)
})

test("what is second waits in every tab until the first is seen there, and after it when that came too early", () => {
  const storage = new Storage()
  const [queue, otherTab] = [queueIn(storage), queueIn(storage)]
  for (const text of ["one", "two", "three"]) queue.add(command(text))
  const first = queue.next("s")
  assert.deepEqual(otherTab.of("s").map(({ text, after }) => [text, after]), [["two", first.client_id], ["three", first.client_id]])
  queue.settle("s", first.client_id, "its message")
  assert.equal(otherTab.of("s")[0].after, "its message")
  const second = otherTab.next("s")
  otherTab.add(second)
  assert.deepEqual(queue.of("s").map(({ text, after }) => [text, after]), [["two", undefined], ["three", null]])
})

test("nothing goes while an answer is written or has not begun, and what waits is held where somebody has to look", () => {
  assert.equal(isFree(session("running", [{}])), false)
  assert.equal(isFree(session("complete", [], "user")), false)
  assert.deepEqual([isFree(session("complete")), heldBy(session("complete"))], [true, ""])
  assert.deepEqual([isFree(session("failed")), heldBy(session("failed"))], [true, "failure"])
  assert.equal(heldBy({ ...session("complete"), beside: [{}, {}] }), "choice")
})

test("a message that came too early waits instead of being refused, under the same name", async () => {
  const refusal = { ok: false, error: { code: "run_active" } }
  const socket = Object.assign(new EventTarget(), { state: "connected", ask: async () => refusal })
  const storage = new Storage()
  const [outbox, queue] = [new Outbox(socket, new Unsent(new OwnStorage(storage, "ann"))), queueIn(storage)]
  outbox.addEventListener("busy", ({ detail }) => queue.add(detail.command))
  outbox.addEventListener("refused", () => assert.fail("it was not refused"))
  const busy = new Promise((resolve) => outbox.addEventListener("busy", resolve))
  outbox.send({ ...command("early"), client_id: "mine" })
  await busy
  assert.deepEqual(queue.of("s").map(({ client_id }) => client_id), ["mine"])
})

test("what follows the first message of a chat goes where that one has begun it", () => {
  const storage = new Storage()
  const queue = queueIn(storage)
  queue.add({ type: "message.send", text: "second" }, "first")
  queue.add({ type: "message.send", text: "third" }, "first")
  queue.move("first", "s", "its message")
  const waiting = queue.of("s").map(({ text, session_id, after }) => [text, session_id, after])
  assert.deepEqual(waiting, [["second", "s", "its message"], ["third", "s", "its message"]])
  storage.setItem("ann/queue:s", "{ what nobody")
  assert.deepEqual([queue.of("s"), queue.of("first")], [[], []])
})
