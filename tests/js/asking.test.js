import assert from "node:assert/strict"
import { test } from "node:test"

import { newsInWords, reasonOf, tried } from "#helpers/asking.js"
import { provenance } from "#helpers/provenance.js"
import { stateOf } from "#helpers/state.js"
import { Runs } from "#models/runs.js"

const nameOf = ({ provider, model }) => `${provider}'s ${model}`
const event = (type, more) => ({ run_id: "r", type, ...more })

test("the way to an answer is told in words", () => {
  assert.equal(newsInWords(event("progress", { label: "queue", total: 2 }), nameOf), "Waiting for a free place, 2 ahead…")
  assert.equal(newsInWords(event("progress", { label: "queue", total: 0 }), nameOf), "Waiting for a free place, next in line…")
  assert.equal(newsInWords(event("retry", { delay_ms: 2900, reason: "provider_rate_limited" }), nameOf), "too many requests: trying again in 3 s…")
  assert.equal(newsInWords(event("fallback", { from: "a/m/x", to: "b/m", reason: "provider_timeout" }), nameOf), "a's m/x: no answer in time. Asking b's m…")
  assert.equal(newsInWords(undefined, nameOf), "")
  assert.equal(reasonOf("what_is_this"), "failed")
})

test("what a run says holds until the answer comes", () => {
  const runs = new Runs([{ id: "r", status: "running" }])
  runs.note(event("progress", { label: "queue", total: 1 }))
  runs.note(event("retry", { delay_ms: 100, reason: "provider_failed" }))
  assert.equal(runs.newsOf("r").type, "retry")
  runs.note(event("text-delta", { delta: "Hello" }))
  assert.equal(runs.newsOf("r"), undefined)
  runs.note(event("progress", { label: "pages", total: 9 }))
  assert.equal(runs.newsOf("r"), undefined)
})

test("who comes later is told as well what a run waits for", () => {
  const runs = new Runs([{ id: "r", status: "running", news: { type: "progress", label: "queue", total: 0 } }, { id: "s", status: "running" }])
  assert.equal(newsInWords(runs.newsOf("r"), nameOf), "Waiting for a free place, next in line…")
  assert.equal(runs.newsOf("s"), undefined)
  runs.note(event("text-start", { part_id: "1" }))
  assert.equal(runs.newsOf("r"), undefined)
})

test("a message that waits says for what, and stopping goes before", () => {
  const message = { status: "running", parts: [] }
  assert.equal(stateOf(message, { status: "running" }, 40_000, "Waiting").wait.label, "Waiting")
  assert.equal(stateOf(message, { status: "running", stopping: true }, 0, "Waiting").wait.label, "Stopping…")
})

test("an answer tells who could not give it, each once and not itself", () => {
  const step = (provider, outcome, code) => ({ provider, model: "m", outcome, code })
  const limited = step("a", "failed", "provider_rate_limited")
  const steps = [limited, limited, step("c", "lost"), step("b", "failed", "provider_failed"), step("b", "answered")]
  const message = { provider: "b", model: "m", steps }
  assert.deepEqual(tried(message, nameOf), ["a's m: too many requests", "c's m: slower"])
  assert.equal(provenance(message, nameOf), "b's m · asked 2 times · a's m: too many requests · c's m: slower")
  assert.deepEqual(tried({ provider: "b", model: "m" }, nameOf), [])
})
