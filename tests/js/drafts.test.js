import assert from "node:assert/strict"
import { test } from "node:test"

import { Drafts } from "#models/drafts.js"
import { Storage } from "./storage.js"

test("a session's draft is the browser's, that of a chat which has not begun its tab's", () => {
  const [tab, browser] = [new Storage(), new Storage()]
  const [drafts, other] = [new Drafts(tab, browser), new Drafts(new Storage(), browser)]
  drafts.keep("s", "half")
  drafts.keep("", "new")
  assert.deepEqual([other.of("s"), other.of(""), drafts.of("")], ["half", "", "new"])
  other.keep("s", "")
  assert.deepEqual([drafts.of("s"), browser.items.size], ["", 0])
  assert.deepEqual([drafts.isAbout("s", { key: "draft:s" }), drafts.isAbout("", { key: "draft:" })], [true, false])
})
