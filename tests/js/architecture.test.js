// The rooms of the front end: who may know whom.

import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { test } from "node:test"

const root = new URL("../../static/js/", import.meta.url)
const ALLOWED = {
  helpers: ["helpers"],
  models: ["helpers", "models"],
  lib: ["helpers", "models", "lib"],
  controllers: ["helpers", "models", "lib", "controllers"],
}

for (const [room, allowed] of Object.entries(ALLOWED)) {
  for (const name of readdirSync(new URL(`${room}/`, root))) {
    const source = readFileSync(new URL(`${room}/${name}`, root), "utf8")

    test(`${room}/${name} imports only what it may`, () => {
      const imported = [...source.matchAll(/from "#(\w+)\//g)].map(([, other]) => other)
      assert.deepEqual(imported.filter((other) => !allowed.includes(other)), [])
    })

    test(`${room}/${name} is short and writes no HTML`, () => {
      assert.ok(source.split("\n").length <= 175, `${source.split("\n").length} lines`)
      assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(/)
    })
  }
}
