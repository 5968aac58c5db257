import assert from "node:assert/strict"
import { afterEach, mock, test } from "node:test"

import { Lines } from "#lib/lines.js"

afterEach(() => {
  delete globalThis.WebSocket
  delete globalThis.document
  mock.timers.reset()
  mock.restoreAll()
})

test("beside a line over HTTP a WebSocket is tried at once and each minute, until one gets through", () => {
  globalThis.document = { cookie: "" }
  mock.timers.enable({ apis: ["setTimeout"] })
  mock.method(globalThis, "fetch", () => new Promise(() => {}))
  const sockets = []
  globalThis.WebSocket = class {
    constructor() {
      sockets.push(this)
    }
    close() {}
  }
  const lines = new Lines()
  for (let n = 0; n < 2; n++) {
    lines.make("ws://test/")
    lines.closed()
  }
  lines.make("ws://test/")
  const told = []
  lines.opened((isThrough) => told.push(isThrough))
  assert.deepEqual([sockets.length, lines.kind], [3, "socket"]) // the server may only have been away
  sockets[2].onclose()
  assert.equal(lines.kind, "http")
  mock.timers.tick(60_000)
  mock.timers.tick(10_000) // nothing comes back
  mock.timers.tick(60_000)
  sockets[4].onopen()
  assert.deepEqual(told, [false, false, true])
  lines.closed()
  lines.make("ws://test/")
  assert.deepEqual([sockets.length, lines.kind], [6, "socket"])
})
