// Files for a message: by button, by drop anywhere on the page, by paste. Each shows as a chip with its progress.

import { Controller, fromTemplate, setText } from "#controllers/controller.js"
import { kindOf } from "#helpers/sizes.js"
import { t } from "#helpers/t.js"

export class AttachmentsController extends Controller {
  #chips = new Map() // item id → element
  #depth = 0 // of elements that a drag has entered and not left

  connect() {
    const { attachments } = this.app
    this.input = this.part("attachments-input")
    this.listen(this.part("attachments-button"), "click", () => this.input.click())
    this.listen(this.input, "change", this.#onChosen)
    this.listen(this.part("composer-input"), "paste", this.#onPaste)
    this.listen(document, "dragenter dragleave dragover drop", this.#onDrag)
    this.listen(attachments, "changed", this.#refresh)
    this.listen(attachments, "news", ({ detail }) => setText(this.part("attachments-news"), detail))
    this.part("attachments-button").hidden = false
    this.#refresh()
  }

  // --- internal

  #onChosen() {
    this.app.attachments.add(this.input.files)
    this.input.value = "" // so that the same file can be chosen again
    this.part("composer-input").focus()
  }

  #onPaste(event) {
    const { files } = event.clipboardData
    if (!files.length) return
    event.preventDefault()
    this.app.attachments.add(files)
  }

  #onDrag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return
    event.preventDefault()
    if (event.type === "drop") this.app.attachments.add(event.dataTransfer.files)
    if (event.type === "dragenter") this.#depth += 1
    if (event.type === "dragleave") this.#depth -= 1
    if (event.type === "drop") this.#depth = 0
    this.part("attachments-drop").hidden = this.#depth <= 0
  }

  #refresh() {
    const { items } = this.app.attachments
    const list = this.part("attachments-list")
    const kept = new Set(items.map(({ id }) => id))
    for (const [id, chip] of this.#chips) if (!kept.has(id)) this.#drop(id, chip)
    for (const item of items) this.#show(item, list)
    list.hidden = !items.length
  }

  #show(item, list) {
    const chip = this.#chips.get(item.id) ?? this.#made(item, list)
    const arrived = Boolean(item.file)
    if (item.problem && !chip.classList.contains("failed")) requestAnimationFrame(() => chip.scrollIntoView({ block: "nearest" }))
    chip.classList.toggle("failed", Boolean(item.problem))
    chip.classList.toggle("waiting", !arrived && !item.problem)
    setText(chip.querySelector("[data-chip-name]"), item.name)
    setText(chip.querySelector("[data-chip-note]"), item.problem ?? (arrived ? kindOf(item.name) : t("Uploading…")))
    const progress = chip.querySelector("progress")
    progress.hidden = arrived || Boolean(item.problem)
    chip.querySelector("[data-chip-retry]").hidden = !item.again
    progress.value = item.progress
    if (arrived) this.#preview(chip, item.file)
  }

  #made(item, list) {
    const chip = fromTemplate("attachment-template")
    const [retry, remove] = ["retry", "remove"].map((name) => chip.querySelector(`[data-chip-${name}]`))
    retry.setAttribute("aria-label", t("Upload {name} again", { name: item.name }))
    remove.setAttribute("aria-label", t("Remove {name}", { name: item.name }))
    chip.querySelector("progress").setAttribute("aria-label", item.name)
    retry.addEventListener("click", () => this.#retry(item, remove))
    remove.addEventListener("click", () => this.app.attachments.remove(item.id))
    this.#chips.set(item.id, chip)
    list.append(chip)
    return chip
  }

  // The button goes; whoever pressed it by keyboard goes on from its neighbour.
  #retry({ id }, neighbour) {
    neighbour.focus()
    this.app.attachments.retry(id)
  }

  #preview(chip, { id, media_type }) {
    const picture = chip.querySelector("img")
    if (!media_type.startsWith("image/") || picture.src) return
    picture.src = `/api/files/${id}/content/`
    picture.hidden = false
    chip.querySelector(".icon-file").remove()
  }

  // Whoever removed it by keyboard goes on from the field.
  #drop(id, chip) {
    const had = chip.contains(document.activeElement)
    chip.remove()
    this.#chips.delete(id)
    if (had) this.part("composer-input").focus()
  }
}
