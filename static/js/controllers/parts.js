// The parts of a message, one view each, in their order. Sources are gathered in a list below.

import { fromTemplate } from "#controllers/controller.js"
import { LanesView } from "#controllers/lanes.js"
import { MarkdownView } from "#controllers/markdown.js"
import { MediaView } from "#controllers/media.js"
import { QUESTION, QuestionView } from "#controllers/question.js"
import { ReasoningView } from "#controllers/reasoning.js"
import { ToolCallView } from "#controllers/tool-call.js"
import { sourceItem } from "#controllers/source.js"
import { gathered } from "#models/sources.js"

export class PartsView {
  #views = []
  #cited = 0 // sources

  constructor(element, sources, app) {
    this.element = element
    this.sources = sources
    this.app = app
  }

  update(message, growing) {
    const lanes = message.parts.some(isLanes) // they say what is missing, too
    const shown = message.parts.filter(({ type, name }) => type in makers && !(lanes && name === "missing"))
    shown.forEach((part, index) => this.#viewAt(index, part, message).update(part, growing && Boolean(part.open), message))
    while (this.#views.length > shown.length) this.#removeLast()
    this.#showSources(message.parts.filter(({ type }) => type === "source"))
  }

  disconnect() {
    while (this.#views.length) this.#removeLast()
  }

  // --- internal

  #viewAt(index, part, message) {
    const present = this.#views[index]
    const id = part.id ?? part.name
    if (present?.type === part.type && present.id === id) return present.view
    while (this.#views.length > index) this.#removeLast()
    const view = makers[part.type](message, this.app, part)
    this.#views.push({ type: part.type, id, view })
    this.element.append(view.element)
    return view
  }

  #removeLast() {
    const { view } = this.#views.pop()
    view.disconnect?.()
    view.element.remove()
  }

  #showSources(parts) {
    if (parts.length === this.#cited) return
    this.#cited = parts.length
    this.sources.replaceChildren(...gathered(parts).map(sourceItem))
    this.sources.hidden = !parts.length
  }
}

const makers = {
  text: (message) => (message.role === "user" ? new PlainView() : new TextView()),
  reasoning: () => new ReasoningView(),
  data: (message, app, part) => (isLanes(part) ? new LanesView(app, (...places) => new PartsView(...places, app)) : new DataView()),
  "tool-call": (message, app, part) => (part.name === QUESTION ? new QuestionView(app) : new ToolCallView(app)),
  image: () => new MediaView(),
  audio: () => new MediaView(),
  video: () => new MediaView(),
  file: () => new MediaView(),
}

function isLanes({ type, name }) {
  return type === "data" && name === "agents"
}

class TextView {
  element = document.createElement("div")
  #view = new MarkdownView(this.element)

  update(part, growing) {
    this.#view.update(part.text ?? "", growing)
  }

  disconnect() {
    this.#view.disconnect()
  }
}

class PlainView {
  element = Object.assign(document.createElement("div"), { className: "plain" })

  update(part) {
    if (this.element.textContent !== part.text) this.element.textContent = part.text ?? ""
  }
}

class DataView {
  element = fromTemplate("data-template")

  update(part) {
    this.element.firstElementChild.textContent = part.name
    this.element.lastElementChild.textContent = JSON.stringify(part.value, null, 2)
  }
}
