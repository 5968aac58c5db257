import assert from "node:assert/strict"
import { test } from "node:test"

import { ApiError } from "#helpers/api-error.js"
import { kindOf, sizeOf } from "#helpers/sizes.js"
import { Attachments, MOST } from "#models/attachments.js"

class Asked {
  sent = []
  forgotten = []
  send(file, { onProgress, signal }) {
    return new Promise((resolve, reject) => this.sent.push({ file, onProgress, signal, resolve, reject }))
  }
  async forget(id) {
    this.forgotten.push(id)
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))
const file = (name, size = 10) => ({ name, size })
const arrived = (id, name, media_type = "image/png") => ({ id, name, media_type })

test("what has arrived becomes parts of the message", async () => {
  const uploads = new Asked()
  const attachments = new Attachments(uploads, 100)
  attachments.add([file("a.png"), file("b.pdf")])
  assert.equal(attachments.isBusy, true)
  uploads.sent[0].onProgress(0.5)
  assert.equal(attachments.items[0].progress, 0.5)
  uploads.sent[0].resolve(arrived("1", "a.png"))
  uploads.sent[1].resolve(arrived("2", "b.pdf", "application/pdf"))
  await settled()
  assert.equal(attachments.isBusy, false)
  assert.deepEqual(attachments.parts, [
    { type: "image", file_id: "1", media_type: "image/png", name: "a.png" },
    { type: "file", file_id: "2", media_type: "application/pdf", name: "b.pdf" },
  ])
})

test("a few go at once, the others after them", async () => {
  const uploads = new Asked()
  new Attachments(uploads, 100).add([1, 2, 3, 4, 5].map((n) => file(`${n}`)))
  assert.equal(uploads.sent.length, 3)
  uploads.sent[0].resolve(arrived("1", "1"))
  await settled()
  assert.equal(uploads.sent.length, 4)
})

test("what broke off on its way can be sent once more, what was refused cannot", async () => {
  const uploads = new Asked()
  const attachments = new Attachments(uploads, 100)
  attachments.add([file("broken.txt"), file("a.exe")])
  uploads.sent[0].reject(new ApiError(0))
  uploads.sent[1].reject(new ApiError(415, { message: "Not this." }))
  await settled()
  const [broken, refused] = attachments.items
  assert.match(broken.problem, /Try again/)
  for (const { id } of [broken, refused]) attachments.retry(id)
  assert.deepEqual(uploads.sent.slice(2).map(({ file }) => file.name), ["broken.txt"])
  uploads.sent[2].resolve(arrived("1", "broken.txt", "text/plain"))
  await settled()
  assert.deepEqual([attachments.parts.length, broken.problem, refused.problem], [1, null, "Not this."])
})

test("what is refused says why and keeps the message from going", async () => {
  const uploads = new Asked()
  const attachments = new Attachments(uploads, 100)
  const news = []
  attachments.addEventListener("news", ({ detail }) => news.push(detail))
  attachments.add([file("huge.mp4", 101), file("a.exe")])
  uploads.sent[0].reject(Object.assign(new Error("Not this."), { code: "unsupported_file_type" }))
  await settled()
  assert.deepEqual(attachments.items.map(({ problem }) => problem), ["Larger than 100 B", "Not this."])
  assert.deepEqual(news, ["huge.mp4: Larger than 100 B", "a.exe: Not this."])
  assert.deepEqual([attachments.hasProblem, attachments.parts], [true, []])
})

test("what is removed stops on its way, or is forgotten by the server", async () => {
  const uploads = new Asked()
  const attachments = new Attachments(uploads, 100)
  attachments.add([file("a"), file("b")])
  uploads.sent[0].resolve(arrived("1", "a"))
  await settled()
  for (const { id } of [...attachments.items]) attachments.remove(id)
  assert.deepEqual([uploads.forgotten, uploads.sent[1].signal.aborted, attachments.items], [["1"], true, []])
})

test("what came back with a refused message is there again, and stays on the server when removed", () => {
  const uploads = new Asked()
  const attachments = new Attachments(uploads, 100)
  const part = { type: "image", file_id: "1", media_type: "image/png", name: "a.png" }
  attachments.restore([part, { type: "text", text: "look" }])
  assert.deepEqual(attachments.parts, [part])
  attachments.remove(attachments.items[0].id)
  assert.deepEqual(uploads.forgotten, [])
})

test("there is a most", () => {
  const attachments = new Attachments(new Asked(), 100)
  attachments.add(Array.from({ length: MOST + 1 }, () => file("a")))
  assert.equal(attachments.items.filter(({ problem }) => problem).length, 1)
})

test("sizes and kinds in words", () => {
  assert.deepEqual([10, 1024, 1536, 52_428_800, 3e9].map(sizeOf), ["10 B", "1 KB", "1.5 KB", "50 MB", "2.8 GB"])
  assert.deepEqual(["a.tar.gz", "report.PDF", "none", "a."].map(kindOf), ["GZ", "PDF", "", ""])
})
