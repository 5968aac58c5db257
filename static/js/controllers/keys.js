// One's own API keys: made, shown this once, revoked. Those that were revoked are not listed.

import { fromTemplate, setText } from "#controllers/controller.js"
import { Section } from "#controllers/section.js"
import { language, t } from "#helpers/t.js"
import { copyText } from "#lib/clipboard.js"

const DAY = 86_400_000 // ms

export class KeysController extends Section {
  connect() {
    this.listen(this.part("keys-form"), "submit", this.make)
    this.listen(this.part("key-copy"), "click", this.copy)
    this.#load()
  }

  async make(event) {
    event.preventDefault()
    const { name, scope, days } = Object.fromEntries(new FormData(event.target))
    const expires_at = days ? new Date(Date.now() + days * DAY).toISOString() : null
    const made = await this.told(this.app.api.addKey({ name, scopes: scope ? [scope] : [], expires_at }))
    if (!made) return
    event.target.reset()
    this.part("key-made").hidden = false
    this.part("key-value").value = made.key
    this.part("key-value").select()
    this.#load()
  }

  async copy() {
    await copyText(this.part("key-value").value)
    this.say(t("The key is copied."))
  }

  revoke(key) {
    this.confirm(() => this.#revoked(key))
  }

  // --- internal

  async #revoked(key) {
    if (!(await this.told(this.app.api.revokeKey(key.id)))) return
    this.part("key-made").hidden = true
    this.#load()
  }

  async #load() {
    const items = []
    for (let page = "/api/keys/"; page; ) {
      const found = await this.told(this.app.api.keys(page))
      if (!found) return
      items.push(...found.results.filter(({ revoked_at }) => !revoked_at).map((key) => this.#item(key)))
      page = found.next
    }
    this.part("keys-list").replaceChildren(...items)
  }

  #item(key) {
    const item = fromTemplate("key-template")
    const name = key.name || t("Key")
    setText(item.querySelector("[data-key-name]"), name)
    setText(item.querySelector("[data-key-hint]"), `…${key.hint}`)
    setText(item.querySelector("[data-key-times]"), times(key))
    const button = item.querySelector("button")
    button.setAttribute("aria-label", t("Revoke {name}", { name }))
    this.listen(button, "click", () => this.revoke(key))
    return item
  }
}

function times({ expires_at, last_used_at }) {
  const used = last_used_at ? t("Last used {date}", { date: day(last_used_at) }) : t("Never used")
  if (!expires_at) return used
  const date = day(expires_at)
  return `${used} · ${new Date(expires_at) > new Date() ? t("Works until {date}", { date }) : t("Ended {date}", { date })}`
}

const day = (text) => new Date(text).toLocaleDateString(language(), { dateStyle: "medium" })
