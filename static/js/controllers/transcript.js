// The shown path of the session. Changes are gathered and drawn once per frame; of a long session only the end
// is drawn until the reader scrolls up to the rest.

import { useCode } from "#controllers/code-block.js"
import { Controller, setText } from "#controllers/controller.js"
import { EditForm } from "#controllers/edit.js"
import { MessageController } from "#controllers/message.js"
import { goneOr, refusalInWords } from "#helpers/next-step.js"

const PAGE = 60 // messages
const SHOWN = new Set(["user", "assistant"])

export class TranscriptController extends Controller {
  #views = new Map() // message id → MessageController
  #dirty = new Set()
  #structure = true
  #frame = null
  #limit = PAGE
  #clock = null
  #older = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#showOlder(), { rootMargin: "600px" })

  connect() {
    const { conversation, outbox, choice } = this.app
    this.list = this.part("transcript-list")
    this.group = this.part("transcript-beside")
    this.listen(conversation, "opened", this.#onOpened)
    this.listen(conversation, "changed", this.#onStructure)
    this.listen(conversation, "message", ({ detail }) => this.#draw(detail))
    this.listen(conversation, "missing", ({ detail }) => this.#notice(goneOr(detail)))
    this.listen(outbox, "changed", this.#onStructure)
    this.listen(outbox, "refused", ({ detail }) => this.#onRefused(detail))
    this.listen(choice, "changed", this.#onStructure)
    this.listen(this.app.page, "reveal", ({ detail }) => this.#reveal(detail))
    this.listen(this.element, "click", ({ target }) => useCode(target))
    this.#clock = setInterval(() => this.#redrawGoing(), 1000)
  }

  disconnect() {
    super.disconnect()
    clearInterval(this.#clock)
    this.#older.disconnect()
    this.#clear()
  }

  // --- internal

  get session() {
    return this.app.conversation.session
  }

  #onOpened() {
    this.#limit = PAGE
    this.part("transcript-notice").hidden = true
    this.#clear()
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
    if (this.#structure) this.#arrange()
    for (const id of this.#dirty) if (this.session?.message(id)) this.#views.get(id)?.update(this.session.message(id))
    this.#dirty.clear()
  }

  #arrange() {
    this.#structure = false
    const path = (this.session?.path ?? []).filter(({ role }) => SHOWN.has(role))
    const shown = path.slice(-this.#limit)
    const beside = this.session?.beside ?? []
    const waiting = this.app.outbox.waitingIn(this.session)
    this.#watchOlder(path.length > this.#limit)
    this.#keepOnly(new Set([...shown, ...beside, ...waiting].map(({ id }) => id)))
    shown.forEach((message, index) => this.#place(message, this.list, index))
    this.#arrangeBeside(beside, shown.length)
    waiting.forEach((message, index) => this.#place(message, this.list, shown.length + 1 + index))
    this.element.classList.toggle("loading", Boolean(this.session) && !this.session.ready)
    this.element.classList.toggle("blank", !shown.length && !waiting.length && !(this.session && !this.session.ready))
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

  #clear() {
    this.#keepOnly(new Set())
  }

  #redrawGoing() {
    for (const run of this.session?.activeRuns ?? []) this.#draw(run.message_id)
  }

  // Observed anew each time: an observer speaks only when something changes, and more may be needed at once.
  #watchOlder(more) {
    const mark = this.part("transcript-older")
    mark.hidden = !more
    this.#older.unobserve(mark)
    if (more) this.#older.observe(mark)
  }

  // What the reader looks at stays where it is: its distance to the end does not change.
  #showOlder() {
    const scroller = this.element.parentElement
    const toEnd = scroller.scrollHeight - scroller.scrollTop
    this.#limit += PAGE
    this.#arrange()
    scroller.scrollTop = scroller.scrollHeight - toEnd
  }

  // A message that was looked for, once its session is there: its branch is shown, from it to the end.
  #reveal({ session, message }) {
    if (this.session?.id !== session) return
    if (!this.session.ready) return setTimeout(() => this.#reveal({ session, message }), 100)
    this.session.show(message)
    const { path } = this.session
    this.#limit = Math.max(PAGE, path.length - path.findIndex(({ id }) => id === message))
    this.#arrange()
    const element = this.#views.get(message)?.element
    element?.scrollIntoView({ block: "center" })
    element?.focus({ preventScroll: true })
  }

  #onRefused({ command, reply }) {
    this.#notice(reply.error)
    if (command.type !== "message.edit") return
    EditForm.keep(command.message_id, command.text)
    this.#views.get(command.message_id)?.edit()
  }

  #notice(error) {
    const notice = this.part("transcript-notice")
    notice.hidden = false
    setText(notice, refusalInWords(error))
  }
}
