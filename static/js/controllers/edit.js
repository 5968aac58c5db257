// Changes a message of one's own in place. Sending makes a sibling; the old one stays a click away.

import { autosize } from "#controllers/autosize.js"
import { Controller, fromTemplate } from "#controllers/controller.js"
import { textOf } from "#models/fold.js"

const unsent = new Map() // message id → the wording so far: another tab's edit may take the message from view

export class EditForm extends Controller {
  #message
  #host

  static isBegun(id) {
    return unsent.has(id)
  }

  // What was refused is not lost: the form has it when it is opened again.
  static keep(id, text) {
    unsent.set(id, text)
  }

  constructor(app, message, host) {
    super(fromTemplate("edit-template"), app)
    this.#message = message
    this.#host = host
    this.field = this.element.querySelector("textarea")
  }

  connect() {
    this.listen(this.element, "submit", this.send)
    this.listen(this.part("edit-cancel"), "click", this.close)
    this.listen(this.field, "keydown", this.#onKey)
    this.listen(this.field, "input", this.#onInput)
    this.field.value = unsent.get(this.#message.id) ?? textOf(this.#message.parts)
    this.#host.classList.add("editing")
    this.#host.append(this.element)
    autosize(this.field)
    this.field.focus()
  }

  disconnect() {
    super.disconnect()
    this.#host.classList.remove("editing")
    this.element.remove()
  }

  close() {
    unsent.delete(this.#message.id)
    const had = this.element.contains(document.activeElement)
    this.disconnect()
    if (had) this.#host.querySelector("[data-message-edit]").focus({ preventScroll: true })
  }

  send(event) {
    event?.preventDefault()
    const text = this.field.value
    const files = this.#message.parts.filter(({ file_id, url }) => file_id || url)
    if (!text.trim() && !files.length) return
    const [model, targets] = [this.app.choice.current?.id, this.app.sides.asked]
    const parts = files.length && { parts: [...files, ...(text.trim() ? [{ type: "text", text }] : [])] }
    this.app.outbox.send({ type: "message.edit", message_id: this.#message.id, text, ...parts, ...(targets ? { targets } : model && { model }) })
    this.close()
  }

  #onInput() {
    unsent.set(this.#message.id, this.field.value)
    autosize(this.field)
  }

  #onKey(event) {
    if (event.key === "Escape") this.close()
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.send(event)
  }
}
