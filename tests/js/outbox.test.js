// What is said goes once, whatever becomes of the line, the tab and the browser.

import assert from "node:assert/strict"
import { afterEach, beforeEach, mock, test } from "node:test"

import { Outbox } from "#models/outbox.js"
import { OwnStorage } from "#models/own-storage.js"
import { Unsent } from "#models/unsent.js"
import { Storage } from "./storage.js"

const A_WHILE = 20_000 // ms
const hi = { type: "message.send", session_id: "s", text: "hi" }
const here = { id: "s", message: () => undefined }
const settled = () => new Promise((resolve) => setImmediate(resolve))

class Line extends EventTarget {
  state = "reconnecting"
  asked = []

  ask(command) {
    return new Promise((resolve) => this.asked.push({ command, reply: resolve }))
  }

  open() {
    this.state = "connected"
    this.dispatchEvent(new CustomEvent("open"))
    return this
  }

  async answer(reply) {
    this.asked.at(-1).reply(reply)
    await settled()
  }

  async breakDown() {
    this.state = "reconnecting"
    await this.answer({ ok: false, error: { code: "disconnected" } })
  }
}

function tab(storage, line = new Line(), who = "ann") {
  const outbox = new Outbox(line, new Unsent(new OwnStorage(storage, who)))
  outbox.resume()
  return { outbox, line, shown: (session = here) => outbox.waitingIn(session).map(({ status, parts }) => [status, parts[0].text]) }
}

const accepted = { ok: true, session_id: "s", message: { id: "m" } }
const refused = { ok: false, error: { code: "model_not_found", message: "No." } }

let storage
beforeEach(() => {
  storage = new Storage()
  mock.timers.enable({ apis: ["setTimeout"] })
})
afterEach(() => mock.timers.reset())

test("what is sent is shown until its session shows it", async () => {
  const { outbox, line, shown } = tab(storage, new Line().open())
  outbox.send({ type: "message.send", text: "hi" })
  assert.deepEqual(shown(null), [["sending", "hi"]])
  await line.answer(accepted)
  assert.deepEqual([shown(null), shown(), storage.items.size], [[], [["sending", "hi"]], 0])
  assert.deepEqual([shown({ id: "s", message: () => ({}) }), outbox.pendingIn(here)], [[], "m"])
})

test("what is said without a line goes when there is one, and again under the same name after one that broke", async () => {
  const { outbox, line, shown } = tab(storage)
  outbox.send(hi)
  assert.deepEqual([line.asked, shown()], [[], [["waiting", "hi"]]])
  line.open()
  await line.breakDown()
  line.open()
  await line.answer(accepted)
  const [one, again] = line.asked.map(({ command }) => command)
  assert.deepEqual([one, line.asked.length], [again, 2])
  assert.equal(storage.items.size, 0)
})

test("a browser that is opened again goes on with what was not answered, in its order, and with nothing else", async () => {
  const { outbox } = tab(storage)
  outbox.send(hi)
  outbox.send({ type: "message.edit", message_id: "m", text: "there" })
  storage.setItem("ann/outbox:broken", "{ what nobody can read")
  storage.setItem("ann/outbox:other", JSON.stringify({ command: { type: "run.cancel", client_id: "other" }, at: 1 }))
  const next = tab(storage)
  assert.deepEqual(next.shown(), [["waiting", "hi"]])
  next.line.open()
  assert.deepEqual(next.line.asked.map(({ command }) => command.text), ["hi", "there"])
})

test("nobody else who signs in here is shown or sends it", () => {
  tab(storage).outbox.send(hi)
  const ben = tab(storage, new Line().open(), "ben")
  assert.deepEqual([ben.shown(), ben.line.asked], [[], []])
  new OwnStorage(storage, "ben").clear()
  assert.equal(storage.items.size, 1)
  new OwnStorage(storage, "ann").clear()
  assert.equal(storage.items.size, 0)
})

test("another tab shows what waits for the line, and sends it where the one that wrote it is gone", async () => {
  const [writer, other] = [tab(storage), tab(storage)]
  writer.outbox.send(hi)
  const event = { key: [...storage.items.keys()][0] }
  other.outbox.reread(event)
  assert.deepEqual(other.shown(), [["waiting", "hi"]])
  other.line.open()
  assert.deepEqual([other.shown(), other.line.asked], [[], []])
  mock.timers.tick(A_WHILE)
  assert.equal(other.line.asked.length, 1)
  assert.deepEqual(other.shown(), [["sending", "hi"]])
})

test("what another tab had answered is neither shown nor sent here", async () => {
  const [writer, other] = [tab(storage, new Line().open()), tab(storage)]
  writer.outbox.send(hi)
  const event = { key: [...storage.items.keys()][0] }
  other.outbox.reread(event)
  await writer.line.answer(accepted)
  other.outbox.reread(event)
  other.line.open()
  mock.timers.tick(A_WHILE)
  assert.deepEqual([other.shown(), other.line.asked], [[], []])
})

test("what is refused stays with its reason over a restart, until somebody tries again or gives up", async () => {
  const { outbox, line } = tab(storage, new Line().open())
  outbox.send({ ...hi, model: "old" })
  await line.answer(refused)
  const next = tab(storage, new Line().open())
  const [{ id, status, error }] = next.outbox.waitingIn(here)
  assert.deepEqual([status, error.message, next.outbox.pendingIn(here), next.line.asked], ["refused", "No.", "", []])
  next.outbox.retry(id, { parent: "end", model: "new" })
  const [{ command }] = next.line.asked
  assert.deepEqual([command.client_id, command.parent_id, command.model], [id, "end", "new"])
  await next.line.answer(refused)
  next.outbox.discard(id)
  assert.deepEqual([next.shown(), storage.items.size], [[], 0])
})

test("what the server would hang up on is refused here, and what there is no room for goes all the same", async () => {
  const { outbox, line, shown } = tab(storage, new Line().open())
  outbox.send({ ...hi, text: "很".repeat(400_000) })
  await settled()
  assert.deepEqual([shown()[0][0], line.asked], ["refused", []])
  outbox.send({ ...hi, text: "x".repeat(700_000) })
  assert.deepEqual([storage.items.size, line.asked.length], [1, 1])
})

test("a browser that keeps nothing stops nothing", () => {
  storage.setItem = () => {
    throw new Error("QuotaExceededError")
  }
  const { outbox, line } = tab(storage, new Line().open())
  outbox.send(hi)
  assert.equal(line.asked.length, 1)
})
