import assert from "node:assert/strict"
import { afterEach, beforeEach, mock, test } from "node:test"

import { HttpLine } from "#lib/http-line.js"
import { LineChoice } from "#models/line-choice.js"

let asked
beforeEach(() => {
  asked = []
  globalThis.document = { cookie: "csrftoken=token" }
})
afterEach(() => {
  delete globalThis.document
  mock.timers.reset()
})

const json = (value, status = 200) => new Response(JSON.stringify(value), { status })
const pong = json.bind(null, { type: "pong" })
const moments = async (count = 20) => {
  while (count--) await new Promise((resolve) => setImmediate(resolve))
}

// A line to a server that answers with what `answer(command or address)` gives.
function line(answer) {
  const made = new HttpLine((address, options = {}) => {
    const { signal } = options
    asked.push(options.body ? JSON.parse(options.body) : address)
    const given = Promise.resolve(options.body ? answer(JSON.parse(options.body)) : answer(address, options))
    const aborted = new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
    return Promise.race([given, aborted])
  })
  made.frames = []
  made.onopen = () => (made.isOpen = true)
  made.onmessage = ({ data }) => made.frames.push(JSON.parse(data))
  made.onclose = ({ code }) => (made.code = code)
  return made
}

function stream(...chunks) {
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
    },
  })
  return new Response(body)
}

test("it opens when the server answers, and closes when nobody does", async () => {
  const open = line(() => pong())
  const lost = line(() => Promise.reject(new TypeError("no network")))
  const out = line(() => json({ error: { code: "not_signed_in" } }, 401))
  await moments()
  assert.deepEqual([open.isOpen, lost.code, out.code], [true, 1006, 4401])
})

test("a command is a request, and its reply a frame", async () => {
  const made = line(({ type, id }) => (type === "ping" ? pong() : json({ type: "reply", id, ok: true })))
  made.send(JSON.stringify({ type: "message.send", id: "c1", client_id: "mine" }))
  await moments()
  assert.deepEqual(made.frames, [{ type: "reply", id: "c1", ok: true }])
  assert.equal(asked.at(-1).client_id, "mine")
})

test("a refusal is a reply, a broken server ends the line", async () => {
  const made = line(({ type }) => (type === "ping" ? pong() : json({ error: { code: "run_active" } }, 409)))
  made.send(JSON.stringify({ type: "message.send", id: "c1" }))
  await moments()
  assert.deepEqual(made.frames, [{ type: "reply", id: "c1", ok: false, error: { code: "run_active" } }])
  const broken = line(({ type }) => (type === "ping" ? pong() : new Response("<html>", { status: 502 })))
  broken.send(JSON.stringify({ type: "message.send", id: "c1" }))
  await moments()
  assert.deepEqual([broken.frames, broken.code], [[], 1006])
})

test("frames are read however the stream is cut", async () => {
  const made = line((what) => (what.type ? pong() : stream(": open\n\nda", 'ta: {"seq":1}\n', '\ndata: {"seq":2}\n\n')))
  made.send(JSON.stringify({ type: "subscribe", id: "s", session_id: "a", position: { "session:a": 3 } }))
  await moments()
  assert.deepEqual(made.frames, [{ type: "reply", id: "s", ok: true }, { seq: 1 }, { seq: 2 }])
  assert.equal(asked.at(-1), `/api/sessions/a/feed/?position=${encodeURIComponent('{"session:a":3}')}`)
  made.close()
})

test("a session that is not there refuses the subscription alone", async () => {
  const made = line((what) => (what.type ? pong() : json({ error: { code: "not_found" } }, 404)))
  made.send(JSON.stringify({ type: "subscribe", id: "s", session_id: "a" }))
  await moments()
  assert.deepEqual([made.frames[0].error.code, made.code], ["not_found", undefined])
})

test("a stream that is held back ends the line, and the next one reads pages from its position", async () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  const first = line((what) => (what.type ? pong() : new Promise(() => {})))
  first.send(JSON.stringify({ type: "subscribe", id: "s", session_id: "a" }))
  await moments()
  mock.timers.tick(5_000)
  await moments()
  assert.deepEqual([first.code, first.paged], [1006, true])

  const pages = [
    { frames: [{ type: "snapshot", session_id: "a", position: { "session:a": 1 } }] },
    { frames: [{ stream: "run:r", seq: 1 }, { stream: "session:a", seq: 2 }] },
  ]
  const second = line((what) => (what.type ? pong() : pages.length ? json(pages.shift()) : new Promise(() => {})))
  second.send(JSON.stringify({ type: "subscribe", id: "s", session_id: "a" }))
  await moments(60)
  assert.deepEqual(second.frames.map(({ type, seq }) => type ?? seq), ["reply", "snapshot", 1, 2])
  const position = JSON.parse(new URL(asked.at(-1), "http://test").searchParams.get("position"))
  assert.deepEqual(position, { "session:a": 2, "run:r": 1 })
  second.close()
})

test("a WebSocket that never opens is given up after two tries, and tried again later", () => {
  const choice = new LineChoice()
  const tried = () => {
    const kind = choice.next()
    if (kind === "http") choice.opened()
    choice.closed()
    return kind
  }
  assert.deepEqual(Array.from({ length: 6 }, tried), ["socket", "socket", "http", "socket", "http", "socket"])
})

test("a WebSocket that once opened is not given up for one failure", () => {
  const choice = new LineChoice()
  choice.next()
  choice.opened()
  choice.closed()
  assert.equal(choice.next(), "socket")
  choice.closed()
  assert.equal(choice.next(), "socket")
})
