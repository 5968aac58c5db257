// Dictation, where the browser can turn speech into text: what is said goes behind what is written. The button stays
// hidden elsewhere. The browser decides who does the listening; Parley gets the text alone.

import { Controller } from "#controllers/controller.js"
import { language, t } from "#helpers/t.js"

const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition

export class VoiceController extends Controller {
  #recognition = null
  #before = ""

  connect() {
    if (!Recognition) return
    this.field = this.part("composer-input")
    this.listen(this.element, "click", () => (this.#recognition ? this.#recognition.stop() : this.#start()))
    this.listen(this.app.conversation, "opened", () => this.#recognition?.abort())
    this.element.hidden = false
    this.#show(t("Dictate: your browser turns speech into text"))
  }

  disconnect() {
    super.disconnect()
    this.#recognition?.abort()
  }

  // --- internal

  #start() {
    const recognition = Object.assign(new Recognition(), { continuous: true, interimResults: true, lang: language() })
    this.#before = this.field.value && `${this.field.value.trimEnd()} `
    let problem = ""
    recognition.onresult = ({ results }) => this.#write([...results].map(([best]) => best.transcript).join(""))
    recognition.onerror = ({ error }) => (problem = problems[error]?.() ?? "")
    recognition.onend = () => this.#end(problem)
    recognition.start()
    this.#recognition = recognition
    this.element.setAttribute("aria-pressed", "true")
    this.#show(t("Stop dictating"))
  }

  #write(text) {
    this.field.value = this.#before + text
    this.field.dispatchEvent(new Event("input"))
  }

  #end(problem) {
    this.#recognition = null
    this.element.setAttribute("aria-pressed", "false")
    this.#show(problem || t("Dictate: your browser turns speech into text"))
  }

  #show(label) {
    this.element.title = label
    this.element.setAttribute("aria-label", label)
  }
}

const problems = {
  "not-allowed": () => t("The browser does not allow the microphone here."),
  "audio-capture": () => t("There is no microphone."),
  network: () => t("The browser's dictation cannot be reached."),
}
