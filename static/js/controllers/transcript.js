// The shown path of the session. Changes are gathered and drawn once per frame; of a long session only the stretch
// around what the reader looks at is on the page.

import { useCode } from "#controllers/code-block.js"
import { Controller } from "#controllers/controller.js"
import { Edges } from "#controllers/edges.js"
import { EditForm } from "#controllers/edit.js"
import { keepingFocus } from "#controllers/focus.js"
import { MessageController } from "#controllers/message.js"
import { keepingPlace } from "#controllers/place.js"
import { goneOr, isGone } from "#helpers/next-step.js"
import { Stretch } from "#models/stretch.js"

const SHOWN = new Set(["user", "assistant"])

export class TranscriptController extends Controller {
  #views = new Map() // message id → MessageController
  #dirty = new Set()
  #structure = true
  #frame = null
  #stretch = new Stretch()
  #clock = null
  #edges = new Edges(this.element.parentElement, (mark) => this.#onEdge(mark))

  connect() {
    const { conversation, outbox, choice } = this.app
    this.list = this.part("transcript-list")
    this.group = this.part("transcript-beside")
    this.older = this.part("transcript-older")
    this.newer = this.part("transcript-newer")
    this.listen(conversation, "opened", this.#onOpened)
    this.listen(conversation, "changed", this.#onStructure)
    this.listen(conversation, "message", ({ detail }) => this.#draw(detail))
    this.listen(outbox, "changed", this.#onStructure)
    this.listen(outbox, "refused", ({ detail }) => this.#onRefused(detail))
    this.listen(choice, "changed", this.#onStructure)
    this.listen(this.app.page, "reveal", ({ detail }) => this.#reveal(detail))
    this.listen(this.app.page, "latest", this.#onLatest)
    this.listen(this.element, "click", ({ target }) => useCode(target))
    this.#clock = setInterval(() => this.#redrawGoing(), 1000)
  }

  disconnect() {
    super.disconnect()
    clearInterval(this.#clock)
    this.#edges.disconnect()
    this.#keepOnly(new Set())
  }

  // --- internal

  get session() {
    return this.app.conversation.session
  }

  #onOpened() {
    this.#stretch.clear()
    this.#keepOnly(new Set())
    this.#onStructure()
  }

  #onStructure() {
    this.#structure = true
    this.#draw()
  }

  #draw(id) {
    if (id) this.#dirty.add(id)
    this.#frame ??= requestAnimationFrame(() => this.#onFrame())
  }

  #onFrame() {
    this.#frame = null
    if (this.#structure) keepingFocus(this.list, ".message", () => this.#arrange())
    for (const id of this.#dirty) if (this.session?.message(id)) this.#views.get(id)?.update(this.session.message(id))
    this.#dirty.clear()
  }

  #arrange() {
    this.#structure = false
    const [first] = this.#stretch.shown
    this.#stretch.update((this.session?.path ?? []).filter(({ role }) => SHOWN.has(role)))
    if (first && first.id !== this.#stretch.shown[0]?.id) keepingPlace(this.list, () => this.#lay())
    else this.#lay()
  }

  #lay() {
    const { shown, hasOlder, hasNewer } = this.#stretch
    const beside = hasNewer ? [] : (this.session?.beside ?? [])
    const waiting = hasNewer ? [] : this.app.outbox.waitingIn(this.session)
    const isLoading = Boolean(this.session) && !this.session.ready
    this.#edges.watch(this.older, hasOlder)
    this.#edges.watch(this.newer, hasNewer)
    this.#keepOnly(new Set([...shown, ...beside, ...waiting].map(({ id }) => id)))
    shown.forEach((message, index) => this.#place(message, this.list, index))
    this.#arrangeBeside(beside, shown.length)
    waiting.forEach((message, index) => this.#place(message, this.list, shown.length + 1 + index))
    this.element.classList.toggle("loading", isLoading)
    this.element.classList.toggle("blank", !shown.length && !waiting.length && !isLoading)
  }

  // Between what was said and what is on its way.
  #arrangeBeside(beside, index) {
    if (this.list.children[index] !== this.group) this.list.insertBefore(this.group, this.list.children[index] ?? null)
    beside.forEach((message, at) => this.#place(message, this.group, at))
    this.group.hidden = !beside.length
    this.element.classList.toggle("wide", beside.length > 0)
  }

  #place(message, list, index) {
    let view = this.#views.get(message.id)
    if (!view) {
      view = new MessageController(this.app, this.session)
      this.#views.set(message.id, view)
      view.connect()
    }
    if (list.children[index] !== view.element) list.insertBefore(view.element, list.children[index] ?? null)
    view.update(message)
  }

  #keepOnly(ids) {
    for (const [id, view] of this.#views) {
      if (ids.has(id)) continue
      view.disconnect()
      this.#views.delete(id)
    }
  }

  #redrawGoing() {
    for (const run of this.session?.activeRuns ?? []) this.#draw(run.message_id)
  }

  #onEdge(mark) {
    if (mark === this.older) this.#stretch.older()
    else this.#stretch.newer()
    keepingPlace(this.list, () => this.#lay())
  }

  #onLatest() {
    if (!this.#stretch.hasNewer) return
    this.#stretch.toEnd()
    this.#lay()
  }

  // A message that was looked for, once it is there: its branch is shown, and what is around it.
  #reveal({ session, message }) {
    if (this.session?.id !== session) return
    const isThere = this.session.message(message) || this.session.complete
    if (!isThere) return setTimeout(() => this.#reveal({ session, message }), 100)
    this.session.show(message)
    this.#arrange()
    this.#stretch.around(message)
    this.#lay()
    const element = this.#views.get(message)?.element
    element?.scrollIntoView({ block: "center" })
    element?.focus({ preventScroll: true })
  }

  // Of a message that was sent, the message itself says it.
  #onRefused({ command, error }) {
    const isSend = command.type === "message.send"
    if (!isSend || isGone(error)) this.fail(isSend ? goneOr(error) : error)
    if (command.type !== "message.edit") return
    EditForm.keep(command.message_id, command.text)
    this.#views.get(command.message_id)?.edit()
  }
}
