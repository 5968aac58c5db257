// The server's figures as they change, for operators: one stream, which the browser opens again by itself.

const NOTHING = "—"
const TIME = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" })

class Live {
  #root
  #source

  constructor(root) {
    this.#root = root
  }

  connect() {
    this.#source = new EventSource(this.#root.dataset.url)
    this.#source.onmessage = ({ data }) => this.#show(JSON.parse(data))
    this.#source.onerror = () => this.#say("lost")
  }

  disconnect() {
    this.#source.close()
  }

  #show(picture) {
    fill(this.#root, picture, ":scope > .module > table > tbody:not([data-rows]) [data-figure]")
    for (const body of this.#root.querySelectorAll("[data-rows]")) {
      const template = body.querySelector("template")
      const rows = picture[body.dataset.rows].map((row) => filled(template, row))
      body.replaceChildren(template, ...rows)
      body.closest(".module").querySelector("[data-none]")?.toggleAttribute("hidden", rows.length > 0)
    }
    this.#say("live")
  }

  #say(state) {
    for (const words of this.#root.querySelectorAll("[data-state]")) words.hidden = words.dataset.state !== state
  }
}

function filled(template, row) {
  const made = template.content.cloneNode(true)
  fill(made, row, "[data-figure]")
  return made
}

function fill(root, picture, selector) {
  for (const cell of root.querySelectorAll(selector)) {
    const value = cell.dataset.figure.split(".").reduce((inside, name) => inside?.[name], picture)
    cell.textContent = words(cell, value)
  }
}

// A moment in the reader's way, a state in the cell's own words, and the rest as it is.
function words(cell, value) {
  if (value === undefined || value === null) return NOTHING
  if (cell.dataset.as === "time") return TIME.format(new Date(value))
  return cell.getAttribute(`data-says-${value}`) ?? value
}

const root = document.getElementById("live")
if (root) {
  const live = new Live(root)
  live.connect()
  addEventListener("pagehide", () => live.disconnect())
}
