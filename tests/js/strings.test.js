// Every word that the modules say is in chat/strings.py, and every word there is translated.

import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { test } from "node:test"

const root = new URL("../../", import.meta.url)
const read = (path) => readFileSync(new URL(path, root), "utf8")

const modules = readdirSync(new URL("static/js/", root), { recursive: true }).filter((name) => name.endsWith(".js"))
const sources = ["chat/strings.py", "chat/strings_next.py", "chat/strings_shipped.py", "chat/strings_writing.py"].map(read).join("\n")
const listed = new Set([...sources.matchAll(/_\(("(?:[^"\\]|\\.)*")\)/g)].map(([, text]) => JSON.parse(text)))

function said(source) {
  return [...source.matchAll(/\bt\(\s*("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text))
}

test("the page carries every word that its modules say", () => {
  const missing = modules.flatMap((name) => said(read(`static/js/${name}`)).filter((text) => !listed.has(text)))
  assert.deepEqual(missing, [])
})

test("every word of the catalogue has its Chinese", () => {
  const catalogue = read("locale/zh_Hans/LC_MESSAGES/django.po").replaceAll('"\n"', "")
  const pairs = [...catalogue.matchAll(/^msgid "(.+)"\n(?:msgid_plural ".+"\n)?msgstr(?:\[0\])? "(.*)"$/gm)]
  assert.ok(pairs.length > 100)
  assert.deepEqual(pairs.filter(([, , chinese]) => !chinese).map(([, english]) => english), [])
  const translated = new Set(pairs.map(([, english]) => english))
  assert.deepEqual([...listed].filter((text) => !translated.has(text)), [])
})

test("the catalogue names no files and nothing is left in doubt", () => {
  const catalogue = read("locale/zh_Hans/LC_MESSAGES/django.po")
  assert.doesNotMatch(catalogue, /^#: |fuzzy/m)
})
