// The list of sessions in the sidebar, by day.

import { Controller, setText } from "#controllers/controller.js"
import { SessionItem } from "#controllers/session-item.js"
import { byDay } from "#helpers/days.js"

export class SessionsController extends Controller {
  #items = new Map() // session id → SessionItem

  connect() {
    const { sessions, conversation, router, socket } = this.app
    this.listen(sessions, "changed", this.#refresh)
    this.listen(conversation, "opened", this.#refresh)
    this.listen(conversation, "changed", this.#onChanged)
    this.listen(router, "change", this.#refresh)
    this.listen(socket, "open", () => sessions.refresh())
    this.listen(document, "visibilitychange", () => document.hidden || sessions.refresh())
    this.listen(this.part("sessions-more"), "click", () => sessions.loadMore())
  }

  disconnect() {
    super.disconnect()
    this.#items.forEach((item) => item.disconnect())
  }

  // --- internal

  #onChanged() {
    const { info } = this.app.conversation.session
    if (info) this.app.sessions.put(info)
  }

  #refresh() {
    const { sessions, hasMore, loaded } = this.app.sessions
    this.#dropGone(new Set(sessions.map(({ id }) => id)))
    this.part("sessions-list").replaceChildren(...byDay(sessions).map((group) => this.#group(group)))
    this.part("sessions-more").hidden = !hasMore
    this.part("sessions-empty").hidden = !loaded || sessions.length > 0
  }

  #group({ label, sessions }) {
    const group = document.createElement("section")
    const heading = document.createElement("h2")
    const list = document.createElement("ul")
    setText(heading, label)
    list.append(...sessions.map((session) => this.#item(session)))
    group.append(heading, list)
    return group
  }

  #item(session) {
    if (!this.#items.has(session.id)) {
      const item = new SessionItem(this.app)
      item.connect()
      this.#items.set(session.id, item)
    }
    return this.#items.get(session.id).update(session, session.id === this.app.router.sessionId)
  }

  #dropGone(ids) {
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue
      item.disconnect()
      this.#items.delete(id)
    }
  }
}
