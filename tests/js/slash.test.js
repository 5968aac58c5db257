// What a slash in the message field asks for.

import assert from "node:assert/strict"
import { test } from "node:test"

import { endingOf } from "#helpers/endings.js"
import { quoted } from "#helpers/quote.js"
import { placeAfter } from "#helpers/places.js"
import { offered } from "#helpers/slash.js"
import { Prompts } from "#models/prompts.js"

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

test("a prompt of one's own is a command, with what is typed behind it below its text", async () => {
  const prompts = new Prompts({ prompts: async () => ({ results: [{ command: "总结-2", title: "", text: "In short:\n{{what}}" }] }) })
  await prompts.load()
  const [{ name, about, text }] = prompts.commands
  assert.deepEqual([name, about, text(), text("more")], ["总结-2", "In short:", "In short:\n{{what}}", "In short:\n{{what}}\n\nmore"])
  assert.equal(offered(prompts.commands, "/总结-")[0].name, name)
})

test("places are filled in one after the other, and are not looked for in code", () => {
  const text = "From {{one}} to {{the other}} {}"
  assert.deepEqual([placeAfter(text, 0), placeAfter(text, 12), placeAfter(text, 29)], [[5, 12], [16, 29], null])
  assert.equal(placeAfter("{{ } {{}} {{\n}}", 0), null)
})

test("a quotation keeps its lines", () => {
  assert.equal(quoted(" one\n\ntwo\n"), "> one\n>\n> two\n\n")
})

test("a file of code ends as its language does, whatever a model calls it", () => {
  assert.deepEqual(["python", "css", "", "../../x", undefined].map((language) => endingOf(language)), ["py", "css", "txt", "txt", "txt"])
})
