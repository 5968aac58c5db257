// The dialog about who may see a session: people with their roles, and links. What the server refuses is said.

import { avatar } from "#controllers/avatar.js"
import { Controller, fromTemplate, setText } from "#controllers/controller.js"
import { language, said, t } from "#helpers/t.js"
import { copyText } from "#lib/clipboard.js"

export class SharingController extends Controller {
  #session = null

  connect() {
    this.listen(this.app.page, "share", ({ detail }) => this.open(detail))
    this.listen(this.part("people-form"), "submit", this.#onAdd)
    this.listen(this.part("link-form"), "submit", this.#onLink)
    this.listen(this.part("sharing-close"), "click", () => this.element.close())
    this.listen(this.part("link-copy"), "click", this.#onCopy)
  }

  open(session) {
    this.#session = session
    const owns = session.owner.id === this.app.me
    for (const element of this.element.querySelectorAll("[data-owner-only]")) element.hidden = !owns
    setText(this.part("sharing-name"), session.title || t("New chat"))
    this.part("link-made").hidden = true
    this.#say("")
    this.element.showModal()
    this.#refresh()
  }

  // --- internal

  get #owns() {
    return this.#session.owner.id === this.app.me
  }

  async #refresh() {
    const { id } = this.#session
    await this.#try(async () => {
      const members = (await this.app.api.members(id)).results
      this.part("members-list").replaceChildren(...members.map((member) => this.#memberItem(member)))
      const links = this.#owns ? (await this.app.api.links(id)).results : []
      this.part("links-list").replaceChildren(...links.map((link) => this.#linkItem(link)))
    })
  }

  #onAdd(event) {
    event.preventDefault()
    const form = event.target
    const { username, role } = Object.fromEntries(new FormData(form))
    this.#change(async () => {
      await this.app.api.addMember(this.#session.id, username.trim(), role)
      form.reset()
    })
  }

  #onLink(event) {
    event.preventDefault()
    const { days, live } = Object.fromEntries(new FormData(event.target))
    this.#change(async () => {
      const { url } = await this.app.api.addLink(this.#session.id, Number(days), live === "on")
      this.part("link-made").hidden = false
      this.part("link-url").value = url
      this.part("link-url").select()
    })
  }

  async #onCopy() {
    await copyText(this.part("link-url").value)
    this.#say(t("The link is copied."))
  }

  #memberItem(member) {
    const element = fromTemplate("member-template")
    const mine = member.id === this.app.me
    setText(element.querySelector("[data-member-name]"), mine ? t("{name} (you)", member) : member.name)
    element.prepend(avatar(member))
    const select = element.querySelector("select")
    const remove = element.querySelector("button")
    const fixed = member.role === "owner" || !this.#owns
    select.hidden = fixed
    setText(element.querySelector("[data-member-role]"), fixed ? roles[member.role]() : "")
    select.value = member.role
    select.addEventListener("change", () => this.#change(() => this.app.api.changeMember(this.#session.id, member.id, select.value)))
    remove.hidden = member.role === "owner" || !(this.#owns || mine)
    remove.setAttribute("aria-label", t("Remove {name}", member))
    remove.addEventListener("click", () => this.#remove(member, mine))
    return element
  }

  async #remove({ id }, mine) {
    await this.#change(() => this.app.api.removeMember(this.#session.id, id))
    if (!mine) return
    this.element.close()
    this.app.sessions.forget(this.#session.id)
    if (this.app.router.sessionId === this.#session.id) this.app.router.go("")
  }

  #linkItem(link) {
    const element = fromTemplate("link-template")
    const date = new Date(link.expires_at).toLocaleDateString(language(), { dateStyle: "medium" })
    const text = link.live ? t("Follows the chat, until {date}", { date }) : t("The chat as it stood, until {date}", { date })
    setText(element.querySelector("[data-link-text]"), text)
    element.querySelector("button").addEventListener("click", () => this.#change(() => this.app.api.revokeLink(this.#session.id, link.id)))
    return element
  }

  async #change(action) {
    this.#say("")
    if (await this.#try(action)) await this.#refresh()
  }

  async #try(action) {
    try {
      await action()
      return true
    } catch (error) {
      this.#say(said(error) || t("That did not work. Try again."))
      return false
    }
  }

  #say(words) {
    setText(this.part("sharing-news"), words)
  }
}

const roles = {
  owner: () => t("owner"),
  driver: () => t("may write"),
  commenter: () => t("may comment"),
  viewer: () => t("may read"),
}
