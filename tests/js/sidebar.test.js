import assert from "node:assert/strict"
import { mock, test } from "node:test"

import { groupsOf } from "#helpers/groups.js"
import { Activity } from "#models/activity.js"
import { Deletions } from "#models/deletions.js"
import { keysOf, shortcutOf } from "#models/shortcuts.js"

const settled = () => new Promise((resolve) => setImmediate(resolve))

class List {
  hidden = []
  removed = []
  fails = false
  hide(id) {
    this.hidden.push(id)
  }
  unhide(id) {
    this.hidden = this.hidden.filter((other) => other !== id)
  }
  async remove(id) {
    if (this.fails) throw new Error("away")
    this.removed.push(id)
  }
}

test("a deleted chat is gone from the list at once and from the server when nobody wants it back", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] })
  const list = new List()
  const deletions = new Deletions(list)
  deletions.remove({ id: "a" })
  assert.deepEqual([list.hidden, list.removed], [["a"], []])
  context.mock.timers.tick(8_000)
  assert.deepEqual(list.removed, ["a"])
  assert.equal(deletions.session, null)
})

test("what is had back is not deleted, and the next deletion settles the one before", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] })
  const list = new List()
  const deletions = new Deletions(list)
  deletions.remove({ id: "a" })
  deletions.undo()
  deletions.remove({ id: "b" })
  deletions.remove({ id: "c" })
  assert.deepEqual([list.hidden, list.removed], [["b", "c"], ["b"]])
  deletions.undo()
  context.mock.timers.tick(60_000)
  assert.deepEqual([list.hidden, list.removed], [["b"], ["b"]])
})

test("what the server would not delete is in the list again", async () => {
  const list = Object.assign(new List(), { fails: true })
  const deletions = new Deletions(list)
  deletions.remove({ id: "a" })
  deletions.settle()
  await settled()
  assert.deepEqual(list.hidden, [])
})

test("an answer that ended elsewhere is news until the reader looks, and one that is looked at is none", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] })
  let results = [{ id: "a" }, { id: "b" }]
  const tabs = Object.assign(new EventTarget(), { postMessage: mock.fn() })
  const activity = new Activity({ sessions: async () => ({ results }) }, tabs)
  const later = async (time) => {
    context.mock.timers.tick(time)
    await settled()
  }
  activity.look("b")
  activity.wake()
  await later(0)
  assert.ok(activity.isRunning("a") && activity.isRunning("b"))
  results = []
  await later(3_000)
  assert.deepEqual(["a", "b"].map((id) => activity.isFresh(id)), [true, false])
  activity.look("a")
  assert.ok(!activity.isFresh("a"))
  results = [{ id: "c" }]
  tabs.dispatchEvent(new Event("message"))
  await later(300)
  assert.ok(activity.isRunning("c"))
  activity.poke()
  assert.equal(tabs.postMessage.mock.callCount(), 1)
  activity.sleep()
  results = []
  await later(60_000)
  assert.ok(activity.isRunning("c"))
})

test("a key without Ctrl is a shortcut only where nobody writes", () => {
  const key = (key, more = {}) => ({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more })
  assert.equal(shortcutOf(key("?", { shiftKey: true }), false), "help")
  assert.equal(shortcutOf(key("?", { shiftKey: true }), true), undefined)
  assert.equal(shortcutOf(key("K", { metaKey: true }), true), "search")
  assert.equal(shortcutOf(key("k", { ctrlKey: true, shiftKey: true }), true), undefined)
  assert.equal(shortcutOf(key("O", { ctrlKey: true, shiftKey: true }), true), "new")
  assert.equal(shortcutOf(key("k", { ctrlKey: true, altKey: true }), false), undefined)
  assert.deepEqual(keysOf({ keys: ["Mod", "K"] }, true), ["⌘", "K"])
})

test("pins come first, then the reader's own folders by name, then days", () => {
  const now = new Date("2026-11-21T12:00:00")
  const one = (id, more) => ({ id, pinned: false, folder: "", owner: { id: "me" }, updated_at: now.toISOString(), ...more })
  const sessions = [
    one("plain"),
    one("work", { folder: "Work" }),
    one("pinned", { folder: "Work", pinned: true }),
    one("art", { folder: "Art" }),
    one("theirs", { folder: "Secret", owner: { id: "you" } }),
  ]
  const groups = groupsOf(sessions, "me", now).map(({ label, sessions }) => [label, ...sessions.map(({ id }) => id)])
  assert.deepEqual(groups, [["Pinned", "pinned"], ["Art", "art"], ["Work", "work"], ["Today", "plain", "theirs"]])
})
