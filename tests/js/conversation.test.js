import assert from "node:assert/strict"
import { afterEach, beforeEach, mock, test } from "node:test"

import { Conversation } from "#lib/conversation.js"
import { Socket } from "#lib/socket.js"
import { FakeLines } from "./fake-line.js"

let lines, socket, conversation
beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] })
  lines = []
  socket = new Socket("ws://test/", new FakeLines(lines))
  conversation = new Conversation(socket)
  socket.connect()
  lines[0].open()
})
afterEach(() => mock.timers.reset())

const SNAPSHOT = { type: "snapshot", session_id: "s", session: { id: "s", leaf_id: null }, messages: [], runs: [], position: { "session:s": 2 } }
const update = (seq) => ({ stream: "session:s", seq, session_id: "s", type: "session-updated", session: { id: "s", title: `${seq}` } })
const line = () => lines.at(-1)
const answer = (fields = {}) => line().receive({ type: "reply", id: line().sent.at(-1).id, ok: true, ...fields })
const settled = () => new Promise((resolve) => setImmediate(resolve))

async function opened() {
  conversation.open("s")
  line().receive(SNAPSHOT)
  answer()
  await settled()
}

test("the first subscription has no position, the next has", async () => {
  await opened()
  assert.equal("position" in line().sent[0], false)
  line().drop(1012)
  mock.timers.tick(300)
  line().open()
  assert.deepEqual(line().sent[0].position, { "session:s": 2 })
})

test("a hole is caught up with one subscription", async () => {
  await opened()
  line().receive(update(5))
  line().receive(update(6))
  assert.deepEqual(line().sent.filter(({ type }) => type === "subscribe").length, 2)
  answer()
  for (const seq of [3, 4, 5, 6]) line().receive(update(seq))
  assert.equal(conversation.session.info.title, "6")
})

test("what was applied is acknowledged about every second", async () => {
  await opened()
  line().receive(update(3))
  line().receive(update(4))
  mock.timers.tick(1_000)
  const acks = line().sent.filter(({ type }) => type === "ack")
  assert.deepEqual(acks.map(({ position }) => position), [{ "session:s": 4 }])
})

test("much is acknowledged sooner", async () => {
  await opened()
  line().receive({ ...update(3), padding: "x".repeat(70_000) })
  assert.equal(line().sent.at(-1).type, "ack")
})

test("frames of another session are passed over", async () => {
  await opened()
  line().receive({ ...update(3), session_id: "other" })
  assert.equal(conversation.session.info.title, undefined)
})

test("a session that is not there is said to be missing", async () => {
  const missing = []
  conversation.addEventListener("missing", ({ detail }) => missing.push(detail.code))
  conversation.open("s")
  line().receive({ type: "reply", id: line().sent.at(-1).id, ok: false, error: { code: "not_found", message: "" } })
  await settled()
  assert.deepEqual(missing, ["not_found"])
})

test("stop says stopping until the server answers", async () => {
  await opened()
  const run = { id: "r", message_id: "m", status: "running" }
  conversation.session.onRunUpdated({ run })
  conversation.stop(run, 12)
  assert.equal(conversation.session.activeRuns[0].stopping, true)
  assert.equal(line().sent.at(-1).seen, 12)
  answer({ run: { ...run, status: "cancelled" } })
  await settled()
  assert.equal(conversation.session.activeRuns[0], undefined)
})

test("a reply to a stop that comes after the end does not bring the run back", async () => {
  await opened()
  const run = { id: "r", message_id: "m", status: "running" }
  conversation.session.onRunUpdated({ run })
  conversation.stop(run, 12)
  conversation.session.onRunUpdated({ run: { ...run, status: "cancelled" } })
  answer({ run })
  await settled()
  assert.equal(conversation.session.activeRuns[0], undefined)
  assert.equal(conversation.session.runOf({ run_id: "r" }).status, "cancelled")
})

const message = (id, parent_id = null) => ({ id, parent_id, role: "user", parts: [], status: "complete" })

test("a snapshot in several frames is applied when it is whole", () => {
  conversation.open("s")
  line().receive({ ...SNAPSHOT, messages: [message("m1")], more: true })
  assert.equal(conversation.session.ready, false)
  line().receive({ ...SNAPSHOT, messages: [message("m2")] })
  assert.equal(conversation.session.ready, true)
  assert.deepEqual(["m1", "m2"].map((id) => conversation.session.message(id)?.id), ["m1", "m2"])
})

const NEWEST = { ...SNAPSHOT, session: { id: "s", leaf_id: "m4" }, messages: [message("m4", "m3"), message("m3", "m2")], newest_first: true, more: true }
const OLDER = { type: "snapshot", session_id: "s", messages: [message("m2", "m1"), message("m1")] }
const path = () => conversation.session.path.map(({ id }) => id)

test("the newest messages of a long session are shown at once, the older ones as they come", () => {
  conversation.open("s")
  assert.equal(line().sent.at(-1).newest_first, true)
  line().receive(NEWEST)
  assert.deepEqual([path(), conversation.session.complete], [["m3", "m4"], false])
  conversation.session.adopt(message("m5", "m4"))
  line().receive({ ...OLDER, messages: [message("m5", "m4"), ...OLDER.messages] })
  assert.deepEqual([path(), conversation.session.complete], [["m1", "m2", "m3", "m4", "m5"], true])
})

test("a session that stands at an old message is shown when that is there", () => {
  conversation.open("s")
  line().receive({ ...NEWEST, session: { id: "s", leaf_id: "m2" } })
  assert.equal(conversation.session.ready, false)
  line().receive({ ...OLDER, messages: [message("m2", "m1")], more: true })
  assert.deepEqual(path().slice(0, 1), ["m2"])
  line().receive({ ...OLDER, messages: [message("m1")] })
  assert.deepEqual([path()[0], conversation.session.complete], ["m1", true])
})

test("a line that breaks in the middle of a snapshot has it sent anew, and nothing disappears meanwhile", () => {
  conversation.open("s")
  line().receive(NEWEST)
  line().drop(1012)
  mock.timers.tick(300)
  line().open()
  assert.equal("position" in line().sent[0], false)
  line().receive({ ...NEWEST, messages: NEWEST.messages.slice(0, 1) })
  assert.deepEqual(path(), ["m3", "m4"])
  line().receive({ ...OLDER, messages: [message("m3", "m2"), ...OLDER.messages] })
  assert.deepEqual([path(), conversation.session.complete], [["m1", "m2", "m3", "m4"], true])
})
