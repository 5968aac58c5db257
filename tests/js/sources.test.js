import assert from "node:assert/strict"
import { test } from "node:test"

import { gathered } from "#models/sources.js"

test("a page or a file is listed once, with every place and every quote", () => {
  const cited = [
    { id: "s1", url: "https://a.example", title: "A", quote: "one" },
    { id: "s2", file_id: "f", title: "b.pdf", place: "3", quote: "nine" },
    { id: "s3", url: "https://a.example", quote: "two" },
    { id: "s4", file_id: "f", title: "b.pdf", place: "3" },
    { id: "s5", file_id: "f", place: "7-8" },
  ]
  assert.deepEqual(gathered(cited), [
    { url: "https://a.example", file_id: "", title: "A", places: [], quotes: ["one", "two"] },
    { url: "", file_id: "f", title: "b.pdf", places: ["3", "7-8"], quotes: ["nine"] },
  ])
})
