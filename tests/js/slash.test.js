// What a slash in the message field asks for.

import assert from "node:assert/strict"
import { test } from "node:test"

import { endingOf } from "#helpers/endings.js"
import { quoted } from "#helpers/quote.js"
import { offered } from "#helpers/slash.js"

const commands = [{ name: "model", options: (words) => [`model ${words}`] }, { name: "memory" }, { name: "stop" }]
const names = (text) => offered(commands, text).map((offer) => offer.name ?? offer)

test("a slash offers the commands that begin like it, and then what the command offers", () => {
  assert.deepEqual(names("/"), ["model", "memory", "stop"])
  assert.deepEqual(names("/M"), ["model", "memory"])
  assert.deepEqual(names("/model qwen 3"), ["model qwen 3"])
  assert.deepEqual(names("/system two\nlines"), [])
})

test("other texts with a slash are texts", () => {
  for (const text of ["", "hello", " /model", "/etc/hosts", "/etc/hosts is gone", "1/2", "/x y"]) assert.deepEqual(names(text), [])
})

test("a quotation keeps its lines", () => {
  assert.equal(quoted(" one\n\ntwo\n"), "> one\n>\n> two\n\n")
})

test("a file of code ends as its language does, whatever a model calls it", () => {
  assert.deepEqual(["python", "css", "", "../../x", undefined].map((language) => endingOf(language)), ["py", "css", "txt", "txt", "txt"])
})
