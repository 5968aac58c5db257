// Several answers side by side: what is asked for, and where the session stands until one is kept.

import assert from "node:assert/strict"
import { test } from "node:test"

import { Session } from "#models/session.js"
import { Sides } from "#models/sides.js"
import { Storage } from "./storage.js"

const message = (id, parent_id, fields = {}) => ({ id, parent_id, role: "assistant", status: "complete", parts: [], place: null, ...fields })

function asked() {
  const session = new Session("s")
  session.applySnapshot({
    session: { id: "s", leaf_id: "m1", title: "" },
    messages: [message("m1", null, { role: "user" }), message("m2", "m1", { place: 0 }), message("m3", "m1", { place: 1 })],
    runs: [],
    position: { "session:s": 1 },
  })
  return session
}

const ids = (messages) => messages.map(({ id }) => id)

test("answers that nobody chose from stand beside each other below their question", () => {
  const session = asked()
  assert.deepEqual([ids(session.path), ids(session.beside), session.end.id], [["m1"], ["m2", "m3"], "m2"])
})

test("the one that is kept is the answer, and all can be shown again", () => {
  const session = asked()
  session.show("m3")
  assert.deepEqual([ids(session.path), session.beside, session.end.id], [["m1", "m3"], [], "m3"])
  session.show("m1")
  assert.deepEqual(ids(session.beside), ["m2", "m3"])
})

test("a retry takes the place of what it replaces, also before the server says so", () => {
  const session = asked()
  session.adopt(message("m4", "m1", { place: 0, status: "queued" }))
  assert.deepEqual(ids(session.beside), ["m4", "m3"])
})

test("two are a comparison, one is not, and more than four do not fit", () => {
  const storage = new Storage()
  const sides = new Sides(storage)
  sides.add("a/b", "c/d")
  sides.change(1, { temperature: 0.2 })
  assert.deepEqual(sides.asked, [{ model: "c/d" }, { model: "a/b", options: { temperature: 0.2 } }])
  assert.deepEqual(new Sides(storage).asked, sides.asked, "kept for the tab")
  for (let more = 0; more < 5; more++) sides.add("a/b")
  assert.equal(sides.targets.length, 4)
  while (sides.asked) sides.remove(0)
  assert.deepEqual(sides.targets, [])
})
