// The list of sessions in the sidebar, by day. Changes are gathered and drawn once per frame, and only what changed is;
// older ones come as the reader scrolls down to them.

import { Controller, fromTemplate, setText } from "#controllers/controller.js"
import { Edges } from "#controllers/edges.js"
import { keepingFocus } from "#controllers/focus.js"
import { inOrder } from "#controllers/place.js"
import { SessionItem } from "#controllers/session-item.js"
import { groupsOf } from "#helpers/groups.js"
import { t } from "#helpers/t.js"

const NEAR = 400 // px from the end of the list

export class SessionsController extends Controller {
  #items = new Map() // session id → SessionItem
  #groups = new Map() // label, folders apart → element
  #wasRunning = false // the session that is shown
  #frame = null
  #edges = new Edges(this.element, () => this.#more(), NEAR)

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
    this.listen(this.part("sessions-archive"), "click", () => sessions.show(!sessions.archived).catch((error) => this.fail(error)))
    this.listen(this.part("sessions-more"), "click", this.#more)
  }

  disconnect() {
    super.disconnect()
    cancelAnimationFrame(this.#frame)
    this.#edges.disconnect()
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

  // What fails is asked for again when the list changes, or by the button.
  #more() {
    this.app.sessions.loadMore().catch(() => {})
  }

  #refresh() {
    this.#frame ??= requestAnimationFrame(() => this.#draw())
  }

  #draw() {
    this.#frame = null
    const { sessions, hasMore, loaded, archived, hasArchived } = this.app.sessions
    keepingFocus(this.part("sessions-list"), ".session", () => this.#lay(sessions))
    setText(this.part("sessions-archive"), archived ? t("Back to the chats") : t("Archived chats"))
    this.part("sessions-archive").hidden = !archived && !hasArchived
    this.#edges.watch(this.part("sessions-more"), hasMore)
    this.part("sessions-empty").hidden = !loaded || sessions.length > 0
  }

  #lay(sessions) {
    this.#dropGone(new Set(sessions.map(({ id }) => id)))
    this.#arrange(groupsOf(sessions, this.app.me))
  }

  // Elements move only where the order changed: a moved one would lose its menu or its open field.
  #arrange(groups) {
    const elements = new Map(groups.map((group) => [keyOf(group), this.#group(group)]))
    this.#groups = elements
    inOrder(this.part("sessions-list"), [...elements.values()])
  }

  #group({ label, folder, sessions }) {
    const group = this.#groups.get(keyOf({ label, folder })) ?? this.#newGroup(label, folder)
    inOrder(group.querySelector("ul"), sessions.map((session) => this.#item(session)))
    return group
  }

  #newGroup(label, folder) {
    const group = fromTemplate(folder ? "folder-template" : "group-template")
    setText(group.querySelector("[data-group-label]"), label)
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

function keyOf({ label, folder }) {
  return `${Boolean(folder)}:${label}`
}
