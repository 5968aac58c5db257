// The messages that wait for the end of an answer, above the message field. Each goes by itself when its turn comes.

import { Controller, fromTemplate, setText } from "#controllers/controller.js"
import { keepingFocus } from "#controllers/focus.js"
import { t } from "#helpers/t.js"
import { heldBy, isFree } from "#models/queue.js"

export class QueueController extends Controller {
  #shown = ""

  connect() {
    const { conversation, outbox, queue, socket } = this.app
    this.list = this.part("queue-list")
    this.listen(conversation, "opened changed message", this.#refresh)
    this.listen(outbox, "changed", this.#refresh)
    this.listen(outbox, "accepted refused", this.#onAnswered)
    this.listen(queue, "changed", this.#refresh)
    this.listen(socket, "state", this.#refresh)
    this.listen(window, "storage", () => queue.reread())
    this.listen(this.list, "click", ({ target }) => this.#onClick(target.closest("button")))
    this.#refresh()
  }

  // --- internal

  get #session() {
    return this.app.conversation.session
  }

  // Of a chat that has not begun: what is to begin it.
  get #place() {
    return this.#session?.id ?? this.app.outbox.pendingIn(null)
  }

  get #items() {
    return this.#place ? this.app.queue.of(this.#place) : []
  }

  get #held() {
    return this.app.outbox.hasRefusedIn(this.#session) ? "refusal" : heldBy(this.#session)
  }

  #onClick(button) {
    if (!button) return
    if ("queueNow" in button.dataset) return this.#sendNext()
    const item = this.app.queue.take(this.#place, button.closest("li").dataset.id)
    if (item && "queueEdit" in button.dataset) this.#giveBack(item)
    if (!this.#items.length) this.part("composer-input").focus()
  }

  #onAnswered({ detail: { command, reply } }) {
    if (command.session_id) this.app.queue.settle(command.session_id, command.client_id, reply?.message?.id ?? null)
  }

  #giveBack({ text, parts }) {
    this.app.page.dispatchEvent(new CustomEvent("compose", { detail: { text, parts } }))
  }

  #sendNext() {
    const parent = this.#session.end?.id
    this.app.outbox.send({ ...this.app.queue.next(this.#place), ...(parent && { parent_id: parent }) })
  }

  #refresh() {
    this.#next()
    const [items, held] = [this.#items, this.#held]
    const picture = JSON.stringify([held, items])
    if (picture === this.#shown) return
    this.#shown = picture
    this.element.hidden = !items.length
    setText(this.part("queue-title"), titles[held]())
    const rows = items.map((item, at) => row(item, held === "failure" && !at))
    keepingFocus(this.list, "li", () => this.list.replaceChildren(...rows))
  }

  #next() {
    const [first] = this.#items
    const isOnItsWay = this.app.outbox.waitingIn(this.#session).length > 0
    const mayGo = isFree(this.#session) && !this.#held && !isOnItsWay && this.app.socket.state === "connected"
    if (first && mayGo && (!first.after || this.#session?.message(first.after))) this.#sendNext()
  }
}

const titles = {
  "": () => t("Sent when the answer has ended:"),
  choice: () => t("Sent when you keep one of the answers:"),
  failure: () => t("Held back: the last answer did not end well."),
  refusal: () => t("Held back: the message before was not sent."),
}

function row({ client_id, text, parts }, mayGo) {
  const made = fromTemplate("queued-template")
  made.dataset.id = client_id
  setText(made.querySelector("[data-queue-text]"), text || parts?.map(({ name }) => name).join(", ") || "")
  made.querySelector("[data-queue-now]").hidden = !mayGo
  return made
}
