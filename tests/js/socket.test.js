import assert from "node:assert/strict"
import { afterEach, beforeEach, mock, test } from "node:test"

import { Socket } from "#lib/socket.js"
import { FakeLines } from "./fake-line.js"

let lines
beforeEach(() => {
  lines = []
  mock.timers.enable({ apis: ["setTimeout", "Date"] })
})
afterEach(() => mock.timers.reset())

function connected() {
  const socket = new Socket("ws://test/", new FakeLines(lines))
  socket.connect()
  lines.at(-1).open()
  return socket
}

test("a command is answered by its reply", async () => {
  const socket = connected()
  const answer = socket.ask({ type: "run.cancel", run_id: "r" })
  lines[0].receive({ type: "reply", id: lines[0].sent[0].id, ok: true, run: { id: "r" } })
  assert.deepEqual((await answer).run, { id: "r" })
})

test("an unanswered command is sent again once per reconnect, with the same client_id", () => {
  const socket = connected()
  socket.ask({ type: "message.send", client_id: "mine", text: "hi" })
  lines[0].drop(1006)
  mock.timers.tick(300)
  lines[1].open()
  assert.deepEqual(lines[1].sent.map(({ client_id }) => client_id), ["mine"])
})

test("a fleeting command fails with the line", async () => {
  const socket = connected()
  const answer = socket.ask({ type: "subscribe" }, { again: false })
  lines[0].drop(1012)
  assert.equal((await answer).error.code, "disconnected")
  mock.timers.tick(300)
  lines[1].open()
  assert.deepEqual(lines[1].sent, [])
})

test("what is asked while away is sent after the connect", () => {
  const socket = new Socket("ws://test/", new FakeLines(lines))
  socket.ask({ type: "message.send", client_id: "early" })
  socket.connect()
  lines[0].open()
  assert.deepEqual(lines[0].sent.map(({ client_id }) => client_id), ["early"])
})

test("whoever listens to open speaks first, and once", () => {
  const socket = connected()
  socket.ask({ type: "message.send", client_id: "mine" })
  socket.addEventListener("open", () => socket.ask({ type: "subscribe" }, { again: false }))
  lines[0].drop(1006)
  mock.timers.tick(300)
  lines[1].open()
  assert.deepEqual(lines[1].sent.map(({ type }) => type), ["subscribe", "message.send"])
})

test("tries come further and further apart, never more than 10 s", () => {
  connected()
  lines[0].drop(1006)
  for (let time = 0; time < 60_000; time += 100) {
    mock.timers.tick(100)
    if (lines.at(-1).readyState === 0) lines.at(-1).drop(1006)
  }
  assert.ok(lines.length >= 9 && lines.length <= 18, `${lines.length} tries`)
})

for (const code of [1009, 4400, 4401, 4403, 4413, 4429]) {
  test(`close code ${code} is final`, () => {
    const socket = connected()
    lines[0].drop(code)
    mock.timers.tick(60_000)
    assert.equal(lines.length, 1)
    assert.deepEqual([socket.state, socket.closeCode], ["closed", code])
  })
}

test("a quiet line is asked, and left when it does not answer", () => {
  connected()
  mock.timers.tick(15_000)
  assert.deepEqual(lines[0].sent.map(({ type }) => type), ["ping"])
  mock.timers.tick(14_999)
  assert.equal(lines.length, 1)
  mock.timers.tick(1)
  assert.equal(lines[0].closed, true)
  mock.timers.tick(300)
  assert.equal(lines.length, 2)
})

test("any frame keeps the line alive", () => {
  connected()
  for (let beat = 0; beat < 10; beat++) {
    mock.timers.tick(16_000)
    lines[0].receive({ type: "pong" })
  }
  assert.equal(lines.length, 1)
})

test("waking tries at once, and doubts a line that looks open", () => {
  const socket = connected()
  lines[0].drop(1006)
  socket.wake()
  assert.equal(lines.length, 2)
  lines[1].open()
  socket.wake()
  mock.timers.tick(2_000)
  mock.timers.tick(300)
  assert.equal(lines.length, 3)
})

test("a handshake that hangs is given up", () => {
  const socket = new Socket("ws://test/", new FakeLines(lines))
  socket.connect()
  mock.timers.tick(10_000)
  mock.timers.tick(300)
  assert.equal(lines.length, 2)
})

test("a late event of an old line changes nothing", () => {
  const socket = connected()
  const frames = []
  socket.addEventListener("frame", ({ detail }) => frames.push(detail.frame))
  lines[0].drop(1006)
  mock.timers.tick(300)
  lines[1].open()
  lines[0].receive({ type: "presence" })
  lines[0].drop(1006)
  assert.deepEqual([frames, socket.state], [[], "connected"])
})
