import assert from "node:assert/strict"
import { test } from "node:test"

import { Drafts } from "#models/drafts.js"
import { OwnStorage } from "#models/own-storage.js"
import { Storage } from "./storage.js"

test("a session's draft is the browser's, that of a chat which has not begun its tab's", () => {
  const [tab, browser] = [new Storage(), new Storage()]
  const own = (storage, who = "ann") => new OwnStorage(storage, who)
  const [drafts, other] = [new Drafts(own(tab), own(browser)), new Drafts(own(new Storage()), own(browser))]
  drafts.keep("s", "half")
  drafts.keep("", "new")
  assert.deepEqual([other.of("s"), other.of(""), drafts.of("")], ["half", "", "new"])
  assert.equal(new Drafts(own(tab, "ben"), own(browser, "ben")).of("s"), "")
  other.keep("s", "")
  assert.deepEqual([drafts.of("s"), browser.items.size], ["", 0])
  assert.deepEqual([drafts.isAbout("s", { key: "ann/draft:s" }), drafts.isAbout("", { key: "ann/draft:" })], [true, false])
})
