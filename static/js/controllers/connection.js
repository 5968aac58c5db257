// Says in plain words how the line to the server is. A reconnect that takes a moment is not worth a word.

import { Controller, setText } from "#controllers/controller.js"
import { t } from "#helpers/t.js"

const PATIENCE = 1_500 // ms
const SIGNED_OUT = 4401

export class ConnectionController extends Controller {
  #timer = null

  connect() {
    const { socket } = this.app
    this.listen(socket, "state", this.#refresh)
    this.listen(this.app.conversation, "catching", this.#refresh)
    this.listen(window, "online", this.#onOnline)
    this.listen(window, "offline", this.#refresh)
    this.listen(document, "visibilitychange", () => document.hidden || socket.wake())
    this.listen(window, "pageshow", ({ persisted }) => persisted && socket.wake())
    this.#refresh()
  }

  disconnect() {
    super.disconnect()
    clearTimeout(this.#timer)
  }

  // --- internal

  #onOnline() {
    this.app.socket.wake()
    this.#refresh()
  }

  #refresh() {
    clearTimeout(this.#timer)
    const { state, closeCode } = this.app.socket
    if (state === "closed" && closeCode === SIGNED_OUT) return this.#signIn()
    if (state === "connected") return this.#sayConnected()
    if (state === "closed") return this.#say("closed")
    this.#timer = setTimeout(() => this.#say(navigator.onLine ? "reconnecting" : "offline"), PATIENCE)
  }

  #sayConnected() {
    this.#say(navigator.onLine ? connected[this.app.socket.kind] : "offline")
    if (this.app.conversation.catchingUp) this.#timer = setTimeout(() => this.#say("catching"), PATIENCE)
  }

  #say(state) {
    this.element.dataset.state = state
    this.element.title = words[state]()
    setText(this.part("connection-label"), words[state]())
  }

  #signIn() {
    location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`)
  }
}

const connected = { socket: "connected", http: "roundabout", pages: "pages" }
const words = {
  connected: () => t("Connected"),
  roundabout: () => t("Connected without WebSocket: something on the way stops it."),
  pages: () => t("Connected, but a proxy on the way holds text back: it comes in pieces."),
  catching: () => t("Catching up…"),
  reconnecting: () => t("Reconnecting…"),
  offline: () => t("You are offline"),
  closed: () => t("Disconnected. Reload the page."),
}
