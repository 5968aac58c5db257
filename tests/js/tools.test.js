// Tool calls in the browser: arguments that are still being written, and the state that is told of them.

import assert from "node:assert/strict"
import { test } from "node:test"

import { laidOut } from "#helpers/json-text.js"
import { toolStateOf } from "#helpers/tool-state.js"

test("whole JSON is laid out as JSON.stringify would", () => {
  for (const value of [{}, [], { a: 1 }, { a: [1, { b: "x, {y}: \"z\"" }], c: {}, d: [] }, { "你": "好\n" }]) {
    assert.equal(laidOut(JSON.stringify(value)), JSON.stringify(value, null, 2))
  }
})

test("every beginning of a JSON text can be laid out, and grows", () => {
  const text = '{"city": "Hang\\"zhou", "days": [1, 2], "more": {"x": null}}'
  const strip = (laid) => laid.replace(/\s/g, "")
  for (let end = 0; end <= text.length; end += 1) {
    assert.ok(strip(text).startsWith(strip(laidOut(text.slice(0, end)))), text.slice(0, end))
  }
})

test("what is told of a call follows from its parts", () => {
  const call = { id: "1", name: "echo", executor: "server" }
  const name = (part, result, going = true) => toolStateOf({ ...call, ...part }, result, going).name
  assert.equal(name({ open: true }), "writing")
  assert.equal(name({}), "running")
  assert.equal(name({}, { output: "1 / 3", preliminary: true }), "running")
  assert.equal(name({ approval: "requested" }), "asking")
  assert.equal(name({ approval: "requested" }, undefined, false), "idle")
  assert.equal(name({ executor: "client" }), "idle")
  assert.equal(name({}, { output: 1, duration_ms: 1200 }), "done")
  assert.equal(name({}, { code: "tool_failed", error: "no" }), "failed")
  assert.equal(name({}, { code: "tool_unknown_outcome", error: "?" }), "unknown")
  assert.equal(name({}, { code: "tool_rejected", error: "no" }), "idle")
})
