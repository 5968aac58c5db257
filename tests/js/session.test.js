import assert from "node:assert/strict"
import { test } from "node:test"

import { textOf } from "#models/fold.js"
import { Session } from "#models/session.js"

const message = (id, parent_id, fields = {}) => ({ id, parent_id, role: "assistant", status: "complete", parts: [], run_id: null, ...fields })

function started() {
  const session = new Session("s")
  session.applySnapshot({
    session: { id: "s", leaf_id: "m2", title: "" },
    messages: [message("m1", null, { role: "user" }), message("m2", "m1", { status: "running", run_id: "r" })],
    runs: [{ id: "r", message_id: "m2", status: "running" }],
    position: { "session:s": 3, "run:r": 1 },
  })
  return session
}

const event = (seq, fields) => ({ stream: "run:r", seq, run_id: "r", message_id: "m2", ...fields })
const START = event(2, { type: "text-start", part_id: "t" })
const delta = (seq, text) => event(seq, { type: "text-delta", part_id: "t", delta: text })
const shownText = (session) => textOf(session.message("m2").parts)

test("events in order are folded into the message", () => {
  const session = started()
  assert.deepEqual([START, delta(3, "a"), delta(4, "b")].map((frame) => session.apply(frame)), ["next", "next", "next"])
  assert.equal(shownText(session), "ab")
})

test("an event that was seen is not applied again", () => {
  const session = started()
  session.apply(START)
  session.apply(delta(3, "a"))
  assert.equal(session.apply(delta(3, "a")), "seen")
  assert.equal(shownText(session), "a")
})

test("an event after a hole is not applied", () => {
  const session = started()
  session.apply(START)
  assert.equal(session.apply(delta(4, "b")), "hole")
  assert.equal(shownText(session), "")
  assert.deepEqual(session.position.toJSON(), { "session:s": 3, "run:r": 2 })
})

test("any cuts and repeats show the same text", () => {
  const frames = [START, ..."streamed text".split("").map((letter, index) => delta(3 + index, letter))]
  for (let cut = 0; cut < frames.length; cut++) {
    const session = started()
    for (const frame of [...frames.slice(0, cut), ...frames]) session.apply(frame)
    assert.equal(shownText(session), "streamed text")
  }
})

test("the final message replaces what was folded, and nothing is folded after it", () => {
  const session = started()
  session.apply(START)
  session.apply({ stream: "session:s", seq: 4, type: "message-updated", message: message("m2", "m1", { parts: [{ type: "text", text: "whole" }] }) })
  session.apply(delta(3, "late"))
  assert.equal(shownText(session), "whole")
})

test("an active run ends with its update", () => {
  const session = started()
  assert.equal(session.activeRuns[0].id, "r")
  session.apply({ stream: "session:s", seq: 4, type: "run-updated", run: { id: "r", message_id: "m2", status: "completed" } })
  assert.equal(session.activeRuns[0], undefined)
})

test("the path follows the leaf, and the reader may look at another branch", () => {
  const session = started()
  session.apply({ stream: "session:s", seq: 4, type: "message-added", message: message("m3", "m1") })
  session.apply({ stream: "session:s", seq: 5, type: "session-updated", session: { id: "s", leaf_id: "m3" } })
  assert.deepEqual(session.path.map(({ id }) => id), ["m1", "m3"])
  session.show("m2")
  assert.deepEqual(session.path.map(({ id }) => id), ["m1", "m2"])
  session.apply({ stream: "session:s", seq: 6, type: "session-updated", session: { id: "s", leaf_id: "m3", title: "t" } })
  assert.deepEqual(session.path.map(({ id }) => id), ["m1", "m2"])
})

test("siblings are counted in the order they were made", () => {
  const session = started()
  session.apply({ stream: "session:s", seq: 4, type: "message-added", message: message("m3", "m1") })
  assert.deepEqual(session.siblings(session.message("m3")).map(({ id }) => id), ["m2", "m3"])
})

test("a quiet run is noticed", () => {
  const session = started()
  const [run] = session.activeRuns
  assert.ok(session.runs.quietFor(run.id, Date.now() + 31_000) >= 30_000)
  session.apply(START)
  assert.ok(session.runs.quietFor(run.id) < 1000)
})

test("nothing is applied before the snapshot", () => {
  assert.equal(new Session("s").apply(START), "seen")
})

test("comments come and go with their messages, and say who may", () => {
  const session = started()
  const tell = (seq, fields) => session.apply({ stream: "session:s", seq, ...fields })
  const changed = []
  session.addEventListener("message", ({ detail }) => changed.push(detail))
  session.info = { ...session.info, owner: { id: "ann" } }
  assert.equal(session.mayComment("ann"), false) // there is nobody to read it
  tell(4, { type: "member-added", member: { id: "ben", role: "commenter" } })
  tell(5, { type: "comment-added", comment: { id: "c", message_id: "m1", text: "Hm." } })
  assert.deepEqual(session.company.commentsOn("m1").map(({ text }) => text), ["Hm."])
  assert.deepEqual(["ann", "ben", "eve"].map((person) => session.mayComment(person)), [true, true, false])
  tell(6, { type: "comment-removed", comment_id: "c" })
  assert.deepEqual([session.company.commentsOn("m1"), changed], [[], ["m1", "m1"]])
})
