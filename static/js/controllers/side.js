// What a message has more where several answers stand side by side: whose it is and with which settings, a stop of its
// own, and the button that keeps it. Once one is kept, a button shows them all again.

import { setText } from "#controllers/controller.js"
import { textOf } from "#models/fold.js"

export class SideView {
  // `part` gives the elements of the message.
  constructor(app, session, part) {
    Object.assign(this, { app, session })
    this.head = part("side-head")
    this.keep = part("side-keep")
    this.stop = part("side-stop")
    this.all = part("side-all")
    this.keep.addEventListener("click", () => this.#stand(this.message.id))
    this.all.addEventListener("click", () => this.#stand(this.message.parent_id))
    this.stop.addEventListener("click", () => this.#stop())
  }

  get isBeside() {
    return this.session?.beside.some(({ id }) => id === this.message.id) ?? false
  }

  update(message, going) {
    this.message = message
    const { isBeside } = this
    const mayWrite = isBeside && this.session.mayWrite(this.app.me)
    this.head.hidden = !isBeside
    if (isBeside) setText(this.head, this.#name())
    this.keep.hidden = !mayWrite || going
    this.stop.hidden = !mayWrite || !going
    this.stop.disabled = Boolean(this.session?.runOf(message)?.stopping)
    this.all.hidden = isBeside || message.place == null
  }

  // --- internal

  #name() {
    const { place, provider, model, agent, options } = this.message
    const name = this.app.choice.find(agent)?.label ?? this.app.choice.labelOf({ provider, model })
    const set = Object.entries(options ?? {}).filter(([, value]) => typeof value !== "object")
    return [`${place + 1}. ${name}`, ...set.map(([key, value]) => `${key} ${value}`)].join(" · ")
  }

  #stand(id) {
    const leaf_id = this.session.show(id)
    if (this.session.mayWrite(this.app.me)) this.app.api.updateSession(this.session.id, { leaf_id }).catch(() => {}) // shown here all the same
  }

  #stop() {
    const run = this.session.runOf(this.message)
    if (run) this.app.conversation.stop(run, textOf(this.message.parts).length)
  }
}
