// Where one writes. Enter sends, not while an input method composes; what was said to a chat that is gone comes back.

import { autosize } from "#controllers/autosize.js"
import { Controller, setText } from "#controllers/controller.js"
import { isGone } from "#helpers/next-step.js"
import { t } from "#helpers/t.js"
import { isFree } from "#models/queue.js"

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
    this.listen(this.app.conversation, "missing", this.#onMissing)
    this.listen(window, "storage", this.#onStorage)
    this.listen(this.app.attachments, "changed", this.#refresh)
    this.listen(this.app.outbox, "refused", this.#onRefused)
    this.listen(this.app.page, "starter", ({ detail }) => this.#say(detail))
    this.listen(this.app.page, "stop", this.stop)
    this.listen(this.app.page, "compose", ({ detail }) => this.#compose(detail))
    this.#onOpened()
  }

  send(event) {
    event?.preventDefault()
    const text = this.field.value
    if (!this.#canSend) return
    const { parts } = this.app.attachments
    this.#write("")
    this.app.attachments.clear()
    this.#say(text, parts)
  }

  // All that is being written, also side by side.
  stop() {
    const { session } = this.app.conversation
    for (const run of session?.activeRuns ?? []) {
      const text = session.message(run.message_id)?.parts.map((part) => part.text ?? "").join("") ?? ""
      this.app.conversation.stop(run, text.length)
    }
  }

  // --- internal

  get #runs() {
    return this.app.conversation.session?.activeRuns ?? []
  }

  get #place() {
    return this.app.conversation.session?.id ?? ""
  }

  get #canSend() {
    const { attachments } = this.app
    if (attachments.isBusy || attachments.hasProblem) return false
    return Boolean(this.field.value.trim() || attachments.parts.length)
  }

  // Now, or when what was said before has its answer.
  #say(text, files = []) {
    const { conversation: { session }, outbox, queue } = this.app
    const [command, pending] = [this.#command(text, files), outbox.pendingIn(session)]
    if (isFree(session) && !pending) outbox.send(command)
    else queue.add({ ...command, ...(pending && { after: pending }) }, session?.id ?? pending)
  }

  #command(text, files) {
    const { session } = this.app.conversation
    const [model, targets] = [this.app.choice.current?.id, this.app.sides.asked]
    const tools = this.app.tools.unsaid
    const memory = this.app.memory.unsaid
    const parent = session?.end?.id
    return {
      type: "message.send",
      text,
      ...(files.length && { parts: [...files, ...(text.trim() ? [{ type: "text", text }] : [])] }),
      ...(session && { session_id: session.id }),
      ...(parent && { parent_id: parent }),
      ...(targets ? { targets } : model && { model }),
      ...(tools && { tools }),
      ...(memory !== null && { memory }),
    }
  }

  // Text that comes from elsewhere on the page goes behind what is there.
  #compose({ text, parts = [] }) {
    this.#write([this.field.value.trimEnd(), text].filter(Boolean).join("\n\n"))
    if (parts.length && !this.app.attachments.items.length) this.app.attachments.restore(parts)
    this.field.focus()
  }

  #onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    this.send()
  }

  #onInput() {
    this.app.drafts.keep(this.#place, this.field.value)
    autosize(this.field)
    this.#refresh()
  }

  #onOpened() {
    this.#write(this.app.drafts.of(this.#place))
    if (matchMedia("(pointer: fine)").matches) this.field.focus()
  }

  // What was being written for a chat that is gone comes along into the next one.
  #onMissing() {
    if (this.field.value.trim()) this.app.drafts.keep("", this.field.value)
    this.app.drafts.keep(this.#place, "")
  }

  // Written or sent in another tab, while nobody writes here.
  #onStorage(event) {
    if (this.app.drafts.isAbout(this.#place, event) && !document.hasFocus()) this.#write(event.newValue ?? "")
  }

  // What was said to a chat that is gone comes along into the next one, before what was written since.
  #onRefused({ detail: { command, error } }) {
    if (command.type !== "message.send" || !isGone(error)) return
    this.app.outbox.discard(command.client_id)
    this.app.drafts.keep("", [command.text, this.app.drafts.of("")].filter(Boolean).join("\n\n"))
    if (!this.#place) this.#onOpened()
  }

  #write(text) {
    this.field.value = text
    this.#onInput()
  }

  // Who may only look on is told so, instead of being refused later.
  #allow() {
    const looksOn = this.app.conversation.session?.mayWrite(this.app.me) === false
    this.field.disabled = looksOn
    this.field.placeholder = looksOn ? this.#lookingOn() : this.#placeholder
  }

  #lookingOn() {
    const { session } = this.app.conversation
    return session.mayComment(this.app.me) ? t("You may read and comment here.") : t("You may read here, not write.")
  }

  #refresh() {
    this.#allow()
    const [send, stop, runs] = [this.part("composer-send"), this.part("composer-stop"), this.#runs]
    const label = runs.length ? t("Send when the answer has ended") : t("Send")
    Object.assign(send, { disabled: !this.#canSend, hidden: runs.length > 0 && !this.#canSend, title: label })
    send.setAttribute("aria-label", label)
    stop.hidden = !runs.length
    stop.disabled = runs.every(({ stopping }) => stopping)
  }
}
