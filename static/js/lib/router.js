// Which session the address names. Links marked `data-nav` change it without a page load.

const SESSION = /^\/s\/([0-9a-f-]{36})\/?$/

export class Router extends EventTarget {
  connect() {
    document.addEventListener("click", (event) => this.#onClick(event))
    window.addEventListener("popstate", () => this.#changed())
  }

  get sessionId() {
    return SESSION.exec(location.pathname)?.[1] ?? ""
  }

  go(id) {
    const path = id ? `/s/${id}` : "/"
    if (path !== location.pathname) history.pushState(null, "", path)
    this.#changed()
  }

  #onClick(event) {
    const link = event.target.closest?.("a[data-nav]")
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    this.go(SESSION.exec(new URL(link.href).pathname)?.[1])
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("change", { detail: this.sessionId }))
  }
}
