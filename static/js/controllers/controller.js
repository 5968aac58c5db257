// What all controllers share: an element, the app's objects, and listeners that end with the controller.

export class Controller {
  #scope = new AbortController()

  constructor(element, app) {
    this.element = element
    this.app = app
  }

  connect() {}

  disconnect() {
    this.#scope.abort()
  }

  // Listen to an element or a model for as long as this controller lives.
  listen(target, types, handler, options = {}) {
    const listener = (event) => handler.call(this, event)
    for (const type of types.split(" ")) target.addEventListener(type, listener, { ...options, signal: this.#scope.signal })
  }

  // What somebody asked for did not come about: the page says so.
  fail(error) {
    this.app.page.dispatchEvent(new CustomEvent("failed", { detail: error }))
  }

  // The element marked `data-NAME`, here or (for parts that lie elsewhere) on the page.
  part(name) {
    return this.element.querySelector(`[data-${name}]`) ?? document.querySelector(`[data-${name}]`)
  }
}

export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true)
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}
