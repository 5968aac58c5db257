// The list of sessions in the sidebar, by day.

import { Controller, fromTemplate, setText } from "#controllers/controller.js"
import { SessionItem } from "#controllers/session-item.js"
import { groupsOf } from "#helpers/groups.js"
import { t } from "#helpers/t.js"

export class SessionsController extends Controller {
  #items = new Map() // session id → SessionItem
  #wasRunning = false // the session that is shown
  #order = "" // of the groups and items that are on the page

  connect() {
    const { activity, sessions, conversation, router, socket } = this.app
    this.listen(sessions, "changed", this.#refresh)
    this.listen(activity, "changed", ({ detail }) => sessions.loaded && detail.forEach((session) => sessions.put(session)))
    this.listen(activity, "changed", this.#refresh)
    this.listen(conversation, "opened", this.#refresh)
    this.listen(conversation, "changed", this.#onChanged)
    this.listen(conversation, "changed message", this.#onRuns)
    this.listen(router, "change", this.#onRoute)
    this.listen(socket, "open", this.#ask)
    this.listen(document, "visibilitychange", this.#onVisible)
    activity.look(router.sessionId)
    if (!document.hidden) activity.wake()
    this.listen(this.part("sessions-archive"), "click", () => sessions.show(!sessions.archived).catch(() => {}))
    this.listen(this.part("sessions-more"), "click", () => sessions.loadMore().catch(() => {}))
  }

  disconnect() {
    super.disconnect()
    this.#items.forEach((item) => item.disconnect())
  }

  // --- internal

  // What cannot be fetched now is asked for again at the next reconnect.
  #ask() {
    this.app.sessions.refresh().catch(() => {})
  }

  #onRoute() {
    this.app.activity.look(this.app.router.sessionId)
    this.#refresh()
  }

  #onVisible() {
    if (document.hidden) return this.app.activity.sleep()
    this.app.activity.wake()
    this.#ask()
  }

  #onChanged() {
    const { info } = this.app.conversation.session
    if (info) this.app.sessions.put(info)
  }

  #onRuns() {
    const isRunning = this.app.conversation.session.activeRuns.length > 0
    if (isRunning !== this.#wasRunning) this.app.activity.poke()
    this.#wasRunning = isRunning
  }

  #refresh() {
    const { sessions, hasMore, loaded, archived, hasArchived } = this.app.sessions
    this.#dropGone(new Set(sessions.map(({ id }) => id)))
    this.#arrange(groupsOf(sessions, this.app.me))
    setText(this.part("sessions-archive"), archived ? t("Back to the chats") : t("Archived chats"))
    this.part("sessions-archive").hidden = !archived && !hasArchived
    this.part("sessions-more").hidden = !hasMore
    this.part("sessions-empty").hidden = !loaded || sessions.length > 0
  }

  // Elements move only when the order changed: a moved one would lose its focus, its menu or its open field.
  #arrange(groups) {
    const order = groups.map(({ label, folder, sessions }) => [label, Boolean(folder), ...sessions.map(({ id }) => id)].join()).join(";")
    const made = groups.map((group) => ({ ...group, items: group.sessions.map((session) => this.#item(session)) }))
    if (order !== this.#order) this.part("sessions-list").replaceChildren(...made.map((group) => this.#group(group)))
    this.#order = order
  }

  #group({ label, folder, items }) {
    const group = fromTemplate(folder ? "folder-template" : "group-template")
    setText(group.querySelector("[data-group-label]"), label)
    group.querySelector("ul").append(...items)
    if (folder) this.#fold(group, `folder:${folder}`)
    return group
  }

  // A folder is as it was left in this browser.
  #fold(group, key) {
    group.open = localStorage.getItem(key) !== "closed"
    group.addEventListener("toggle", () => localStorage.setItem(key, group.open ? "open" : "closed"))
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
