// One message: its parts, its state in words, its actions. It draws what the session says and decides nothing.

import { drawAvatar } from "#controllers/avatar.js"
import { CommentForm, CommentsView } from "#controllers/comments.js"
import { ContextView } from "#controllers/context.js"
import { Controller, fromTemplate, setText } from "#controllers/controller.js"
import { EditForm } from "#controllers/edit.js"
import { PartsView } from "#controllers/parts.js"
import { SetAsideView } from "#controllers/set-aside.js"
import { SideView } from "#controllers/side.js"
import { UnsentView } from "#controllers/unsent.js"
import { newsInWords } from "#helpers/asking.js"
import { provenance } from "#helpers/provenance.js"
import { quoted } from "#helpers/quote.js"
import { stateOf } from "#helpers/state.js"
import { t } from "#helpers/t.js"
import { copyText } from "#lib/clipboard.js"
import { textOf } from "#models/fold.js"

const UNSENT = new Set(["waiting", "sending", "refused"])

export class MessageController extends Controller {
  #parts
  #setAside
  #context
  #side
  #unsent
  #comments
  #message
  #nameOf = (asked) => this.app.choice.labelOf(asked)

  constructor(app, session) {
    super(fromTemplate("message-template"), app)
    this.session = session
    this.#setAside = new SetAsideView(this.part("message-set-aside"))
    this.#context = new ContextView(this.part("message-context"), app)
    this.#side = new SideView(app, session, (name) => this.part(name))
    this.#unsent = new UnsentView(app, session, (name) => this.part(name))
    this.#comments = new CommentsView(this.part("message-comments"), app, session)
    this.#parts = new PartsView(this.part("message-parts"), this.part("message-sources"), app)
  }

  connect() {
    this.#onClick("message-copy", this.copy)
    this.#onClick("message-quote", this.quote)
    this.#onClick("message-edit", this.edit)
    this.#onClick("message-regenerate", this.regenerate)
    this.#onClick("message-comment", this.comment)
    this.#onClick("message-retry", this.regenerate)
    this.#onClick("message-model", () => this.app.page.dispatchEvent(new CustomEvent("models")))
    this.#onClick("branch-back", () => this.#flip(-1))
    this.#onClick("branch-on", () => this.#flip(+1))
  }

  disconnect() {
    super.disconnect()
    this.#parts.disconnect()
    this.element.remove()
  }

  update(message) {
    const isNew = !this.#message
    this.#message = message
    const run = this.session?.runOf(message)
    const state = run ? this.#stateOf(message, run) : stateOf(message)
    Object.assign(this.element.dataset, { role: message.role, status: message.status, id: message.id })
    this.#setAside.update(run?.set_aside ?? message.set_aside)
    this.#parts.update(message, state.going)
    this.#context.update(message)
    this.#comments.update(message.id)
    this.#side.update(message, state.going)
    this.#unsent.update(message)
    this.#showState(message, state)
    this.#showBranches(message)
    this.#showAuthor(message)
    setText(this.part("message-provenance"), this.#provenance(message, state))
    if (isNew && EditForm.isBegun(message.id)) this.edit()
  }

  async copy() {
    const drawn = this.#message.role === "assistant" ? this.part("message-parts") : null
    await copyText(textOf(this.#message.parts), drawn)
    this.element.classList.add("copied")
    setTimeout(() => this.element.classList.remove("copied"), 1500)
  }

  // What the reader marked in it, else the whole.
  quote() {
    const marked = getSelection()
    const isHere = !marked.isCollapsed && this.part("message-parts").contains(marked.anchorNode)
    const text = isHere ? marked.toString() : textOf(this.#message.parts)
    this.app.page.dispatchEvent(new CustomEvent("compose", { detail: { text: quoted(text) } }))
  }

  edit() {
    new EditForm(this.app, this.#message, this.element).connect()
  }

  comment() {
    new CommentForm(this.app, this.session, this.#message).connect(this.element)
  }

  regenerate() {
    const model = this.#side.isBeside ? null : this.app.choice.current?.id // who stands there asks the same again
    this.app.outbox.send({ type: "message.regenerate", message_id: this.#message.id, ...(model && { model }) })
  }

  // --- internal

  #onClick(name, action) {
    this.listen(this.part(name), "click", action)
  }

  #showState(message, { going, wait, problem }) {
    this.part("message-wait").hidden = !wait
    setText(this.part("message-wait-label"), wait?.label ?? "")
    this.part("message-state").hidden = !problem
    this.part("message-state").classList.toggle("calm", problem?.calm ?? false)
    setText(this.part("message-state-label"), problem?.label ?? "")
    this.part("message-bar").hidden = going || UNSENT.has(message.status)
    this.part("message-quote").hidden = message.role !== "assistant"
    const looksOn = this.session?.mayWrite(this.app.me) === false
    this.part("message-edit").hidden = looksOn || message.role !== "user"
    this.part("message-regenerate").hidden = looksOn || message.role !== "assistant" || Boolean(problem)
    this.part("message-comment").hidden = !this.session?.mayComment(this.app.me)
    this.part("message-retry").hidden = looksOn || message.role !== "assistant"
    this.part("message-model").hidden = looksOn || !problem?.model || this.#side.isBeside
  }

  #showAuthor({ role, author }) {
    const other = role === "user" && author && author.id !== this.app.me
    this.element.classList.toggle("named", Boolean(other))
    this.part("message-face").hidden = !other
    if (other) drawAvatar(this.part("message-face"), author)
    setText(this.part("message-who"), other ? author.name : role === "user" ? t("You") : t("Answer"))
  }

  #stateOf(message, run) {
    const news = newsInWords(this.session.runs.newsOf(run.id), this.#nameOf)
    return stateOf(message, run, this.session.runs.quietFor(run.id), news)
  }

  #showBranches(message) {
    const siblings = this.session?.message(message.id) && !this.#side.isBeside ? this.session.siblings(message) : []
    const index = siblings.findIndex(({ id }) => id === message.id)
    this.part("message-branches").hidden = siblings.length < 2
    setText(this.part("branch-label"), `${index + 1}/${siblings.length}`)
    this.part("branch-back").disabled = index <= 0
    this.part("branch-on").disabled = index === siblings.length - 1
  }

  #flip(step) {
    const siblings = this.session.siblings(this.#message)
    const index = siblings.findIndex(({ id }) => id === this.#message.id)
    const chosen = siblings[index + step]
    if (!chosen) return
    const leaf_id = this.session.show(chosen.id)
    if (!this.session.mayWrite(this.app.me)) return
    this.app.api.updateSession(this.session.id, { leaf_id }).catch(() => {}) // only the place after a reload
  }

  #provenance(message, { going }) {
    if (going || message.role !== "assistant") return ""
    return provenance(message, this.#nameOf)
  }
}
