// Follows the end of the conversation while the reader is there, and leaves the reader alone otherwise.

import { Controller } from "#controllers/controller.js"

const NEAR = 48 // px from the end that still count as being there

export class ScrollController extends Controller {
  #following = true
  #last = 0
  #growth = new ResizeObserver(() => this.#follow())

  connect() {
    this.jump = this.part("scroll-jump")
    this.listen(this.element, "scroll", this.#onScroll, { passive: true })
    this.listen(this.jump, "click", this.toEnd)
    this.listen(this.app.conversation, "opened", this.toEnd)
    this.listen(this.app.outbox, "sent", this.toEnd)
    this.#growth.observe(this.part("scroll-content"))
    this.#growth.observe(this.element)
  }

  disconnect() {
    super.disconnect()
    this.#growth.disconnect()
  }

  toEnd() {
    this.app.page.dispatchEvent(new CustomEvent("latest"))
    this.#following = true
    this.#follow()
  }

  // --- internal

  #onScroll() {
    const { scrollTop } = this.element
    if (this.#isAtEnd) this.#following = true
    else if (scrollTop < this.#last) this.#following = false // only the reader scrolls up
    this.#last = scrollTop
    this.#show()
  }

  #follow() {
    if (this.#following && !this.#isEdited) this.element.scrollTop = this.element.scrollHeight
    this.#last = this.element.scrollTop
    this.#show()
  }

  // Of the conversation, of which the last messages may not be on the page.
  get #isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.element
    return this.part("transcript-newer").hidden && scrollHeight - clientHeight - scrollTop <= NEAR
  }

  // A message that is being changed stays in sight, however long its form makes the page.
  get #isEdited() {
    return this.element.contains(document.activeElement?.closest(".edit") ?? null)
  }

  #show() {
    this.jump.hidden = this.#following || this.#isAtEnd
  }
}
