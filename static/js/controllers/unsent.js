// What can be done with a message that the server did not take, or that waits for the line: try again, change it, or
// give it up. One that the server may know by now can only be waited for.

export class UnsentView {
  #message
  #session

  // `part` gives the elements of the message.
  constructor(app, session, part) {
    this.app = app
    this.#session = session
    this.element = part("message-unsent")
    this.retry = part("unsent-retry")
    this.retry.addEventListener("click", () => this.#again())
    part("unsent-edit").addEventListener("click", () => this.#compose([this.#message, ...this.#waiting]))
    part("unsent-discard").addEventListener("click", () => this.#compose(this.#waiting))
  }

  update(message) {
    this.#message = message
    this.retry.hidden = message.status !== "refused"
    this.element.hidden = this.retry.hidden && !(message.status === "waiting" && !message.tried)
  }

  // --- internal

  // Below what is last by now, by the model that is chosen by now.
  #again() {
    this.app.outbox.retry(this.#message.id, { parent: this.#session?.end?.id, model: this.app.choice.current?.id })
  }

  // For the chat that it was to begin, and that does not begin now.
  get #waiting() {
    return this.app.queue.of(this.#message.id)
  }

  // Gives it up; these come into the field.
  #compose(given) {
    const { outbox, page, queue } = this.app
    const { id } = this.#message
    for (const { client_id } of this.#waiting) queue.take(id, client_id)
    if (this.#session) queue.settle(this.#session.id, id, null)
    outbox.discard(id)
    for (const { text, parts } of given) page.dispatchEvent(new CustomEvent("compose", { detail: { text, parts } }))
  }
}
