import assert from "node:assert/strict"
import { test } from "node:test"

import { Pieces } from "#lib/pieces.js"

// Counts as the server does: bytes.
class Counting {
  asked = []
  async ask(command) {
    this.asked.push(command)
    const size = command.text ? Buffer.byteLength(command.text) : Buffer.from(command.data ?? "", "base64").length
    return { ok: !this.full, part: command.part, offset: command.offset + size }
  }
}

const placesOf = ({ asked }) => asked.filter(({ type }) => type === "message.append").map(({ part, offset }) => [part, offset])

test("each kind and each name begins a part, and every piece says its place", async () => {
  const socket = new Counting()
  const message = new Pieces(socket)
  await message.begin({ model: "demo/chat" })
  await message.write("Listen 听")
  await message.write(": ")
  await message.write(new Uint8Array(10), "a.wav")
  await message.write(new Uint8Array(5))
  await message.write("Well?")
  await message.end()
  assert.deepEqual(placesOf(socket), [[0, 0], [0, 10], [1, 0], [1, 10], [2, 0]]) // prettier-ignore
  assert.equal(new Set(socket.asked.map(({ client_id }) => client_id)).size, 1)
})

test("what is long goes in several pieces, and no character is cut", async () => {
  const socket = new Counting()
  const message = new Pieces(socket)
  const text = `a${"😀".repeat(100_000)}`
  await message.write(text)
  const said = socket.asked.map((command) => command.text)
  assert.equal(said.join(""), text)
  assert.ok(said.length > 1 && said.every((piece) => piece.isWellFormed()))
})

test("what is refused is said, and the rest is not sent", async () => {
  const socket = Object.assign(new Counting(), { full: true })
  const reply = await new Pieces(socket).write(new Uint8Array(500_000))
  assert.equal(reply.ok, false)
  assert.equal(socket.asked.length, 1)
})
