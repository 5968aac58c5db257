// What people say of one message to each other, below it, and where one says something oneself.

import { autosize } from "#controllers/autosize.js"
import { avatar } from "#controllers/avatar.js"
import { Controller, fromTemplate, setText } from "#controllers/controller.js"
import { newId } from "#helpers/ids.js"
import { language, said, t } from "#helpers/t.js"

export class CommentsView extends Controller {
  #items = new Map() // comment id → element

  constructor(element, app, session) {
    super(element, app)
    this.session = session
  }

  update(messageId) {
    const comments = this.session?.company.commentsOn(messageId) ?? []
    this.element.hidden = !comments.length
    const known = new Set(comments.map(({ id }) => id))
    for (const [id, item] of this.#items) if (!known.has(id)) this.#drop(id, item)
    for (const comment of comments) if (!this.#items.has(comment.id)) this.#add(comment)
  }

  // --- internal

  #add(comment) {
    const item = fromTemplate("comment-template")
    this.#items.set(comment.id, item)
    const part = (name) => item.querySelector(`[data-comment-${name}]`)
    const author = comment.author ?? { id: "", name: comment.name }
    setText(part("author"), author.id === this.app.me ? t("You") : author.name)
    part("author").before(avatar(author))
    setText(part("time"), new Date(comment.created_at).toLocaleString(language(), { dateStyle: "short", timeStyle: "short" }))
    part("time").dateTime = comment.created_at
    setText(part("text"), comment.text)
    const { owner } = this.session.info
    part("remove").hidden = ![author.id, owner.id].includes(this.app.me)
    part("remove").addEventListener("click", () => this.app.api.removeComment(this.session.id, comment.id).catch((error) => this.fail(error)))
    this.element.append(item)
  }

  #drop(id, item) {
    this.#items.delete(id)
    item.remove()
  }
}

// Enter says it, Escape gives up. What was refused stays in the field, with the reason.
export class CommentForm extends Controller {
  #message
  #clientId = newId()

  constructor(app, session, message) {
    super(fromTemplate("comment-form-template"), app)
    this.session = session
    this.#message = message
    this.field = this.element.querySelector("textarea")
  }

  connect(host) {
    this.listen(this.element, "submit", this.send)
    this.listen(this.part("comment-cancel"), "click", this.disconnect)
    this.listen(this.field, "keydown", this.#onKey)
    this.listen(this.field, "input", () => autosize(this.field))
    host.querySelector("form.comment-form")?.remove()
    host.append(this.element)
    this.field.focus()
  }

  disconnect() {
    super.disconnect()
    const [host, had] = [this.element.parentElement, this.element.contains(document.activeElement)]
    this.element.remove()
    if (had) host.querySelector("[data-message-comment]").focus({ preventScroll: true })
  }

  async send(event) {
    event?.preventDefault()
    const text = this.field.value.trim()
    if (!text) return
    try {
      await this.app.api.addComment(this.session.id, { client_id: this.#clientId, text, message_id: this.#message.id })
      this.disconnect()
    } catch (error) {
      setText(this.part("comment-problem"), said(error) || t("That did not work. Try again."))
    }
  }

  #onKey(event) {
    if (event.key === "Escape") this.disconnect()
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.send(event)
  }
}
