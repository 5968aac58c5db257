// Commands in the message field, and prompts of one's own: a slash opens the list, arrows choose, Enter or Tab takes,
// Escape closes.

import { Controller, setText } from "#controllers/controller.js"
import { Places } from "#controllers/places.js"
import { offered, slashOf } from "#helpers/slash.js"
import { said, t } from "#helpers/t.js"

export class SlashController extends Controller {
  #offers = []
  #at = 0
  #isAsked = false // for the prompts, since a slash was typed
  #places

  connect() {
    this.field = this.part("composer-input")
    this.#places = new Places(this.field)
    this.app.prompts.load().catch(() => {}) // asked for again with the slash
    this.listen(this.field, "input", this.#onInput)
    this.listen(this.field, "keydown", this.#onKey, { capture: true })
    this.listen(this.field, "blur", this.#close)
    this.listen(this.app.conversation, "opened", this.#close)
    this.listen(this.element, "pointerdown", (event) => event.preventDefault()) // the field keeps the focus
    this.listen(this.element, "click", ({ target }) => this.#take([...this.element.children].indexOf(target.closest("[role=option]"))))
  }

  // --- internal

  get #commands() {
    const { session } = this.app.conversation
    const end = session?.end
    const commands = [
      { name: "model", about: t("Choose a model"), options: (words) => this.#models(words, ({ provider }) => provider) },
      { name: "agent", about: t("Choose an agent"), options: (words) => this.#models(words, ({ provider }) => !provider) },
      { name: "system", about: t("Instructions for this chat"), start: session?.info?.system_prompt, options: (text) => [this.#system(text)] },
      { name: "compare", about: t("Answer side by side"), run: () => this.#tell("compare") },
      { name: "stop", about: t("Stop the answer"), run: () => this.#tell("stop"), isOff: !session?.activeRuns.length },
      { name: "retry", about: t("Answer again"), run: () => this.#retry(end), isOff: end?.role !== "assistant" || session.activeRuns.length },
      { name: "new", about: t("New chat"), run: () => this.app.router.go("") },
      { name: "help", about: t("All commands"), start: null },
    ]
    return [...commands.filter(({ isOff }) => !isOff), ...this.#own].map((command) => ({ label: `/${command.name}`, ...command }))
  }

  get #own() {
    return this.app.prompts.commands.map(({ name, about, text }) => {
      const offer = (words) => ({ label: `/${name}`, about, run: () => this.#put(text(words)) })
      return { name, ...offer(), options: (words) => [offer(words)] }
    })
  }

  #put(text) {
    this.#write(text)
    this.#places.begin()
  }

  #models(words, fits) {
    const found = [...this.app.choice.matching(words).values()].flat().filter(fits)
    return found.map(({ id, label, model, provider_label }) => ({ label: label || model, about: provider_label, run: () => this.app.choice.choose(id) }))
  }

  #system(text) {
    return { label: text ? t("Use these instructions") : t("No instructions"), about: "", run: () => this.#instruct(text) }
  }

  async #instruct(system_prompt) {
    const { session } = this.app.conversation
    try {
      if (session) await this.app.api.updateSession(session.id, { system_prompt })
      else this.app.router.go((await this.app.api.createSession({ system_prompt })).id)
      setText(this.part("slash-news"), t("Saved: the next answers go by it."))
    } catch (error) {
      setText(this.part("slash-news"), said(error) || t("That did not work. Try again."))
    }
  }

  #retry({ id }) {
    const model = this.app.choice.current?.id
    this.app.outbox.send({ type: "message.regenerate", message_id: id, ...(model && { model }) })
  }

  #tell(name) {
    this.app.page.dispatchEvent(new CustomEvent(name))
  }

  #onKey(event) {
    if (this.element.hidden || event.isComposing) return
    const action = { ArrowDown: () => this.#move(1), ArrowUp: () => this.#move(-1), Enter: () => this.#take(this.#at), Tab: () => this.#take(this.#at), Escape: () => this.#close() }[event.key]
    if (!action || event.shiftKey) return
    event.preventDefault()
    event.stopImmediatePropagation()
    action()
  }

  #move(step) {
    this.#at = (this.#at + step + this.#offers.length) % this.#offers.length
    this.#mark()
  }

  #take(at) {
    const offer = this.#offers[at]
    if (!offer) return
    if (offer.run) this.#write("")
    else this.#write(offer.start === null ? "/" : `${offer.label} ${offer.start ?? ""}`)
    offer.run?.()
  }

  #write(text) {
    this.field.value = text
    this.field.dispatchEvent(new Event("input"))
  }

  // Another tab may have saved one meanwhile.
  #onInput() {
    this.#refresh()
    const isSlash = slashOf(this.field.value) !== null
    if (isSlash && !this.#isAsked) this.app.prompts.load().then(() => this.#isAsked && this.#refresh(), () => {})
    this.#isAsked = isSlash
  }

  #refresh() {
    setText(this.part("slash-news"), "")
    this.#offers = offered(this.#commands, this.field.value)
    this.#at = 0
    this.element.hidden = !this.#offers.length
    this.element.replaceChildren(...this.#offers.map(option))
    this.#mark()
  }

  #close() {
    this.#offers = []
    this.element.hidden = true
    this.field.removeAttribute("aria-activedescendant")
  }

  #mark() {
    const options = [...this.element.children]
    options.forEach((one, at) => one.setAttribute("aria-selected", at === this.#at))
    options[this.#at]?.scrollIntoView({ block: "nearest" })
    if (options.length) this.field.setAttribute("aria-activedescendant", options[this.#at].id)
    else this.field.removeAttribute("aria-activedescendant")
  }
}

function option({ label, about }, at) {
  const made = Object.assign(document.createElement("div"), { className: "option", id: `slash-${at}`, textContent: label })
  made.setAttribute("role", "option")
  made.append(Object.assign(document.createElement("small"), { textContent: about }))
  return made
}
