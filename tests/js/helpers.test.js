import assert from "node:assert/strict"
import { test } from "node:test"

import { backoff } from "#helpers/backoff.js"
import { byDay } from "#helpers/days.js"
import { decodeEntities } from "#helpers/entities.js"
import { newId } from "#helpers/ids.js"
import { disguised, hostOf, safeLink } from "#helpers/links.js"
import { cost, provenance, time, tokens } from "#helpers/provenance.js"
import { stateOf } from "#helpers/state.js"
import { t } from "#helpers/t.js"
import { closed } from "#helpers/unfinished.js"

test("only web and mail addresses are links", () => {
  assert.equal(safeLink("https://example.org/a b"), "https://example.org/a%20b")
  assert.equal(safeLink("mailto:a@example.org"), "mailto:a@example.org")
  assert.equal(safeLink("/admin/", "https://parley.example"), "https://parley.example/admin/")
  for (const bad of ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://x", "relative", ""]) {
    assert.equal(safeLink(bad), null, bad)
  }
})

test("the host of an address, without www", () => {
  assert.equal(hostOf("https://www.example.org/path"), "example.org")
  assert.equal(hostOf("nonsense"), "nonsense")
})

test("waits double from 0.3 s to 10 s, with jitter", () => {
  assert.deepEqual([0, 1, 2, 10].map((attempt) => backoff(attempt, () => 1)), [300, 600, 1200, 10_000])
  assert.equal(backoff(0, () => 0), 150)
})

test("sessions are grouped by day", () => {
  const now = new Date(2026, 4, 20, 12)
  const at = (...date) => ({ updated_at: new Date(...date).toISOString() })
  const groups = byDay([at(2026, 4, 20, 1), at(2026, 4, 19, 23), at(2026, 4, 15), at(2026, 4, 1), at(2026, 1, 3)], now)
  assert.deepEqual(groups.map(({ label }) => label), ["Today", "Yesterday", "Previous 7 days", "Previous 30 days", "February 2026"])
})

test("a link whose text is another address says where it leads", () => {
  const leads = (text, to = "https://evil.example/x") => disguised(text, to)
  assert.deepEqual(["https://bank.example", "\u202ewww.bank.example/a", "https://www.evil.example/other", "my bank", "evil.example"].map((text) => leads(text)), ["evil.example", "evil.example", "", "", ""])
  assert.equal(leads("me@home.example", "mailto:me@home.example"), "")
})

test("costs keep two digits that mean something", () => {
  assert.deepEqual(["0.00012345", "0.0123", "1.5", "0.0000000001", null, "0"].map(cost), ["$0.00012", "$0.01", "$1.50", "< $0.000001", "", ""])
})

test("estimated tokens say so", () => {
  assert.equal(tokens({ output_tokens: 1234 }), "1,234 tokens")
  assert.equal(tokens({ output_tokens: 5, estimated: true }), "about 5 tokens")
  assert.equal(provenance({ model: "m", usage: null, cost: null }), "m")
})

test("an answer says what it read and wrote, how long it took and how often it was tried", () => {
  const step = (outcome) => ({ provider: "p", model: "m", outcome })
  const message = { provider: "p", model: "m", usage: { input_tokens: 1200, output_tokens: 30 }, timings: { total_ms: 3210 }, attempt: 2, steps: [step("failed"), step("answered")] }
  assert.equal(provenance(message), "m · 30 tokens for 1,200 · 3.2 s · attempt 2 · asked 2 times")
})

test("character references are read, unknown ones left", () => {
  assert.equal(decodeEntities("a &amp; b &lt;i&gt; &#20013; &#x1F600; &nope; &#0;"), "a & b <i> 中 😀 &nope; \ufffd")
})

test("unfinished marks are closed for display", () => {
  assert.equal(closed("some **bold"), "some **bold**")
  assert.equal(closed("some `code"), "some `code`")
  assert.equal(closed("see [the page](https://exa"), "see the page")
  assert.equal(closed("```js\nlet **a"), "```js\nlet **a")
  assert.equal(closed("done **bold** and `code`"), "done **bold** and `code`")
})

test("words are filled in and unknown ones stay", () => {
  assert.equal(t("{count} tokens", { count: 3 }), "3 tokens")
  assert.equal(t("{other}"), "{other}")
})

test("ids need no secure page", () => {
  const source = { getRandomValues: (bytes) => bytes.fill(7) }
  assert.equal(newId(source), "07".repeat(16))
})

test("what is said of a message follows from the server", () => {
  const running = { status: "running", parts: [] }
  assert.deepEqual(stateOf(running, { status: "running" }, 0).wait, { label: "" })
  assert.equal(stateOf(running, { status: "running" }, 30_000).wait.label, "Waiting for the model…")
  assert.equal(stateOf(running, { stopping: true }, 30_000).wait.label, "Stopping…")
  assert.equal(stateOf({ status: "running", parts: [{ text: "x" }] }, {}, 0).wait, null)
  assert.equal(stateOf({ status: "cancelled", parts: [] }).problem.label, "Stopped")
  assert.equal(stateOf({ status: "failed", parts: [], error: { message: "No." } }).problem.label, "No.")
  assert.equal(stateOf({ status: "complete", parts: [] }).problem, null)
})

test("only what is not of today is told with its date", () => {
  const moment = new Date(2026, 10, 22, 9, 5)
  assert.match(time(moment, moment), /^9:05\sAM$/)
  assert.match(time(moment, new Date(2026, 10, 23)), /^Nov 22, 2026, 9:05\sAM$/)
})
