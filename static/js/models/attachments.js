// The files of the message that is being written: chosen, on their way, arrived or refused. Dispatches `changed`
// after every change, and `news` with a sentence for those who do not see it.

import { newId } from "#helpers/ids.js"
import { sizeOf } from "#helpers/sizes.js"
import { said, t } from "#helpers/t.js"

export const MOST = 20 // files of one message, as the server has it
const AT_ONCE = 3 // uploads

export class Attachments extends EventTarget {
  items = [] // { id, name, progress, file, problem, again }
  #uploads
  #limit
  #waiting = [] // [item, file]
  #running = 0

  // `limit` is in bytes.
  constructor(uploads, limit) {
    super()
    this.#uploads = uploads
    this.#limit = limit
  }

  get isBusy() {
    return this.items.some(({ file, problem }) => !file && !problem)
  }

  get hasProblem() {
    return this.items.some(({ problem }) => problem)
  }

  // As the parts of a message.
  get parts() {
    return this.items.filter(({ file }) => file).map(({ file }) => partOf(file))
  }

  add(files) {
    for (const file of files) {
      const item = { id: newId(), name: file.name, progress: 0, leaving: new AbortController() }
      this.items.push(item)
      if (this.items.length > MOST) this.#refuse(item, t("A message takes {count} files at most.", { count: MOST }))
      else if (file.size > this.#limit) this.#refuse(item, t("Larger than {size}", { size: sizeOf(this.#limit) }))
      else this.#waiting.push([item, file])
    }
    this.#changed()
    this.#sendNext()
  }

  remove(id) {
    const item = this.items.find((other) => other.id === id)
    if (!item) return
    this.items = this.items.filter((other) => other !== item)
    item.leaving?.abort()
    if (item.file && item.leaving) this.#uploads.forget(item.file.id).catch(() => {}) // else the server does, in a day
    this.#changed(t("{name} was removed", { name: item.name }))
  }

  // Once more, what did not get through.
  retry(id) {
    const item = this.items.find((other) => other.id === id)
    if (!item?.again) return
    this.#waiting.push([item, item.again])
    Object.assign(item, { progress: 0, problem: null, again: null })
    this.#changed()
    this.#sendNext()
  }

  // They belong to a message now.
  clear() {
    this.items = []
    this.#changed()
  }

  // What came back with a message that was refused.
  restore(parts) {
    const files = parts.filter(({ file_id }) => file_id)
    this.items = files.map((part) => ({ id: newId(), name: part.name, progress: 1, file: { ...part, id: part.file_id } }))
    this.#changed()
  }

  // --- internal

  #sendNext() {
    while (this.#running < AT_ONCE && this.#waiting.length) {
      this.#running += 1
      const [item, file] = this.#waiting.shift()
      this.#send(item, file).then(() => {
        this.#running -= 1
        this.#sendNext()
      })
    }
  }

  async #send(item, file) {
    if (item.leaving.signal.aborted) return
    const onProgress = (progress) => {
      item.progress = progress
      this.#changed()
    }
    try {
      item.file = await this.#uploads.send(file, { onProgress, signal: item.leaving.signal })
      item.name = item.file.name
      this.#changed(t("{name} is attached", { name: item.name }))
    } catch (error) {
      if (item.leaving.signal.aborted) return
      if (passes(error)) item.again = file
      this.#refuse(item, said(error) || t("The upload did not work."))
    }
  }

  #refuse(item, problem) {
    item.problem = problem
    this.#changed(`${item.name}: ${problem}`)
  }

  #changed(news) {
    this.dispatchEvent(new CustomEvent("changed"))
    if (news) this.dispatchEvent(new CustomEvent("news", { detail: news }))
  }
}

// Whether what stood in the way of an upload may be gone by now.
function passes({ status }) {
  return status === 0 || status === 429 || status >= 500
}

function partOf({ id, media_type, name }) {
  const family = media_type.split("/")[0]
  const type = ["image", "audio", "video"].includes(family) ? family : "file"
  return { type, file_id: id, media_type, name }
}
