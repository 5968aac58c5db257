// Where one writes. Enter sends, not while an input method composes; what was refused comes back into the field.

import { autosize } from "#controllers/autosize.js"
import { Controller, setText } from "#controllers/controller.js"
import { t } from "#helpers/t.js"

const DRAFT = "draft:"

export class ComposerController extends Controller {
  #placeholder

  connect() {
    this.field = this.part("composer-input")
    this.#placeholder = this.field.placeholder
    this.listen(this.element, "submit", this.send)
    this.listen(this.field, "keydown", this.#onKey)
    this.listen(this.field, "input", this.#onInput)
    this.listen(this.part("composer-stop"), "click", this.stop)
    this.listen(this.app.conversation, "opened", this.#onOpened)
    this.listen(this.app.conversation, "changed message", this.#refresh)
    this.listen(this.app.attachments, "changed", this.#refresh)
    this.listen(this.app.outbox, "refused", this.#onRefused)
    this.listen(this.app.page, "starter", ({ detail }) => this.#sendText(detail))
    this.#onOpened()
  }

  send(event) {
    event?.preventDefault()
    const text = this.field.value
    if (!this.#canSend || this.#run) return
    const { parts } = this.app.attachments
    this.#write("")
    this.app.attachments.clear()
    this.#sendText(text, parts)
  }

  stop() {
    const run = this.#run
    if (!run) return
    const text = this.app.conversation.session.message(run.message_id)?.parts.map((part) => part.text ?? "").join("") ?? ""
    this.app.conversation.stop(run, text.length)
  }

  // --- internal

  get #run() {
    return this.app.conversation.session?.activeRun
  }

  get #draftKey() {
    return DRAFT + (this.app.conversation.session?.id ?? "")
  }

  get #canSend() {
    const { attachments } = this.app
    if (attachments.isBusy || attachments.hasProblem) return false
    return Boolean(this.field.value.trim() || attachments.parts.length)
  }

  #sendText(text, files = []) {
    const { session } = this.app.conversation
    const model = this.app.choice.current?.id
    const tools = this.app.tools.unsaid
    const memory = this.app.memory.unsaid
    const parent = session?.path.at(-1)?.id
    this.app.outbox.send({
      type: "message.send",
      text,
      ...(files.length && { parts: [...files, ...(text.trim() ? [{ type: "text", text }] : [])] }),
      ...(session && { session_id: session.id }),
      ...(parent && { parent_id: parent }),
      ...(model && { model }),
      ...(tools && { tools }),
      ...(memory !== null && { memory }),
    })
  }

  #onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    this.send()
  }

  #onInput() {
    sessionStorage.setItem(this.#draftKey, this.field.value)
    autosize(this.field)
    this.#refresh()
  }

  #onOpened() {
    this.#write(sessionStorage.getItem(this.#draftKey) ?? "")
    if (matchMedia("(pointer: fine)").matches) this.field.focus()
  }

  #onRefused({ detail: { command } }) {
    if (command.type !== "message.send" || this.field.value || this.app.attachments.items.length) return
    this.#write(command.text)
    this.app.attachments.restore(command.parts ?? [])
  }

  #write(text) {
    this.field.value = text
    this.#onInput()
  }

  // Who may only look on is told so, instead of being refused later.
  #allow() {
    const looksOn = this.app.conversation.session?.mayWrite(this.app.me) === false
    this.field.disabled = looksOn
    this.field.placeholder = looksOn ? t("You may read here, not write.") : this.#placeholder
  }

  #refresh() {
    this.#allow()
    const [send, stop, run] = [this.part("composer-send"), this.part("composer-stop"), this.#run]
    send.disabled = !this.#canSend
    send.hidden = Boolean(run)
    stop.hidden = !run
    stop.disabled = Boolean(run?.stopping)
  }
}
