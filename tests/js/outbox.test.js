import assert from "node:assert/strict"
import { test } from "node:test"

import { Outbox } from "#models/outbox.js"

class Storage {
  items = new Map()
  getItem = (key) => this.items.get(key) ?? null
  setItem = (key, value) => this.items.set(key, value)
}

class Asked {
  commands = []
  ask(command) {
    this.commands.push(command)
    return new Promise((resolve) => (this.reply = resolve))
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test("what is sent is shown until its session shows it", async () => {
  const socket = new Asked()
  const outbox = new Outbox(socket, new Storage())
  outbox.send({ type: "message.send", text: "hi" })
  assert.equal(outbox.waitingIn(null).length, 1)
  socket.reply({ ok: true, session_id: "s", message: { id: "m" } })
  await settled()
  assert.equal(outbox.waitingIn(null).length, 0)
  assert.equal(outbox.waitingIn({ id: "s", message: () => undefined }).length, 1)
  assert.equal(outbox.waitingIn({ id: "s", message: () => ({}) }).length, 0)
})

test("a page that comes after sends it again under the same client_id", () => {
  const [storage, first, second] = [new Storage(), new Asked(), new Asked()]
  new Outbox(first, storage).send({ type: "message.send", text: "hi" })
  new Outbox(second, storage).resume()
  assert.deepEqual(second.commands, first.commands)
})

test("what was answered is not sent again", async () => {
  const [storage, socket, next] = [new Storage(), new Asked(), new Asked()]
  new Outbox(socket, storage).send({ type: "message.send", text: "hi" })
  socket.reply({ ok: true, session_id: "s", message: { id: "m" } })
  await settled()
  new Outbox(next, storage).resume()
  assert.deepEqual(next.commands, [])
})

test("what was refused is handed back", async () => {
  const socket = new Asked()
  const outbox = new Outbox(socket, new Storage())
  const refused = []
  outbox.addEventListener("refused", ({ detail }) => refused.push(detail.command.text))
  outbox.send({ type: "message.send", text: "hi" })
  socket.reply({ ok: false, error: { code: "invalid", message: "" } })
  await settled()
  assert.deepEqual([refused, outbox.waitingIn(null)], [["hi"], []])
})
