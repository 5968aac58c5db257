// For those who listen rather than look: says when an answer has ended, and what was not sent. The page's title follows the session.

import { Controller, setText } from "#controllers/controller.js"
import { stateOf } from "#helpers/state.js"
import { t } from "#helpers/t.js"

export class AnnouncerController extends Controller {
  #run = null

  connect() {
    this.listen(this.app.conversation, "opened", this.#onOpened)
    this.listen(this.app.conversation, "changed message", this.#refresh)
    this.listen(this.app.outbox, "refused", this.#onRefused)
  }

  // --- internal

  #onOpened() {
    this.#run = null
    setText(this.element, "")
    this.#showTitle()
  }

  #refresh() {
    const { session } = this.app.conversation
    if (this.#run && this.#run.id !== session.activeRuns.at(-1)?.id) this.#say(session.message(this.#run.message_id))
    this.#run = session.activeRuns.at(-1) ?? null
    this.#showTitle()
  }

  #onRefused({ detail: { command, error } }) {
    if (command.type === "message.send") this.#say({ status: "refused", error })
  }

  #say(message) {
    const problem = message && stateOf(message).problem
    setText(this.element, problem?.label ?? t("The answer is complete."))
  }

  #showTitle() {
    const title = this.app.conversation.session?.info?.title
    document.title = title ? `${title} · Parley` : "Parley"
  }
}
